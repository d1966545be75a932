"""What the redactions of agent.yaml take out of a line, run as both agents run them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.load import load_catalog
from catalog.log_agent import Redaction
from catalog.regex import compiled
from tests.pipeline.planted import HARMLESS, PLANTED, Planted

SHIPPED = load_catalog(Path(__file__).resolve().parents[2] / "catalog")
assert SHIPPED.agent
REDACTIONS = SHIPPED.agent.redactions
_ASCII = st.characters(max_codepoint=127)


def redacted(line: str, redactions: tuple[Redaction, ...] = REDACTIONS) -> str:
    """As Promtail's and Alloy's ``replace``: each group of each match, from the left.

    Of a line with none of the hints, nothing.
    """
    if not any(hint in line.lower() for each in redactions for hint in each.hints):
        return line
    for each in redactions:
        found, end = "", 0
        for match in compiled(each.pattern).finditer(line):
            for group in range(1, len(match.groups()) + 1):
                start = match.start(group)
                if start >= end and match.group(group) is not None:
                    found += line[end:start] + each.replacement
                    end = match.end(group)
        line = found + line[end:]
    return line


def forms(message: str) -> dict[str, str]:
    """The message as it stands in a line of each format."""
    nested = json.dumps({"request": json.loads(message)}) if message.startswith('{"') else message
    return {
        "json": json.dumps({"ts": "x", "message": message, "trace_id": "4bf9"}),
        "json, indented": json.dumps({"message": message, "level": "error"}, indent=2),
        "logfmt": f"ts=x msg={json.dumps(message)} level=error",
        "within JSON in JSON": json.dumps({"message": json.dumps({"inner": message})}),
        "plain": message,
        "nested": nested,
    }


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.kind)
def test_no_form_of_a_planted_secret_is_left(planted: Planted) -> None:
    for form, line in forms(planted.message).items():
        left = redacted(line)
        for part in planted.secret.split("\n"):
            # As long a part of it as would help a guesser.
            for at in range(len(part) - 7):
                assert part[at : at + 8] not in left, (form, left)
        assert "[redacted:" in left
        assert redacted(left).count("[redacted:") == left.count("[redacted:")


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.kind)
def test_a_line_of_json_stays_one(planted: Planted) -> None:
    for form, line in forms(planted.message).items():
        if form.startswith("json") or form == "within JSON in JSON":
            left = json.loads(redacted(line))
            assert left.keys() == json.loads(line).keys()
            assert {name: left[name] for name in left if name != "message"} == {
                name: value for name, value in json.loads(line).items() if name != "message"
            }


@pytest.mark.parametrize("line", HARMLESS)
def test_what_is_no_secret_stays(line: str) -> None:
    for form in forms(line).values():
        assert redacted(form) == form


@pytest.mark.parametrize("redaction", REDACTIONS, ids=lambda redaction: redaction.id)
@given(data=st.data())
def test_whatever_a_pattern_matches_holds_one_of_its_hints(
    redaction: Redaction, data: st.DataObject
) -> None:
    """Or a secret would go unsearched. In ASCII: there, upper and lower case are a pair."""
    made = data.draw(st.from_regex(re.compile(redaction.pattern, re.ASCII), alphabet=_ASCII))
    found = compiled(redaction.pattern).search(made)
    assert found is None or any(hint in found.group(0).lower() for hint in redaction.hints)


@pytest.mark.parametrize("redaction", REDACTIONS, ids=lambda redaction: redaction.id)
def test_each_redaction_is_needed(redaction: Redaction) -> None:
    """Without it, something that is planted would be left."""
    others = tuple(each for each in REDACTIONS if each is not redaction)
    assert any(
        part in redacted(line, others)
        for planted in PLANTED
        for line in forms(planted.message).values()
        for part in planted.secret.split("\n")
    )
