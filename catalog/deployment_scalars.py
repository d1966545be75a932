"""The scalar types of deployment.yaml: quantities, images, ranges of addresses, days, names."""

from __future__ import annotations

import re
from datetime import date
from ipaddress import ip_network
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from catalog.scalars import MisfitError, shown

_QUANTITY = re.compile(r"([1-9][0-9]{0,8})(m|Ki|Mi|Gi|Ti)?")
_UNITS = {"m": 0.001, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
_REPOSITORY = re.compile(r"[a-z0-9.-]+(?::[0-9]+)?(?:/[a-z0-9._-]+)+")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")


def _quantity(value: str) -> str:
    if _QUANTITY.fullmatch(value) is None:
        raise MisfitError(
            f"is {shown(value)}, not a quantity of Kubernetes",
            "Write a whole number and m, Ki, Mi, Gi or Ti, as in 500m or 4Gi",
        )
    return value


def _repository(value: str) -> str:
    if _REPOSITORY.fullmatch(value) is None:
        raise MisfitError(
            f"is {shown(value)}, not an image without a tag",
            "Write registry and repository, as in docker.io/grafana/loki",
        )
    return value


def _image(value: str) -> str:
    repository, _, tag = value.rpartition(":")
    if _REPOSITORY.fullmatch(repository) is None or _TAG.fullmatch(tag) is None or tag == "latest":
        raise MisfitError(
            f"is {shown(value)}, not an image of one release",
            "Write registry, repository and a tag other than latest",
        )
    return value


def _network(value: str) -> str:
    try:
        ip_network(value)
    except ValueError:
        raise MisfitError(
            f"is {shown(value)}, not a range of addresses",
            "Write the first address and the length of its prefix, as in 10.0.0.0/8",
        ) from None
    return value


def _day(value: str) -> str:
    try:
        date.fromisoformat(value)
    except ValueError:
        raise MisfitError(
            f"is {shown(value)}, not a day",
            "Write year, month and day in quotes, as in '2025-01-31'",
        ) from None
    return value


def _key(value: str) -> str:
    if re.fullmatch(r"(?:[a-z0-9.-]{1,253}/)?[A-Za-z0-9][A-Za-z0-9._-]{0,62}", value) is None:
        raise MisfitError(
            f"is {shown(value)}, not a name of a label or an annotation",
            "Write a name, its domain and a slash before it, as in app.kubernetes.io/name",
        )
    return value


def _bucket(value: str) -> str:
    if re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", value) is None:
        raise MisfitError(
            f"is {shown(value)}, not a bucket of S3",
            "Write 3 to 63 lower-case letters, digits, hyphens and dots, the ends no hyphen or dot",
        )
    return value


#: An amount as Kubernetes writes it: ``500m`` is half a core, ``4Gi`` is 4 x 2^30 bytes.
Quantity = Annotated[str, AfterValidator(_quantity)]
Repository = Annotated[str, AfterValidator(_repository)]
Image = Annotated[str, AfterValidator(_image)]
Network = Annotated[str, AfterValidator(_network)]
Networks = Annotated[tuple[Network, ...], Field(min_length=1)]
Day = Annotated[str, StringConstraints(min_length=10, max_length=10), AfterValidator(_day)]
#: A label's or an annotation's name, with its domain before the slash.
Key = Annotated[str, AfterValidator(_key)]
Bucket = Annotated[str, AfterValidator(_bucket)]


def amount(quantity: str) -> float:
    """A quantity as a number: cores, or bytes."""
    match = _QUANTITY.fullmatch(quantity)
    if match is None:
        raise ValueError(quantity)
    return int(match[1]) * _UNITS.get(match[2], 1)
