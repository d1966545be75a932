"""Addresses that may be committed: plain, and without a user or a query that could be a secret."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

Url = Annotated[
    str,
    StringConstraints(pattern=r"^https?://[a-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*$"),
]
