"""Whatever somebody answers comes back from the catalog's reader as it was."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.yaml_file import read_yaml
from delivery.newservice.text import to_yaml

LINES = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=60)
NAMES = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,12}", fullmatch=True)
SCALARS = (
    LINES
    | st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(0.001, 1e6)
    | st.sampled_from(["yes", "null", "~", "12:30", "1e5", "0x1F", "nan", "- a", "a: b", "a #b"])
)
VALUES = st.recursive(
    SCALARS,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(NAMES, below, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from(
    ["id", "name", "owner", "stream_labels", "logs", "metrics", "lives", "sli", "extra"]
)


def read_back(text: str) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "service.yaml"
        path.write_text(text, encoding="utf-8")
        return read_yaml(path)


def tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: tuples(below) for key, below in value.items()}
    return tuple(map(tuples, value)) if isinstance(value, list) else value


@given(st.dictionaries(KEYS, VALUES, min_size=1))
def test_what_is_written_is_read(document: dict[str, Any]) -> None:
    assert read_back(to_yaml(document, {(): ["A heading."]})) == tuples(document)


@pytest.mark.parametrize(
    "evil",
    [
        "a\nowner: {team: nobody}",
        'say "no": never # really',
        "ΣLANG & 'ΣVAULT'",
        "{a: b}, [c]",
        "\ufeffhidden\u2028break\x00",
        "&anchor *alias !!tag",
        "trailing ",
    ],
)
def test_no_text_breaks_out_of_its_place(evil: str) -> None:
    document = {"id": "a", "name": evil, "owner": {"team": evil, "channel": [evil]}}
    assert read_back(to_yaml(document, {})) == tuples(document)


def test_it_looks_as_the_other_files_do() -> None:
    document = {
        "id": "billing",
        "name": "ΣBILL",
        "owner": {"team": "finance", "channel": "#finance"},
        "volume": {"lines_per_minute": 60, "bytes_per_day": "20MB"},
        "metrics": [{"name": "a_total", "by": ["outcome"], "bad": {"code": ["500"]}}],
    }
    assert to_yaml(document, {("owner",): ["Assumed: channel."]}) == (
        "id: billing\n"
        "name: ΣBILL\n"
        "\n"
        "# Assumed: channel.\n"
        'owner: {team: finance, channel: "#finance"}\n'
        "\n"
        "volume:\n"
        "  lines_per_minute: 60\n"
        "  bytes_per_day: 20MB\n"
        "\n"
        "metrics:\n"
        "  - name: a_total\n"
        "    by: [outcome]\n"
        '    bad: {code: ["500"]}\n'
    )
