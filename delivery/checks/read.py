"""Reads the files under generated/ that ship, each once, into :class:`Documents`.

Which file is what follows from its path, as it does for the servers that read it; the
manifest is for who needs hashes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from catalog.errors import Problem, TreeError
from delivery.checks import (
    read_alerting,
    read_dashboard,
    read_datasources,
    read_library,
    read_rules,
    read_runbooks,
    read_secrets,
    read_tests,
)
from delivery.checks.documents import Documents, Folder

Json = dict[str, Any]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DASHBOARD = re.compile(r"grafana/dashboards/[^/]+/[^/]+\.json")
_PROVISIONING = re.compile(r"grafana/(provisioning|environments/[^/]+)/.+\.ya?ml")
_DATASOURCES = re.compile(r"grafana/(provisioning|environments/[^/]+)/datasources/.+\.ya?ml")
_PROVIDERS = re.compile(r"grafana/provisioning/dashboards/.+\.ya?ml")
_ALERTING = re.compile(r"grafana/provisioning/alerting/.+\.ya?ml")
_ALERTMANAGER = re.compile(r"alertmanager/[^/]+\.ya?ml")
_PROMETHEUS_RULES = re.compile(r"prometheus/rules/.+\.ya?ml")
_LOKI_RULES = re.compile(r"loki/rules/[^/]+/.+\.ya?ml")
_DEPLOYED = re.compile(r"deploy/.+\.ya?ml")
_LIBRARY = re.compile(r"queries/library\.json")
_TESTS = re.compile(r"(prometheus|loki)/tests/.+\.ya?ml")


def read_tree(root: Path, files: Iterable[str], runbooks: Path | None = None) -> Documents:
    """What the files say that the manifest lists, and which alerts have a runbook.

    :raises TreeError: a file cannot be read, or is not the JSON or YAML it should be.
    """
    documents = Documents()
    if runbooks is not None:
        read_runbooks.read(runbooks, documents)
    for path in files:
        text = _text(root, path)
        suspect = read_secrets.suspects(text)
        if suspect and not is_read(path):
            read_secrets.read(path, text, documents)
        # Of what is deployed only credentials are asked.
        if is_read(path) and (suspect or not _DEPLOYED.fullmatch(path)):
            content = _parsed(path, text)
            try:
                read_file(path, content, documents, suspect=suspect)
            except (AttributeError, LookupError, TypeError, ValueError) as error:
                fault = f"is not laid out as such a file is: {error}"
                raise TreeError(Problem(path, fault, "Run python build.py")) from error
    return documents


def is_read(path: str) -> bool:
    """Whether a file says something that a check asks for."""
    return any(
        pattern.fullmatch(path)
        for pattern in (
            _DASHBOARD,
            _PROMETHEUS_RULES,
            _LOKI_RULES,
            _TESTS,
            _PROVISIONING,
            _ALERTMANAGER,
            _DEPLOYED,
            _LIBRARY,
        )
    )


def read_file(path: str, content: Json, documents: Documents, *, suspect: bool = True) -> None:
    """Adds what one file says; one that is no ``suspect`` holds no credential."""
    if suspect and not _ALERTMANAGER.fullmatch(path):
        read_secrets.read(path, content, documents)
    if _DASHBOARD.fullmatch(path):
        read_dashboard.read(path, content, documents)
    elif _PROMETHEUS_RULES.fullmatch(path):
        read_rules.read(path, content, "promql", documents)
    elif _LOKI_RULES.fullmatch(path):
        read_rules.read(path, content, "logql", documents)
    elif _LIBRARY.fullmatch(path):
        read_library.read(path, content, documents)
    elif _TESTS.fullmatch(path):
        read_tests.read(path, content, documents)
    elif _ALERTMANAGER.fullmatch(path):
        read_alerting.read_alertmanager(path, content, documents)
    elif _PROVISIONING.fullmatch(path):
        read_datasources.expanded(path, content, documents)
        if _DATASOURCES.fullmatch(path):
            read_datasources.read(path, content, documents)
        elif _ALERTING.fullmatch(path):
            read_alerting.read_managed(path, content, documents)
        elif _PROVIDERS.fullmatch(path):
            documents.folders += _folders(path, content)


def _folders(path: str, content: Json) -> list[Folder]:
    return [
        Folder(path, str(each.get("folderUid") or ""), str(each.get("folder") or ""))
        for each in content.get("providers") or []
    ]


def load(root: Path, path: str) -> Json:
    """The mapping that a file holds; of several documents, ``documents`` is the list.

    :raises TreeError: it cannot be read, or holds something else.
    """
    return _parsed(path, _text(root, path))


def _text(root: Path, path: str) -> str:
    try:
        return (root / path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from None


def _unreadable(path: str, error: Exception) -> TreeError:
    reason = " ".join(str(error).split())
    return TreeError(Problem(path, f"cannot be read: {reason}", "Run python build.py"))


def _parsed(path: str, text: str) -> Json:
    try:
        if path.endswith(".json"):
            content = json.loads(text)
        elif _DEPLOYED.fullmatch(path):
            found = list(yaml.load_all(text, Loader=_LOADER))
            content = found[0] if len(found) == 1 else {"documents": found}
        else:
            content = yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe loader
    except (ValueError, yaml.YAMLError) as error:
        raise _unreadable(path, error) from None
    if not isinstance(content, dict):
        raise TreeError(Problem(path, "is not a mapping", "Run python build.py"))
    return content
