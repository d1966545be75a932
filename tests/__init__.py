"""Mirrors the packages: tests/delivery/test_write.py tests delivery/write.py."""
