"""Every panel, variable, mark and rule asks what its server can answer, and gets something back."""

from __future__ import annotations

from tests.live.audited import audited, bad
from tests.live.stack import Stack


def test_the_audit_finds_every_question_answered(stack: Stack) -> None:
    made = audited(stack, "links")
    assert not bad(made), "\n".join(bad(made))
    assert {each.kind for each in made.results} == {"panel", "variable", "annotation", "rule"}
    answered = sum(each.verdict == "OK" for each in made.results)
    assert answered > len(made.results) / 2


def test_the_audit_counts_what_a_refresh_reads(stack: Stack) -> None:
    made = audited(stack, "links", "rules", dashboards=(f"{stack.catalog.prefix}-unified",))
    assert {each.service for each in made.costs} == {each.id for each in stack.catalog.services}
    for each in made.costs:
        assert each.points
        assert each.samples
        assert each.bytes
