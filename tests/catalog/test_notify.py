"""Quiet hours and the dead-man's receiver: what is refused, and in which words."""

from __future__ import annotations

import pytest

from tests.catalog.editable import PLATFORM, EditableCatalog, Spoilt

QUIET = "quiet_hours: {location: Europe/Berlin, source: seed, %s}\nenvironments:\n"
DEAD = "dead_man: {url: %s, every: %s, source: seed}\nenvironments:\n"


def spoilt(name: str, added: str, message: str) -> Spoilt:
    line = added.split("\n", maxsplit=1)[0]
    return Spoilt(name, PLATFORM, "environments:\n", added, (PLATFORM, line, message))


CASES = (
    spoilt(
        "neither night nor day",
        QUIET % "days: []",
        "'quiet_hours' names neither a night nor a day. Add 'night' or 'days', or remove it.",
    ),
    spoilt(
        "every day",
        QUIET % "days: [monday, tuesday, wednesday, thursday, friday, saturday, sunday]",
        "'quiet_hours.days' names every day, so that no ticket would ever be sent. "
        "Leave out the days on which somebody works.",
    ),
    spoilt(
        "a night that is a day",
        QUIET % 'night: {begins: "07:00", ends: "20:00"}',
        "'quiet_hours.night.ends' is '20:00', which is not the morning after '07:00'. "
        "Let a night begin in the evening and end the next day, as in 20:00 and 07:00.",
    ),
    spoilt(
        "no clock time",
        QUIET % 'night: {begins: "24:00", ends: "07:00"}',
        "'quiet_hours.night.begins' is '24:00'. Use hours and minutes of the clock, as in 07:30.",
    ),
    spoilt(
        "no weekday",
        QUIET % "days: [sundy]",
        "'quiet_hours.days[0]' is 'sundy'. Did you mean 'sunday'?",
    ),
    spoilt(
        "no time zone",
        (QUIET % "days: [sunday]").replace("Europe/Berlin", "Europe/Atlantis"),
        "'quiet_hours.location' is 'Europe/Atlantis', which no time zone is called. "
        "Write a name of the IANA database, as in Europe/Berlin, or UTC.",
    ),
    spoilt(
        "no name of a time zone",
        (QUIET % "days: [sunday]").replace("Europe/Berlin", "../etc/passwd"),
        "'quiet_hours.location' is '../etc/passwd'. "
        "Use a name of the IANA time zone database, as in Europe/Berlin, or UTC.",
    ),
    spoilt(
        "an address with a secret",
        DEAD % ("https://outside.example/beat?token=x", "5m"),
        "'dead_man.url' is 'https://outside.example/beat?token=x'. "
        "Use an http or https address without user, query or trailing slash.",
    ),
    spoilt(
        "a heartbeat too often",
        DEAD % ("https://outside.example/beat", "1s"),
        "'dead_man.every' is '1s'. Write a number of at least 2.",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_it_is_refused(case: Spoilt, tmp_path) -> None:
    case.check(EditableCatalog(tmp_path))


def test_it_is_read(tmp_path) -> None:
    catalog = EditableCatalog(tmp_path)
    catalog.edit(
        PLATFORM,
        "environments:\n",
        "quiet_hours: {location: UTC, night: {begins: 21:30, ends: 06:00}, source: seed}\n"
        "dead_man: {url: https://outside.example/beat, every: 5m, source: seed}\n"
        "environments:\n",
    )
    platform = catalog.load().platform
    assert platform.quiet_hours is not None
    assert platform.quiet_hours.night is not None
    assert platform.quiet_hours.night.begins == "21:30"
    assert platform.dead_man is not None
    assert platform.dead_man.every == 300
