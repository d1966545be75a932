"""What has to be known of a new service, and what is assumed where nobody says.

A question is known by its flag. Its answer is checked by the type that the catalog's own model
gives the value, so that a mistake is told where it is made, and not after the build.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Annotated, Any

from pydantic import BaseModel, StringConstraints, TypeAdapter, ValidationError

from catalog.complaints import complaints
from catalog.model import Catalog
from catalog.scalars import Identifier, Line, Port, PositiveInt, Size, Title
from catalog.yaml_file import Location

Answers = dict[str, Any]
Default = Callable[[Catalog, Answers], Any]
ServiceId = Annotated[Identifier, StringConstraints(max_length=20)]


@dataclass(frozen=True, slots=True)
class Question:
    """One fact: its flag, where it stands in the file, and how it is asked for.

    ``assumed`` gives what is taken where nobody answers; None if there is no honest guess.
    ``whole`` turns what was typed into the value; None where the text is the value.
    """

    flag: str
    at: Location
    asks: str
    type: Any
    assumed: Default | None = None
    whole: Callable[[str], Any] | None = None

    @property
    def name(self) -> str:
        """The flag without its hyphens in front."""
        return self.flag.removeprefix("--")

    def fault(self, value: object) -> tuple[str, str] | None:
        """Fault and remedy of an answer that cannot be; None if it can."""
        try:
            TypeAdapter(self.type).validate_python(value, strict=True)
        except ValidationError as error:
            _, fault, remedy = next(complaints(error, BaseModel))
            return fault.removeprefix("the file "), remedy
        return None

    def read(self, text: str) -> object:
        """The value that somebody typed; what is no such value stays text, and is refused then."""
        try:
            return text if self.whole is None else self.whole(text)
        except ValueError:
            return text


def words(text: str) -> tuple[str, ...]:
    """``a, b`` and ``a b`` are two; ``none`` is none at all."""
    found = tuple(text.replace(",", " ").split())
    return () if found == ("none",) else found


def _peak(catalog: Catalog, answers: Answers) -> int:
    """As many times the mean as the catalog's other services have at their peak."""
    ratios = [
        60 * each.volume.peak_lines_per_second / each.volume.lines_per_minute
        for each in catalog.services
    ]
    peak: float = answers["lines-per-minute"] / 60 * median(ratios)
    return max(1, math.ceil(peak))


def _bytes(catalog: Catalog, answers: Answers) -> str:
    """As many bytes a line as the catalog's other services write."""
    per_line = median(
        each.volume.bytes_per_day / each.volume.lines_per_minute / 1440 for each in catalog.services
    )
    return size(round(answers["lines-per-minute"] * 1440 * per_line))


def size(number: float) -> str:
    """Whole bytes as the catalog writes them, with two digits that mean something."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("KB", 1e3)):
        if number >= factor:
            return f"{float(f'{number / factor:.2g}'):g}{unit}"
    return f"{max(1, round(number))}B"


def _namespace(catalog: Catalog, answers: Answers) -> str | None:
    """Where all the others run, if that is one place."""
    found = {each.workload.namespace for each in catalog.services}
    return found.pop() if len(found) == 1 else None


QUESTIONS: tuple[Question, ...] = (
    Question("--id", ("id",), "Its id, as in the label 'service' of what it emits", ServiceId),
    Question(
        "--name",
        ("name",),
        "Its name, as people read it",
        Title,
        lambda catalog, answers: answers["id"].replace("-", " ").capitalize(),
    ),
    Question("--description", ("description",), "What it does, in a sentence", Line),
    Question("--team", ("owner", "team"), "Which team is paged", Identifier),
    Question(
        "--escalation",
        ("owner", "escalation"),
        "Whom the team calls next",
        Identifier,
        lambda catalog, answers: catalog.platform.owner.escalation,
    ),
    Question(
        "--channel",
        ("owner", "channel"),
        "Where its pages go",
        Line,
        lambda catalog, answers: f"#{answers['team']}-pages",
    ),
    Question(
        "--namespace",
        ("workload", "namespace"),
        "The namespace it runs in",
        Identifier,
        _namespace,
    ),
    Question(
        "--app",
        ("workload", "app"),
        "Its label 'app' in the cluster",
        Identifier,
        lambda catalog, answers: answers["id"],
    ),
    Question(
        "--metrics-port", ("workload", "metrics_port"), "The port of its metrics", Port, None, int
    ),
    Question(
        "--depends-on",
        ("depends_on",),
        "Which services of the catalog it calls, or none",
        tuple[Identifier, ...],
        lambda catalog, answers: (),
        words,
    ),
    Question(
        "--lines-per-minute",
        ("volume", "lines_per_minute"),
        "Log lines that it writes in a minute, on an ordinary day",
        PositiveInt,
        None,
        int,
    ),
    Question(
        "--peak-lines-per-second",
        ("volume", "peak_lines_per_second"),
        "Log lines in a second, at its peak",
        PositiveInt,
        _peak,
        int,
    ),
    Question(
        "--bytes-per-day",
        ("volume", "bytes_per_day"),
        "Bytes of log lines in a day, as in 20MB",
        Size,
        _bytes,
    ),
)
BY_NAME: Mapping[str, Question] = {each.name: each for each in QUESTIONS}
