"""Reads the pages of the alerts: sections, links, queries and commands, each with its line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from catalog.errors import Problem, TreeError
from delivery.checks.documents import Documents, Language, Reference

Json = dict[str, Any]

#: Below the repository, as a finding names a page; generated/ holds none.
FOLDER = "docs/runbooks"
_HEADING = re.compile(r"## (.+)")
_FENCE = re.compile(r"( *)```(\w*)")
_LINK = re.compile(r"\]\((?P<url>https?://[^)\s]*)\)")
_PROXIED = re.compile(r"/api/datasources/proxy/uid/(?P<uid>[^/]+)/")
_COMMAND = re.compile(r"python build\.py query (?:run|show) [^`|]*")


@dataclass(frozen=True, slots=True)
class Placed:
    """A text of a page, and the line on which it begins."""

    line: int
    text: str

    @property
    def where(self) -> str:
        """How a finding names it."""
        return f"line {self.line}"


@dataclass(frozen=True, slots=True)
class Query(Placed):
    """A query that a page shows, or that a link of it opens."""

    language: Language


@dataclass(frozen=True, slots=True)
class Runbook:
    """The page of an alert."""

    alert: str
    lines: tuple[str, ...]

    @property
    def file(self) -> str:
        """How a finding names it."""
        return f"{FOLDER}/{self.alert}.md"

    def sections(self) -> Iterator[tuple[Placed, tuple[Placed, ...]]]:
        """Each heading with the lines below it that say something."""
        heading: Placed | None = None
        below: list[Placed] = []
        for number, line, fence in self._outside():
            found = None if fence else _HEADING.fullmatch(line)
            if found:
                if heading:
                    yield heading, tuple(below)
                heading, below = Placed(number, found[1]), []
            elif line.strip() and not line.lstrip().startswith("<!--"):
                below.append(Placed(number, line))
        if heading:
            yield heading, tuple(below)

    def _outside(self) -> Iterator[tuple[int, str, str]]:
        """Each line with its number, and the language of the fence that it stands in."""
        fence = ""
        for number, line in enumerate(self.lines, start=1):
            found = _FENCE.match(line)
            yield number, line, fence or ("fence" if found else "")
            if found:
                fence = "" if fence else found[2] or "text"

    def links(self) -> Iterator[Placed]:
        """Addresses, but for those of other pages."""
        for number, line in enumerate(self.lines, start=1):
            for found in _LINK.finditer(line):
                yield Placed(number, found["url"])

    def commands(self) -> Iterator[Placed]:
        """The queries of the library that it says to ask."""
        for number, line in enumerate(self.lines, start=1):
            for found in _COMMAND.finditer(line):
                yield Placed(number, found[0].strip())

    def queries(self) -> Iterator[Query]:
        """What stands in its blocks, and in its links into Explore."""
        yield from self._blocks()
        for link in self.links():
            for kind, _, text in explored(link.text):
                yield Query(link.line, text, "logql" if kind == "loki" else "promql")

    def _blocks(self) -> Iterator[Query]:
        texts: dict[int, list[str]] = {}
        languages: dict[int, Language] = {}
        start = 0
        for number, line, fence in self._outside():
            if fence == "fence":
                start = number + 1
            elif fence in {"promql", "logql"} and not _FENCE.match(line):
                languages[start] = "promql" if fence == "promql" else "logql"
                texts.setdefault(start, []).append(line)
        for number, text in texts.items():
            yield Query(number, "\n".join(text), languages[number])


def explored(url: str) -> Iterator[tuple[str, str, str]]:
    """In an address of Explore each query, behind the kind and the uid of its datasource.

    Runbooks have the form ``left``, which every release of Grafana reads.
    """
    parts = urlsplit(url)
    for left in parse_qs(parts.query).get("left", ()) if "/explore" in parts.path else ():
        try:
            state: Json = json.loads(left)
        except ValueError:
            continue
        for each in state.get("queries") or ():
            source = each.get("datasource") or {}
            yield str(source.get("type")), str(source.get("uid")), str(each.get("expr") or "")


def read(folder: Path, documents: Documents) -> None:
    """Adds each page, and where its links lead.

    :raises TreeError: a page cannot be read.
    """
    paths = sorted(folder.glob("*.md"))
    documents.runbooks = frozenset(path.stem for path in paths)
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            fault = f"cannot be read: {' '.join(str(error).split())}"
            raise TreeError(Problem(str(path), fault, "Write it as UTF-8")) from None
        page = Runbook(path.stem, tuple(text.splitlines()))
        documents.pages.append(page)
        for link in page.links():
            documents.references += _references(page, link)


def _references(page: Runbook, link: Placed) -> Iterator[Reference]:
    yield Reference(page.file, link.where, "link", link.text)
    proxied = _PROXIED.search(link.text)
    if proxied:
        yield Reference(page.file, link.where, "datasource", proxied["uid"])
    for kind, uid, _ in explored(link.text):
        yield Reference(page.file, link.where, "datasource", uid, expected=kind)
