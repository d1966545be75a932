"""Tests against real servers; `make live` runs them."""
