"""The benchmark's catalogs are what it says they are."""

from __future__ import annotations

import pytest

from tests.bench.synthetic import synthetic_catalog


@pytest.fixture
def source(tmp_path):
    services = tmp_path / "source/services"
    services.mkdir(parents=True)
    (services / "a.yaml").write_text("id: a\nname: A\nlabels: [{id: x, name: y}]\n")
    (services / "b.yaml").write_text('name: "ΣB" # shown\nid: "b"\nnested:\n  id: x\n')
    (tmp_path / "source/platform.yaml").write_text("id: platform\n")
    (tmp_path / "source/model.py").touch()
    return tmp_path / "source"


def test_services_are_added_under_other_names(source, tmp_path):
    target = tmp_path / "target"
    synthetic_catalog(source, target, 4)
    found = {
        path.relative_to(target).as_posix(): path.read_text()
        for path in target.rglob("*")
        if path.is_file()
    }
    assert found == {
        "platform.yaml": "id: platform\n\ncost: {samples: 200000000, points: 1000000}\n",
        "services/a.yaml": "id: a\nname: A\nlabels: [{id: x, name: y}]\n",
        "services/b.yaml": 'name: "ΣB" # shown\nid: "b"\nnested:\n  id: x\n',
        "services/bench0002.yaml": (
            "id: bench0002\nname: Bench 0002\nlabels: [{id: x, name: y}]\n"
        ),
        "services/bench0003.yaml": "name: Bench 0003\nid: bench0003\nnested:\n  id: x\n",
    }


def test_a_file_without_the_keys_is_refused(source, tmp_path):
    (source / "services/b.yaml").write_text("- id: b\n")
    with pytest.raises(ValueError, match="has no key 'id' at the start of a line"):
        synthetic_catalog(source, tmp_path / "target", 2)
