from __future__ import annotations

import pytest

from alerts import text
from alerts.filled import TemplateError, filled
from alerts.proof import Firing
from catalog.model import Catalog

LABELS = {"cluster": "one", "environment": "test", "route": "{{ /x }}"}
FIRING = Firing({}, "10%", budget="-20%", queried={"level:other:ratio": "7"})


def test_labels_values_and_the_budget_are_filled_in(shipped: Catalog) -> None:
    service = next(each for each in shipped.services if each.objectives)
    budget = text.budget_left(service, service.objectives[0])
    said = f"{text.PERCENT} of {text.label('route')}; left: {budget}."
    assert filled({"summary": said}, LABELS, FIRING) == {"summary": "10% of {{ /x }}; left: -20%."}


def test_another_series_says_what_the_story_says_of_it() -> None:
    said = "{{ with printf \"level:other:ratio{a='%s'}\" $labels.cluster | query }}x{{ end }}"
    assert filled({"a": said}, LABELS, FIRING) == {"a": "7"}


@pytest.mark.parametrize(
    ("texts", "fault"),
    [
        (
            {"a": text.PERCENT, "b": text.NUMBER},
            (
                "the texts show $value with 'humanize' and 'humanizePercentage', "
                "and a story tells it in one way"
            ),
        ),
        (
            {"a": text.label("pod")},
            "a text shows the label 'pod', and there are only cluster, environment, route",
        ),
        (
            {"a": '{{ with printf "a:b:c{}" $labels.cluster | query }}x{{ end }}'},
            "a text asks for 'a:b:c', and 'queried' of the story lacks it",
        ),
        (
            {"a": "{{ $externalURL }}"},
            "'{{ $externalURL }}' is not known; teach alerts/filled.py what it shows",
        ),
    ],
)
def test_what_cannot_be_foretold_is_refused(texts: dict[str, str], fault: str) -> None:
    with pytest.raises(TemplateError) as caught:
        filled(texts, LABELS, FIRING)
    assert str(caught.value) == fault
