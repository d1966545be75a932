"""The scalar types of the catalog: names, durations, sizes and percentages.

Durations are written as Prometheus writes them (``5m``, ``720h``, ``30d``) and held as
whole seconds; sizes are decimal (``1.7GB`` is 1.7e9 bytes) because the volumes of the
system were estimated so, or binary (``512MiB``), and held as whole bytes.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

_DURATION_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}
_SIZE_UNITS = {
    "B": 1,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
    "TiB": 2**40,
}
#: Nine digits are more than any duration or size needs, and no arithmetic overflows.
_DURATION = re.compile(r"([1-9][0-9]{0,8})([smhdwy])")
_SIZE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(B|[KMGT]i?B)")
#: Control characters, surrogates, line and paragraph separators: none belongs in one line.
_NOT_IN_A_LINE = frozenset({"Cc", "Cs", "Zl", "Zp"})


class MisfitError(ValueError):
    """A value that pydantic's own rules take and the catalog does not.

    ``fault`` completes the sentence that begins with the name of the value; ``at`` leads
    from the model that is checked to the value that is wrong.
    """

    def __init__(self, fault: str, remedy: str, *at: str | int) -> None:
        super().__init__(fault)
        self.fault, self.remedy, self.at = fault, remedy, at


def shown(value: object) -> str:
    """The value as it is quoted in a message: short, and on one line."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, tuple | list):
        return "a list" if value else "an empty list"
    if value == "":
        return "empty text"
    # An address may carry a password, and messages end in logs.
    text = re.sub(r"//[^/]*@", "//***@", repr(value))
    return text if len(text) <= 60 else f"{text[:56]}...{text[-1]}"


def parse_duration(value: object) -> int:
    """Seconds of ``5m``; :class:`MisfitError` says what is wrong with anything else."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise MisfitError(
            f"is {shown(value)}, not a duration",
            "Write a whole number and one of s, m, h, d, w, y, as in 30d",
        )
    return int(match[1]) * _DURATION_UNITS[match[2]]


def format_duration(seconds: int) -> str:
    """The shortest Prometheus spelling of whole seconds: 2592000 is ``30d``."""
    for unit in ("d", "h", "m"):
        if seconds % _DURATION_UNITS[unit] == 0:
            return f"{seconds // _DURATION_UNITS[unit]}{unit}"
    return f"{seconds}s"


def parse_size(value: object) -> int:
    """Bytes of ``1.7GB`` or ``512MiB``, at least one; :class:`MisfitError` on anything else."""
    match = _SIZE.fullmatch(value) if isinstance(value, str) else None
    size = round(float(match[1]) * _SIZE_UNITS[match[2]]) if match else 0
    if size < 1:
        raise MisfitError(
            f"is {shown(value)}, not a size",
            "Write a number above 0 and a unit, as in 1.7GB or 512MiB",
        )
    return size


def _percentage(value: float) -> float:
    """A target between 0 and 100, and so far from both that ten decimals tell them apart."""
    remedy = "Write a percentage above 0 and below 100, as in 99.9"
    ratio = round(value / 100, 10)
    text = str(value).removesuffix(".0")
    if ratio <= 0:
        raise MisfitError(f"is {text}, which promises nothing", remedy)
    if ratio == 1:
        raise MisfitError(f"is {text}, which leaves no error budget to burn", remedy)
    if ratio > 1:
        raise MisfitError(f"is {text}, more than can be good", remedy)
    return value


def _one_line(value: str) -> str:
    if any(unicodedata.category(character) in _NOT_IN_A_LINE for character in value):
        raise MisfitError(
            "holds a line break or a control character", "Write it as one line of text"
        )
    if value != value.strip():
        raise MisfitError(
            f"is {shown(value)}, with a blank at an end", "Remove the blanks at both ends"
        )
    return value


Duration = Annotated[int, BeforeValidator(parse_duration)]
Size = Annotated[int, BeforeValidator(parse_size)]
Percentage = Annotated[float, AfterValidator(_percentage)]
#: An id becomes part of file names, uids and label values; this shape is safe in all of them.
Identifier = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=24)
]
#: What Prometheus accepts as a metric name, less the colon, which is for recorded series.
MetricName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$", max_length=120)]
LabelName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$", max_length=80)]
LabelValue = Annotated[
    str, StringConstraints(min_length=1, max_length=120), AfterValidator(_one_line)
]
Line = Annotated[str, StringConstraints(min_length=1, max_length=400), AfterValidator(_one_line)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=60), AfterValidator(_one_line)]
Port = Annotated[int, Field(ge=1, le=65535)]
PositiveInt = Annotated[int, Field(ge=1)]
Url = Annotated[
    str,
    StringConstraints(pattern=r"^https?://[a-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*$"),
]
