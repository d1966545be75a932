"""Credentials written into the files that ship."""

from __future__ import annotations

from collections.abc import Iterator

from tests.delivery.checks.mutations.mutant import Edit, Json, Kind, Mutant, Way
from tests.delivery.checks.mutations.shipped import Shipped


def _files(shipped: Shipped) -> Iterator[tuple[str, Json]]:
    """Alertmanager's configuration has a check of its own."""
    for path, content in shipped.contents.items():
        if not path.startswith("alertmanager/"):
            yield path, content


def _setting(shipped: Shipped) -> Iterator[Mutant]:
    for path, _ in _files(shipped):
        yield Mutant(path, "password", (Edit(("password",), "correct-horse"),))


def _of_a_datasource(shipped: Shipped) -> Iterator[Mutant]:
    for path, content in _files(shipped):
        if "/datasources/" in path:
            for index, entry in enumerate(content["datasources"]):
                way: Way = ("datasources", index, "secureJsonData")
                where = f"datasources[{entry['name']}].secureJsonData.basicAuthPassword"
                yield Mutant(path, where, (Edit(way, {"basicAuthPassword": "correct-horse"}),))


def _documents(shipped: Shipped) -> Iterator[tuple[str, int, Json]]:
    for path, content in _files(shipped):
        for index, document in enumerate(content.get("documents", ())):
            yield path, index, document


def _secret(shipped: Shipped) -> Iterator[Mutant]:
    for path, index, document in _documents(shipped):
        made = {"kind": "Secret", "metadata": document["metadata"], "data": {"word": "aG9yc2U="}}
        where = f"documents[{index}].data.word"
        yield Mutant(path, where, (Edit(("documents", index), made),))


def _variable(shipped: Shipped) -> Iterator[Mutant]:
    for path, index, document in _documents(shipped):
        spec = (document.get("spec") or {}).get("template", {}).get("spec", {})
        for at, container in enumerate(spec.get("containers", ())):
            made = {"name": "AWS_SECRET_ACCESS_KEY", "value": "correct-horse"}
            steps = ("spec", "template", "spec", "containers", at, "env")
            where = (
                f"documents[{index}].spec.template.spec.containers[{container['name']}]"
                ".env[AWS_SECRET_ACCESS_KEY].value"
            )
            yield Mutant(path, where, (Edit(("documents", index, *steps), [made]),))


def _embedded(shipped: Shipped) -> Iterator[Mutant]:
    """In the text of another file, as a ConfigMap holds one."""
    for path, content in _files(shipped):
        if content.get("kind") == "ConfigMap":
            for key, text in content["data"].items():
                line = text.count("\n") + 1
                spoilt = f"{text}secret_access_key: correct-horse\n"
                yield Mutant(path, f"data.{key}, line {line}", (Edit(("data", key), spoilt),))


_ID = frozenset({"secret/literal"})
KINDS: tuple[Kind, ...] = (
    Kind("secret: a setting", _ID, _setting),
    Kind("secret: of a datasource", _ID, _of_a_datasource),
    Kind("secret: in a Secret", _ID, _secret),
    Kind("secret: in a container's environment", _ID, _variable),
    Kind("secret: in an embedded file", _ID, _embedded),
)
