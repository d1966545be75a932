"""The fixtures of tests/conftest.py that decide whether a test runs."""

from __future__ import annotations

import pytest


def test_a_missing_program_is_skipped_by_name(need_binary, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"^no-such-program is not on the PATH$"):
        need_binary("no-such-program")


def test_a_missing_program_fails_in_ci(need_binary, monkeypatch):
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception) as caught:
        need_binary("no-such-program")
    assert str(caught.value) == "no-such-program is not on the PATH, and .ci/run installs it"


def test_a_program_that_is_there_is_its_path(need_binary):
    assert need_binary("sh").endswith("/sh")
