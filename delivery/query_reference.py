"""The page of the LogQL library: every query, as it is with its defaults, and what it says.

docs/query-reference.md is this text; tests/docs/test_query_reference.py fails when it is not, and
``make golden`` rewrites it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from catalog.model import Catalog
from delivery.library.wish import Words, shown
from queries.library.describe import described
from queries.library.model import LibraryQuery, Section
from queries.library.registry import offered

_HEAD = """# LogQL query reference

Made from `queries/library` and the catalog by `make golden`. Every query here is one that
`python build.py query run NAME` asks, that *Log explorer* draws, that `build.py check` reads, and
that `tests/live/test_library.py` runs on a real Loki of each release.

<!-- run -->
```sh
python build.py query list                   # all of them; --format json for programs
python build.py query show slow-operations --param slower_than=500ms   # --service ID: of whom
python build.py query run trace-path --param trace_id=4bf92f3577b34da6 --link   # in Explore
```

<!-- run: live -->
```sh
python build.py query run error-rate --since 1h   # LOKI_URL, or GRAFANA_URL to ask through it
```

A value is checked before it is filled in: text is quoted, so that it ends nowhere but at its end,
and a wrong value is one error that says what to write. `--since` is the range that figures are
about, `--step` asks for them over time, `--limit` is for lines. Cost is one of the classes of
`validation.latencies` in `platform.yaml`: {classes}.
"""
_SECTIONS: tuple[tuple[Section, str], ...] = (
    ("essential", "Ten essential queries"),
    ("advanced", "Advanced patterns"),
    ("debugging", "Debugging"),
)

Json = dict[str, Any]


def page(catalog: Catalog) -> str:
    """The whole page, Markdown."""
    validation = catalog.platform.validation
    latencies = validation.latencies if validation else {}
    classes = ", ".join(
        f"{kind} (p50 {each.p50_seconds * 1000:g} ms, p99 {each.p99_seconds * 1000:g} ms)"
        for kind, each in latencies.items()
    )
    lines = [_HEAD.format(classes=classes or "simple, json, aggregation, complex")]
    queries = offered(catalog)
    for section, title in _SECTIONS:
        own = [query for query in queries if query.section == section]
        if own:
            lines += [f"## {title}", "", *_contents(own)]
            for query in own:
                lines += _query(query, catalog)
    return "\n".join(lines)


def _contents(queries: list[LibraryQuery]) -> Iterator[str]:
    yield "| Query | Name | Cost | Answers |"
    yield "|---|---|---|---|"
    for each in queries:
        yield f"| [{each.title}](#{each.name}) | `{each.name}` | {each.cost} | {each.answer} |"
    yield ""


def _query(query: LibraryQuery, catalog: Catalog) -> Iterator[str]:
    entry = described(query, catalog)
    asked = shown(query, catalog, catalog.default_environment, Words())
    whose = asked.question.service
    yield f"### {query.name}"
    yield ""
    yield f"*{query.title}.* {query.meaning}"
    yield ""
    yield from _block(asked.question.made.text)
    for release, text in asked.faster:
        yield f"On Loki {release} this form reads less (`--release {release}`):"
        yield ""
        yield from _block(text)
    facts = [f"Cost {query.cost}", f"Loki {', '.join(entry['releases'])}", f"reads {query.needs}"]
    if entry["services"]:
        facts.append(f"of {', '.join(entry['services'])}")
    yield f"{'; '.join(facts)}."
    if whose is not None:
        yield f"Filled in for `{whose.id}`; another service may have other names."
    yield ""
    yield from _parameters(entry)
    see = ", ".join(f"[{each}](#{each})" for each in query.next)
    yield f"Next: {query.hint} See {see}."
    yield ""


def _block(text: str) -> Iterator[str]:
    yield "```logql"
    yield text
    yield "```"
    yield ""


def _parameters(entry: Json) -> Iterator[str]:
    if not entry["parameters"]:
        return
    yield "| Parameter | Type | Default | Meaning |"
    yield "|---|---|---|---|"
    for each in entry["parameters"]:
        default = "must be given" if each["required"] else f"`{_cell(each['default'])}`"
        choices = f" One of {', '.join(each['choices'])}." if each["choices"] else ""
        help_ = _cell(f"{each['help']}{choices}")
        yield f"| `{each['name']}` | {each['type']} | {default} | {help_} |"
    yield ""


def _cell(text: str) -> str:
    """A bar would end the cell, even in code."""
    return text.replace("|", "\\|")
