"""When people are told, and who watches from outside whether anybody can be told at all."""

from __future__ import annotations

from typing import Annotated, Final, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from catalog.base import Model, Sourced
from catalog.scalars import Duration, MisfitError
from catalog.url import Url

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
#: A day of Alertmanager's intervals ends at 24:00; a night here never does.
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
_DAYS_OF_A_WEEK: Final = 7
#: Half of it is the pace of Alertmanager's group, and no duration is under a second.
_SOONEST: Final = 2


def _time_zone(value: str) -> str:
    """A name that Alertmanager will find too; where this machine knows none, any is taken."""
    known = available_timezones()
    if known and value not in known:
        raise MisfitError(
            f"is '{value}', which no time zone is called",
            "Write a name of the IANA database, as in Europe/Berlin, or UTC",
        )
    return value


TimeZone = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$"),
    AfterValidator(_time_zone),
]


class Night(Model):
    """From an evening to the morning after it; ``begins`` and ``ends`` on the clock there."""

    begins: ClockTime
    ends: ClockTime

    @model_validator(mode="after")
    def _has_a_length(self) -> Night:
        if self.begins <= self.ends:
            raise MisfitError(
                f"is '{self.ends}', which is not the morning after '{self.begins}'",
                "Let a night begin in the evening and end the next day, as in 20:00 and 07:00",
                "ends",
            )
        return self


class QuietHours(Sourced):
    """When tickets wait, so that only pages wake anybody: every night and on whole days."""

    location: TimeZone
    night: Night | None = None
    days: tuple[Weekday, ...] = ()

    @model_validator(mode="after")
    def _leaves_time_to_work(self) -> QuietHours:
        if self.night is None and not self.days:
            raise MisfitError(
                "names neither a night nor a day", "Add 'night' or 'days', or remove it"
            )
        if len(set(self.days)) == _DAYS_OF_A_WEEK:
            raise MisfitError(
                "names every day, so that no ticket would ever be sent",
                "Leave out the days on which somebody works",
                "days",
            )
        return self


class DeadMan(Sourced):
    """The receiver outside that raises the alarm when the watchdog stops arriving.

    ``url`` is no secret: it is committed. What proves that it is us is a bearer token, read
    from a file that is mounted beside Alertmanager. ``every`` is the longest time between two
    heartbeats while all is well.
    """

    url: Url
    every: Annotated[Duration, Field(ge=_SOONEST)]
