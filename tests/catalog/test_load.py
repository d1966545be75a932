"""A folder becomes a catalog, or every problem of every file, sorted by place."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.errors import CatalogError, Problem
from catalog.load import load_catalog
from tests.catalog.editable import MINIMAL, PLATFORM, SHOP, TILL, WINDOWS, EditableCatalog


def test_a_valid_catalog_is_loaded_in_the_order_of_ids(catalog: EditableCatalog) -> None:
    catalog.path(SHOP).rename(catalog.path("services/zzz.yaml"))
    assert [service.id for service in catalog.load().services] == ["shop", "till"]


def test_values_are_what_they_mean(catalog: EditableCatalog) -> None:
    loaded = catalog.load()
    shop = loaded.services[0]
    assert loaded.platform.retention.logs == 30 * 86400
    assert loaded.platform.limits.monthly_bytes == 10**10
    assert shop.objectives[0].target == 99.9
    assert (shop.objectives[0].ratio, shop.objectives[0].budget) == (0.999, 0.001)
    assert shop.metrics[0].labels == {"code": ("200", "500"), "route": None}
    assert [service.id for service, _ in loaded.with_role("requests")] == ["shop"]


def test_a_loaded_catalog_cannot_be_changed(catalog: EditableCatalog) -> None:
    with pytest.raises(ValueError, match="frozen"):
        catalog.load().services[0].name = "other"  # type: ignore[misc]


def test_there_is_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(CatalogError) as caught:
        load_catalog(tmp_path / "nowhere")
    assert str(caught.value) == (
        f"{tmp_path}/nowhere: there is no such folder. Name the folder of the catalog."
    )


def test_an_empty_folder_misses_all_three(tmp_path: Path) -> None:
    with pytest.raises(CatalogError) as caught:
        load_catalog(tmp_path)
    assert str(caught.value).splitlines() == [
        f"{tmp_path}/platform.yaml: there is no such file. Create it.",
        f"{tmp_path}/services: there is no such folder. Create it, and in it <id>.yaml a service.",
        f"{tmp_path}/windows.yaml: there is no such file. Create it.",
    ]


@pytest.mark.parametrize("name", [PLATFORM, WINDOWS])
def test_a_file_is_missing(catalog: EditableCatalog, name: str) -> None:
    catalog.path(name).unlink()
    assert catalog.complaints() == [f"{name}: there is no such file. Create it."]


def test_no_service_is_declared(catalog: EditableCatalog) -> None:
    catalog.path(SHOP).unlink()
    catalog.path(TILL).unlink()
    catalog.edit(PLATFORM, "match: {level: info, service: till}", "match: {level: info}")
    catalog.write("services/.hidden", "")
    assert "services: no service is declared. Add <id>.yaml for each service." in (
        catalog.complaints()
    )


def test_services_is_a_file(catalog: EditableCatalog) -> None:
    shutil.rmtree(catalog.path("services"))
    catalog.write("services", "")
    assert catalog.complaints() == [
        "services: cannot be read: Not a directory. Make it a folder that you may read."
    ]


def test_what_stands_among_the_services_and_is_none(catalog: EditableCatalog) -> None:
    catalog.path("services/folder.yaml").mkdir()
    catalog.path("services/link.yaml").symlink_to("nowhere")
    os.mkfifo(catalog.path("services/pipe.yaml"))
    catalog.write("services/.#till.yaml", "")
    catalog.write("services/notes.txt", "")
    catalog.write("services/shop.yaml~", "")
    catalog.write("services/other.yml", "")
    name_it = "not a service file. Name it <id>.yaml, or move it away."
    assert catalog.complaints() == [
        "services/folder.yaml: a folder among the service files. Move it away.",
        "services/link.yaml: a link to a file that is not there. Mend the link, or delete it.",
        f"services/notes.txt: {name_it}",
        "services/other.yml: not a service file. Rename it to other.yaml.",
        f"services/pipe.yaml: {name_it}",
        f"services/shop.yaml~: {name_it}",
    ]


def test_a_service_file_that_may_not_be_read(
    catalog: EditableCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Path.open

    def refuse(path: Path, *args: str) -> object:
        if path.name == "shop.yaml":
            raise PermissionError(13, "Permission denied")
        return opened(path, *args)

    monkeypatch.setattr(Path, "open", refuse)
    assert catalog.complaints() == [
        "services/shop.yaml: cannot be read: Permission denied. Allow yourself to read it."
    ]


def test_an_id_is_taken_by_another_file(catalog: EditableCatalog) -> None:
    shutil.copy(catalog.path(TILL), catalog.path("services/a.yaml"))
    catalog.edit("services/a.yaml", "name: Till", "name: Another")
    assert catalog.complaints() == [
        "services/till.yaml:1: the id 'till' is taken by services/a.yaml:1. Choose another id."
    ]


def test_a_name_is_taken_by_another_service(catalog: EditableCatalog) -> None:
    catalog.edit(TILL, "name: Till", "name: Shop")
    assert catalog.complaints() == [
        (
            "services/till.yaml:2: the name 'Shop' is taken by services/shop.yaml:2. "
            "Choose another name."
        )
    ]


def test_faults_of_two_services_of_one_id_stay_apart(catalog: EditableCatalog) -> None:
    shutil.copy(catalog.path(TILL), catalog.path("services/a.yaml"))
    catalog.edit("services/a.yaml", "name: Till", "name: Another\nfolder: nowhere")
    assert [line.split(": ")[0] for line in catalog.complaints()] == [
        "services/a.yaml:3",
        "services/till.yaml:1",
    ]


def test_a_metric_of_one_name_is_one_metric(catalog: EditableCatalog) -> None:
    catalog.edit(SHOP, "name: open_baskets", "name: payments_total")
    mend = "Make the two agree, or rename one of the metrics"
    there, here = catalog.line(SHOP, "name: payments_total"), catalog.line(TILL, "type: counter")
    assert catalog.complaints() == [
        (
            f"{TILL}:{here + further}: "
            f"'payments_total' has another '{key}' than at {SHOP}:{there + 1 + further}. {mend}."
        )
        for key, further in (("type", 0), ("unit", 1))
    ]


def test_every_problem_of_every_file_is_told_at_once(catalog: EditableCatalog) -> None:
    catalog.edit(SHOP, "metrics_port: 8080", "metrics_port: 0")
    catalog.edit(SHOP, "target: 95", "target: 100")
    catalog.edit(TILL, "name: Till", "name: Till\nfolder: nowhere")
    catalog.edit(PLATFORM, "error_levels: [error]", "error_levels: [fatal]")
    catalog.edit(WINDOWS, "short: 5m", "short: 2h")
    catalog.write("services/broken.yaml", b"\xff")
    catalog.write("services/other.yml", "")
    assert [line.split(": ")[0] for line in catalog.complaints()] == [
        "platform.yaml:13",
        "services/broken.yaml:1",
        "services/other.yml",
        "services/shop.yaml:5",
        f"services/shop.yaml:{catalog.line(SHOP, 'target: 100')}",
        "services/till.yaml:3",
        "windows.yaml:4",
    ]


def test_places_are_sorted_by_number_of_line(catalog: EditableCatalog) -> None:
    catalog.edit(SHOP, "target: 95", "target: 100")
    catalog.edit(SHOP, "name: Shop", "name: 1")
    catalog.edit(SHOP, "json", "xml")
    lines = [int(line.split(":")[1]) for line in catalog.complaints()]
    assert lines == sorted(lines)
    assert len(lines) == 3


def test_no_message_breaks_its_line_or_colours_the_terminal(catalog: EditableCatalog) -> None:
    catalog.edit(SHOP, "name: Shop", '"a\\nb\\e[31m": 1\nname: Shop')
    keys = (
        "depends_on, description, folder, id, logs, metrics, name, objectives, owner, "
        "stream_labels, volume, workload"
    )
    assert catalog.complaints() == [
        f"services/shop.yaml:2: unknown key 'a\\nb\\x1b[31m'. Remove it; known here are {keys}."
    ]


def test_a_file_name_breaks_no_line_either(catalog: EditableCatalog) -> None:
    catalog.write("services/a\nb.txt", "")
    assert catalog.complaints() == [
        "services/a\\nb.txt: not a service file. Name it <id>.yaml, or move it away."
    ]


# Whatever stands in a file, the answer is a catalog or a CatalogError that a user can read.

JARGON = ("Input should", "pydantic", "ValidationError", "Traceback", "union_tag", "does not fit")
VALUES = st.recursive(
    st.sampled_from(
        ["null", "true", "no", "0", "-1", "1.5", "1e308", "''", "a", "shop", "till", "100", "30d"]
    )
    | st.text(alphabet="aΣ/.: -_{}'\n\x00\u2028\U0001f600", max_size=6).map(json.dumps),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | inner.map(lambda item: f"{{name: {item}}}")
        | inner.map(lambda item: f"{{{item}: 1}}")
    ),
    max_leaves=4,
)
#: Text as YAML might be: every one of its signs, and words of the catalog.
SIGNS = [
    *"a id name 7 : , # & * ! | > ' \" % @ ` ? << - [ ] { } &a *a --- ... \\".split(),
    ": ",
    "- ",
    "\n",
    "\n  ",
    "---\n",
    "\t",
    "\r",
]
YAML_LIKE = st.lists(st.sampled_from(SIGNS), max_size=40).map("".join)


def explained(folder: Path, name: str, content: bytes) -> list[Problem]:
    """The problems of the catalog with that content in one file; no other error passes."""
    path = folder / name
    before = path.read_bytes()
    path.write_bytes(content)
    try:
        load_catalog(folder)
    except CatalogError as error:
        return list(error.problems)
    finally:
        path.write_bytes(before)
    return []


def check_wording(problems: list[Problem], folder: Path) -> None:
    for problem in problems:
        assert problem.place.startswith(str(folder))
        assert problem.fault
        assert problem.remedy
        assert str(problem).isprintable()
        assert not any(word in str(problem) for word in JARGON), str(problem)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return EditableCatalog(tmp_path_factory.mktemp("random")).folder


@given(content=st.binary(max_size=100))
def test_random_bytes_are_explained(folder: Path, content: bytes) -> None:
    problems = explained(folder, SHOP, content)
    assert problems
    check_wording(problems, folder)


@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=100) | YAML_LIKE)
def test_random_text_is_explained(folder: Path, text: str) -> None:
    problems = explained(folder, SHOP, text.encode())
    assert problems
    check_wording(problems, folder)


@pytest.mark.parametrize("name", [SHOP, PLATFORM, WINDOWS])
@settings(max_examples=200)
@given(data=st.data())
def test_a_valid_file_with_lines_spoilt_is_explained(
    folder: Path, name: str, data: st.DataObject
) -> None:
    lines = (MINIMAL / name).read_text(encoding="utf-8").splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        edit = data.draw(st.sampled_from(["value", "inner", "drop", "double"]))
        if edit == "value":
            lines[at] = f"{lines[at].partition(':')[0]}: {data.draw(VALUES)}"
        elif edit == "inner":
            lines[at] = f"{lines[at].rpartition(': ')[0]}: {data.draw(VALUES)}"
        else:
            lines[at] = "" if edit == "drop" else f"{lines[at]}\n{lines[at]}"
    check_wording(explained(folder, name, "\n".join(lines).encode()), folder)
