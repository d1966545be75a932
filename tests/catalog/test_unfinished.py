"""A draft is no service until its questions are answered."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from catalog.errors import CatalogError
from catalog.load import load_catalog
from catalog.unfinished import is_open, open_question, question

FIXTURE = Path(__file__).resolve().parents[1] / "fixtures/minimal"


def test_each_question_is_told_with_its_place(tmp_path: Path) -> None:
    folder = tmp_path / "catalog"
    shutil.copytree(FIXTURE, folder)
    path = folder / "services/shop.yaml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("description: Sells things.", 'description: "TODO: what it does"')
    text = text.replace("team: sales,", "team: TODO,")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogError) as caught:
        load_catalog(folder)
    remedy = "Write it, or let python build.py new-service --from FILE ask for it."
    assert str(caught.value).splitlines() == [
        f"{path}:3: 'description' is still to be filled in: what it does. {remedy}",
        f"{path}:4: 'owner.team' is still to be filled in. {remedy}",
    ]


@pytest.mark.parametrize("text", ["TODO", "TODO: a", open_question("what?")])
def test_a_question_is_known_by_its_mark(text: str) -> None:
    assert is_open(text)


@pytest.mark.parametrize("value", ["TODOS", "a TODO: b", "todo", "", None, 4])
def test_other_text_is_a_fact(value: object) -> None:
    assert not is_open(value)
    assert question(value) == ""
