"""At a terminal everything is asked, a wrong answer again, and return takes what is assumed."""

from __future__ import annotations

from pathlib import Path

import yaml

from delivery.newservice.compose import Choices
from delivery.newservice.run import Folders, Wishes, text_of

ROOT = Path(__file__).resolve().parents[3]


class Person:
    """Answers by what a prompt ends with; return where nothing is prepared."""

    def __init__(self, answers: dict[str, list[str]]) -> None:
        self.answers = answers
        self.prompts: list[str] = []

    def __call__(self, asks: str, assumed: str | None) -> str:
        self.prompts.append(asks)
        for end, waiting in self.answers.items():
            if asks.endswith(end) and waiting:
                return waiting.pop(0)
        assert assumed is not None, asks
        return assumed


def test_a_conversation() -> None:
    person = Person(
        {
            "as in the label 'service' of what it emits": ["Parcel Post", "parcels"],
            "in a sentence": ["Carries parcels."],
            "Which team is paged": ["post"],
            "The namespace it runs in": ["yard"],
            "The port of its metrics": ["many", "9000"],
            "or none": ["shop", "99.5", "95"],
            "on an ordinary day": ["30"],
            "(yes or no)": ["yes"],
            "0.1, 0.5, 1": ["0.7", "0.5"],
        }
    )
    folders = Folders(ROOT / "tests/fixtures/minimal", ROOT / "none", None, None, None)
    identifier, text, _ = text_of(folders, Wishes({}, Choices()), person, assume=False)
    found = yaml.safe_load(text)
    assert identifier == "parcels"
    assert found["owner"] == {"team": "post", "escalation": "oncall", "channel": "#post-pages"}
    assert found["workload"]["metrics_port"] == 9000
    assert found["depends_on"] == ["shop"]
    assert {each["id"]: each["target"] for each in found["objectives"]} == {
        "availability": 99.5,
        "latency": 95,
    }
    assert (
        "Is 'Parcel Post'. Use lower-case letters and digits, a letter first, with single hyphens "
        "between.\nIts id, as in the label 'service' of what it emits" in person.prompts
    )
