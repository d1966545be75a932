"""The small languages inside LogQL's strings: addresses, and paths into JSON and logfmt."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

_PREFIX_LENGTH: Final = re.compile("0|[1-9][0-9]{0,2}")
_SPACE: Final = r"[ \t\n]*+"
_ACCESS: Final = rf'\[{_SPACE}(?:"[^"\]]*"|[0-9]+){_SPACE}\]'
_FIELD: Final = "[A-Za-z_][A-Za-z0-9_]*+"
# No possessive repetition of a group: before 3.11.5 Python does not go back where one fails midway.
_JSON: Final = re.compile(
    rf"{_SPACE}(?:{_FIELD}|{_ACCESS}){_SPACE}(?:(?:{_ACCESS}|\.{_SPACE}{_FIELD}){_SPACE})*"
)
_INDEX: Final = re.compile(r"\[[ \t\n]*([0-9]{19,})")
_LOGFMT: Final = re.compile(
    rf'{_SPACE}(?:{_FIELD}|"[^"\]]*+(?:["\]]|\Z)){_SPACE}(?:"[^"\]]*+(?:["\]]|\Z){_SPACE})*'
)


def is_address_pattern(pattern: str) -> bool:
    """An address, a network such as 10.0.0.0/8, or a range such as 10.0.0.1-10.0.0.9."""
    if _address(pattern):
        return True
    network, slash, length = pattern.rpartition("/")
    address = _address(network)
    if slash and address and "%" not in network and _PREFIX_LENGTH.fullmatch(length):
        return int(length) <= address.max_prefixlen
    begin, _, end = pattern.partition("-")
    first, last = _address(begin), _address(end)
    if first is None or last is None or first.version != last.version:
        return False
    return int(first) <= int(last)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    bare, percent, zone = text.partition("%")
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    # To Go a zone is any text behind an IPv6 address.
    return address if not percent or (zone and address.version == 6) else None


def is_json_path(path: str) -> bool:
    """``pod.labels["app"][0]``."""
    return _JSON.fullmatch(path) is not None and not _too_large(path)


def _too_large(path: str) -> bool:
    bare = re.sub('"[^"]*"', "", path)
    return any(int(index) >= 2**63 for index in _INDEX.findall(bare))


def is_logfmt_path(path: str) -> bool:
    """A field's name, bare or in quotes."""
    return _LOGFMT.fullmatch(path) is not None
