from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from delivery.site.places import extra, for_site, place

FILES = {
    "README.md": "# Read me\n\n[guide](docs/guide.md) [rules](rules/)\n",
    "rules/a.yaml": "a: ````\n",
    ".ci/run.sh": "true\n",
    "docs/guide.md": "# Guide\n\n[r](../README.md#read-me) [ci](../.ci/run.sh) [d](decisions/)\n",
    "docs/decisions/0001.md": "# First\n",
    "docs/checks/README.md": "# Checks\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("docs/guide.md", "guide.md"),
        ("docs/decisions", "decisions/index.md"),
        ("docs/checks", "checks/README.md"),
        ("README.md", "source/README.md"),
        ("rules/a.yaml", "source/rules/a.yaml.md"),
        # A host of pages leaves out what begins with a dot.
        (".ci/run.sh", "source/ci/run.sh.md"),
        ("rules", "source/rules/index.md"),
        ("nothing.md", None),
    ],
)
def test_each_file_has_one_place(root: Path, path: str, where: str | None) -> None:
    found = place(root, PurePosixPath(path))
    assert (found and found.as_posix()) == where


def test_links_lead_from_place_to_place(root: Path) -> None:
    text = for_site(root, PurePosixPath("docs/guide.md"), FILES["docs/guide.md"])
    assert text == (
        "# Guide\n\n[r](source/README.md#read-me) [ci](source/ci/run.sh.md) "
        "[d](decisions/index.md)\n"
    )


def test_what_is_linked_to_comes_along_and_what_that_links_to(root: Path) -> None:
    pages = extra(root)
    assert set(pages) == {
        "decisions/index.md",
        "source/README.md",
        "source/ci/run.sh.md",
        "source/rules/index.md",
    }
    assert pages["decisions/index.md"] == "# Decisions\n\n- [First](0001.md)\n"
    assert (
        pages["source/README.md"] == "# Read me\n\n[guide](../guide.md) [rules](rules/index.md)\n"
    )
    assert pages["source/rules/index.md"] == "# Rules\n\n- `a.yaml`\n"


def test_a_link_to_nothing_stays_for_the_build_to_complain_of(root: Path) -> None:
    assert for_site(root, PurePosixPath("docs/guide.md"), "[x](y.md)\n") == "[x](y.md)\n"


def test_a_file_that_holds_a_fence_is_shown_whole(root: Path) -> None:
    (root / "docs/guide.md").write_text("[a](../rules/a.yaml)\n", encoding="utf-8")
    text = extra(root)["source/rules/a.yaml.md"]
    assert text.endswith("\n`````yaml\na: ````\n`````\n")
