"""The pages' addresses elsewhere answer; asked only where LIVE_ADDRESSES is set."""

from __future__ import annotations

import os

import pytest
import requests

from tests.docs.pages import PAGES
from tests.docs.test_links import external

ADDRESSES = sorted({address for page in PAGES for address in external(page)})


@pytest.mark.parametrize("address", ADDRESSES)
def test_it_answers(address: str) -> None:
    if not os.environ.get("LIVE_ADDRESSES"):
        pytest.skip("addresses elsewhere are asked where LIVE_ADDRESSES is set")
    answer = requests.get(address, timeout=30, headers={"User-Agent": "link check"})
    assert answer.status_code < 400, answer.status_code
