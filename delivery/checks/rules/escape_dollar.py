"""``escape/dollar``: see docs/checks/escape-dollar.md."""

from __future__ import annotations

import re
from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.finding import Finding

#: What the shell would expand, and so Grafana: ``$NAME``, ``${NAME}``, ``$1``, ``$*`` …
_EXPANDED = re.compile(r"\$(?=[\w{*#@!?-])")
#: Said so on purpose: a provider of values by name.
_MEANT = re.compile(r"\$__(?:env|file|vault)\{")
_DOUBLED = re.compile(r"\$\$(?=[\w{])")
#: Grafana reads these of an alerting file as they are.
_RAW = re.compile(r"\.annotations\.|\.data\[[^\]]*\]\.model\b")
#: Credentials are what the environment is asked for.
_SECRET = "secureJsonData."  # noqa: S105 - the name of a setting


def _run(context: Context) -> Iterator[Finding]:
    documents = context.documents
    for file, way, text in documents.expanded:
        if "$" not in text or _SECRET in way:
            continue
        if "/alerting/" in file and _RAW.search(f".{way}"):
            yield from _doubled(file, way, text)
        else:
            yield from _single(file, way, text)
    for use in documents.uses:
        if "$$" in use.text:
            yield from _doubled(use.file, use.where, use.text)
    for shown in documents.texts:
        if "$$" in shown.text:
            yield from _doubled(shown.file, shown.where, shown.text)
    for rule in documents.rules:
        for key, text in rule.annotations.items():
            if "$$" in text:
                yield from _doubled(rule.file, f"{rule.where}, annotation {key}", text)


def _single(file: str, way: str, text: str) -> Iterator[Finding]:
    # A pair is one dollar and expands nothing; a pattern would pair the wrong ones.
    start = 0
    for part in text.split("$$"):
        for found in _EXPANDED.finditer(part):
            if not _MEANT.match(part, found.start()):
                reason = "Grafana puts an environment variable here, and most are empty"
                at = start + found.start()
                yield Finding(CHECK.id, file, way, reason, "Write $$", text, at, at + 1)
        start += len(part) + 2


def _doubled(file: str, where: str, text: str) -> Iterator[Finding]:
    for found in _DOUBLED.finditer(text):
        reason = "nothing undoubles this '$$' here"
        yield Finding(CHECK.id, file, where, reason, "Write $", text, found.start(), found.end())


CHECK = Check("escape/dollar", "A dollar sign that is not escaped as its file needs", _run)
