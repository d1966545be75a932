"""One module, one test and one page a check, and none without a check."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from delivery.checks.check import Check
from delivery.checks.registry import CHECKS
from delivery.checks.run import UNREASONED, UNUSED

ROOT = Path(__file__).resolve().parents[3]
RULES = ROOT / "delivery/checks/rules"
PAGES = ROOT / "docs/checks"
#: What no rule finds, but the reading of the suppressions itself.
OF_SUPPRESSIONS = (UNREASONED, UNUSED)
IDS = (*(check.id for check in CHECKS), *OF_SUPPRESSIONS)
SECTIONS = ["Why it matters", "Example", "How to mend it", "When to suppress it"]


def module(check: str) -> str:
    return re.sub(r"[/-]", "_", check)


def page(check: str) -> Path:
    return PAGES / f"{check.replace('/', '-')}.md"


def test_every_module_is_registered_once() -> None:
    modules = [path.stem for path in sorted(RULES.glob("*.py")) if path.stem != "__init__"]
    assert sorted(module(check.id) for check in CHECKS) == modules


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_its_module_is_called_like_it(check: Check) -> None:
    found = importlib.import_module(f"delivery.checks.rules.{module(check.id)}")
    assert found.CHECK is check
    assert f"docs/checks/{page(check.id).name}" in (found.__doc__ or "")
    assert re.fullmatch(r"[a-z]+/[a-z]+(-[a-z]+)*", check.id)
    assert check.title[0].isupper()
    assert not check.title.endswith(".")
    assert not check.online


def test_each_has_a_test_and_each_test_a_check() -> None:
    tests = {path.stem for path in (Path(__file__).parent / "rules").glob("test_*.py")}
    assert tests == {f"test_{module(check.id)}" for check in CHECKS}


def test_each_has_a_page_and_each_page_a_check() -> None:
    pages = {path.name for path in PAGES.glob("*.md")} - {"README.md"}
    assert pages == {page(check).name for check in IDS}


@pytest.mark.parametrize("check", IDS)
def test_its_page_explains_it(check: str) -> None:
    text = page(check).read_text(encoding="utf-8")
    assert text.startswith(f"# {check}\n")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
    parts = re.split(r"^## .+$", text, flags=re.MULTILINE)
    assert all(part.strip() for part in parts)
    assert re.search(rf"^  {check}: \S", parts[SECTIONS.index("Example") + 1], re.MULTILINE)
    for link in re.findall(r"\]\(([^)#]+)", text):
        assert (PAGES / link).is_file(), link


def test_the_list_names_each_with_its_title() -> None:
    text = (PAGES / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[`(.+?)`\]\((.+?)\) \| (.+) \|$", text, re.MULTILINE)
    assert all(link == page(check).name for check, link, _ in rows)
    titles = {check: title for check, _, title in rows}
    assert {check.id: check.title for check in CHECKS}.items() <= titles.items()
    assert sorted(titles) == sorted(IDS)
