"""Holds a call of kubectl against its grammar and against the manifests that it names.

What a person or the shell puts in is not known here: a word with ``$``, and one all of capitals
such as POD, fits anything.
"""

from __future__ import annotations

import difflib
import fnmatch
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from catalog.model import Catalog
from tests.kubectl.cluster import Thing, documents, things
from tests.kubectl.grammar import GrammarError, Parsed, parse
from tests.kubectl.kinds import CLUSTER_WIDE, kinds_of, names
from tests.kubectl.words import Call

_OPEN = re.compile(r"[$`*…]|^[A-Z][A-Z0-9_-]*$|<[^>]+>")
_ROLLED = frozenset({"DaemonSet", "Deployment", "StatefulSet"})
_SCALED = frozenset({"Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"})
_CONDITIONS = re.compile(r"^(delete|create|condition=.+|jsonpath=.+)$")


@dataclass(frozen=True)
class Fault:
    """Where it is, what is wrong and what to write."""

    page: str
    line: int
    fault: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.fault}. {self.remedy}."


Found = Iterator[tuple[str, str]]


class Cluster:
    """The objects that there are, for one question after another."""

    def __init__(self, root: Path, catalog: Catalog) -> None:
        self.root = root
        self.things = things(root, catalog)

    def faults(self, call: Call) -> list[Fault]:
        """All that is wrong with a call; none if kubectl would do what it says."""
        try:
            parsed = parse(call.words)
        except GrammarError as error:
            return [Fault(call.page, call.line, error.fault, error.remedy)]
        if parsed is None or "help" in parsed.flags or (call.mentioned and not parsed.arguments):
            return []
        return [Fault(call.page, call.line, *each) for each in self._judged(parsed, call)]

    def _judged(self, parsed: Parsed, call: Call) -> Found:
        files = [*parsed.flags.get("filename", ()), *parsed.flags.get("kustomize", ())]
        if files:
            yield from self._files(parsed, call, files)
            if parsed.arguments and parsed.verb not in {"exec"}:
                yield (
                    f"kubectl {parsed.verb} takes no {parsed.arguments[0]!r} beside -f",
                    f"Write -f before each file: -f {files[0]} -f {parsed.arguments[0]}",
                )
            return
        if rule := _RULES.get(parsed.verb):
            yield from rule(self, parsed, call)

    def _files(self, parsed: Parsed, call: Call, files: Iterable[str]) -> Found:
        space = parsed.one("namespace")
        for told in files:
            if told == "-" or _OPEN.search(told) or told.startswith(("http:", "https:")):
                continue
            path = self.root / call.folder / told
            if not path.exists():
                near = difflib.get_close_matches(path.name, _siblings(path), n=1)
                what = f"Write {near[0]}" if near else "Write its path from the repository's top"
                yield f"there is no file {(Path(call.folder) / told).as_posix()}", what
                continue
            inside = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
            for each in (item for one in inside for item in documents(one)):
                stated = each["metadata"].get("namespace")
                if each["kind"] in CLUSTER_WIDE or _is_open(space):
                    continue
                if stated is None and space is None:
                    yield f"{told} names no namespace, and neither does the call", "Add -n"
                elif stated and space and stated != space:
                    yield (
                        (
                            f"{each['kind']} {each['metadata']['name']} of {told} is of "
                            f"namespace {stated}, not {space}"
                        ),
                        f"Write -n {stated}, or leave it out",
                    )

    def objects(self, parsed: Parsed, call: Call, arguments: list[str], default: str = "") -> Found:
        """Kinds, names, namespace and selector; ``default`` is the kind of a bare name."""
        targets, fault = _targets(arguments, default)
        if fault:
            yield fault
            return
        selector = parsed.one("selector")
        named = [name for _, name in targets if name]
        if selector and named:
            yield f"it names {named[0]} and selects by {selector}", "Keep one of them"
            return
        for kind, name in targets:
            yield from self.one(parsed, call, kind, name)

    def one(self, parsed: Parsed, call: Call, kind: str, name: str) -> Found:
        """One object, or all of a kind: is there such a one, where it is looked for."""
        space, selector = parsed.one("namespace"), parsed.one("selector")
        scoped = kind in CLUSTER_WIDE or space or "all-namespaces" in parsed.flags
        if not scoped and not call.mentioned:
            told = f"{kind} {name or selector or ''}".rstrip()
            yield f"{told} is of no namespace", self._space(kind, name, selector)
            return
        if space and not _is_open(space) and not self._fits("Namespace", space, None):
            yield f"there is no namespace {space}", self._near("Namespace", space, None)
            return
        if name and not _is_open(name) and not self._fits(kind, name, space):
            yield f"there is no {kind} {name}" + _in(space), self._near(kind, name, space)
        if selector and not _is_open(selector) and kind not in {"Node", "Event", "Job", "CronJob"}:
            yield from self._selected(kind, selector, space)

    def _selected(self, kind: str, selector: str, space: str | None) -> Found:
        wanted = [part.partition("=") for part in selector.replace("==", "=").split(",")]
        if any(not equals or "!" in key or " in " in key for key, equals, _ in wanted):
            return
        if kind in {"ReplicaSet"}:
            return
        pairs = {(key, value) for key, _, value in wanted if not _is_open(value)}
        if len({key for key, _, _ in wanted}) < len(wanted):
            yield (
                f"no {kind} can be selected by {selector}: all of it has to hold at once",
                f"Write {wanted[0][0]} in ({','.join(value for _, _, value in wanted)})",
            )
            return
        own = [each for each in self.things if each.kind == kind and _within(each, space)]
        if not any(pairs <= set(each.labels.items()) for each in own):
            known = sorted({f"{k}={v}" for each in own for k, v in each.labels.items()})
            near = difflib.get_close_matches(selector, known, n=1, cutoff=0.5)
            what = f"Write {near[0]}" if near else "Write a label that stands in the manifests"
            yield f"no {kind} is labelled {selector}" + _in(space), what

    def named(self, kind: str, name: str, space: str | None) -> list[Thing]:
        """The objects that a name may mean."""
        return [
            each
            for each in self.things
            if each.kind == kind and fnmatch.fnmatch(name, each.name) and _within(each, space)
        ]

    def _fits(self, kind: str, name: str, space: str | None) -> bool:
        known = [each for each in self.things if each.kind == kind]
        # What no manifest makes, such as nodes and events, may have any name.
        return not known or bool(self.named(kind, name, space))

    def _space(self, kind: str, name: str, selector: str | None) -> str:
        pairs = {tuple(part.split("=")) for part in (selector or "").split(",") if part}
        spaces = sorted(
            {
                each.namespace
                for each in (self.named(kind, name, None) if name else self.things)
                if each.kind == kind and each.namespace and pairs <= set(each.labels.items())
            }
        )
        return f"Add -n {spaces[0]}" if len(spaces) == 1 else "Add -n, or -A for all"

    def _near(self, kind: str, name: str, space: str | None) -> str:
        elsewhere = sorted(
            {each.namespace or "" for each in self.named(kind, name, None) if each.name != "*"}
        )
        if space and elsewhere:
            return f"Write -n {elsewhere[0]}"
        known = sorted({each.name for each in self.things if each.kind == kind})
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        return f"Write {near[0]}" if near else f"Write one of: {', '.join(known[:5])}"

    def inside(self, parsed: Parsed, call: Call, target: str) -> Iterator[Thing]:
        """The objects whose pods a call is about."""
        targets, _ = _targets([target], "Pod")
        for kind, name in targets:
            if not _is_open(name):
                yield from self.named(kind, name, parsed.one("namespace"))


def _is_open(word: str | None) -> bool:
    return bool(word and _OPEN.search(word))


def _within(thing: Thing, space: str | None) -> bool:
    return thing.namespace is None or space is None or _is_open(space) or thing.namespace == space


def _in(space: str | None) -> str:
    return f" in namespace {space}" if space else ""


def _siblings(path: Path) -> list[str]:
    return [each.name for each in path.parent.iterdir()] if path.parent.is_dir() else []


def _targets(
    arguments: list[str], default: str
) -> tuple[list[tuple[str, str]], tuple[str, str] | None]:
    """``(kind, name)`` of each object that is named, or why it cannot be read."""
    if not arguments:
        return ([(default, "")] if default else []), None
    if any("/" in each for each in arguments) or (default and not _is_open(arguments[0])):
        found = []
        for each in arguments:
            kind, slash, name = each.rpartition("/")
            kinds = kinds_of(kind) if slash else [default] if default else None
            if _is_open(each):
                continue
            if kinds is None:
                return [], _unknown(kind or each)
            found.append((kinds[0], name))
        return found, None
    if _is_open(arguments[0]):
        return [], None
    kinds = kinds_of(arguments[0])
    if kinds is None:
        return [], _unknown(arguments[0])
    return [(kind, name) for kind in kinds for name in arguments[1:] or [""]], None


def _unknown(word: str) -> tuple[str, str]:
    near = difflib.get_close_matches(word, names(), n=1, cutoff=0.6)
    return f"there is no kind {word!r}", f"Write {near[0]}" if near else "See kubectl api-resources"


def _listed(cluster: Cluster, parsed: Parsed, call: Call) -> Found:
    if not parsed.arguments and parsed.verb != "get":
        yield f"kubectl {parsed.verb} names nothing", "Write a kind, or -f and a file"
    if "raw" not in parsed.flags:
        yield from cluster.objects(parsed, call, list(parsed.arguments))


def _logs(cluster: Cluster, parsed: Parsed, call: Call) -> Found:
    if not parsed.arguments and "selector" not in parsed.flags:
        yield "kubectl logs names no pod", "Write one, TYPE/NAME, or -l and a selector"
        return
    yield from cluster.objects(parsed, call, list(parsed.arguments[:1]), "Pod")
    told = parsed.one("container") or (parsed.arguments[1] if len(parsed.arguments) > 1 else None)
    yield from _container(cluster, parsed, call, told)


def _exec(cluster: Cluster, parsed: Parsed, call: Call) -> Found:
    if not parsed.arguments:
        yield "kubectl exec names no pod", "Write one, or TYPE/NAME"
        return
    if parsed.after is None:
        yield "nothing says what to run", "Write -- and the command behind it"
    elif len(parsed.arguments) > 1:
        yield f"{parsed.arguments[1]!r} stands before --", "Write it behind"
    yield from cluster.objects(parsed, call, list(parsed.arguments[:1]), "Pod")
    yield from _container(cluster, parsed, call, parsed.one("container"))


def _container(cluster: Cluster, parsed: Parsed, call: Call, name: str | None) -> Found:
    if not name or _is_open(name) or not parsed.arguments:
        return
    known = sorted(
        {c for each in cluster.inside(parsed, call, parsed.arguments[0]) for c in each.containers}
    )
    if known and name not in known:
        yield f"{parsed.arguments[0]} has no container {name}", f"Write {' or '.join(known)}"


def _forwarded(cluster: Cluster, parsed: Parsed, call: Call) -> Found:
    if len(parsed.arguments) < 2:
        yield "kubectl port-forward wants an object and a port", "Write svc/NAME LOCAL:REMOTE"
        return
    target, *ports = parsed.arguments
    yield from cluster.objects(parsed, call, [target], "Pod")
    known = sorted({port for each in cluster.inside(parsed, call, target) for port in each.ports})
    for told in ports:
        remote = told.rpartition(":")[2]
        if known and not _is_open(remote) and remote not in known:
            yield f"{target} has no port {remote}", f"Write {' or '.join(known)}"


def _rolled(cluster: Cluster, parsed: Parsed, call: Call) -> Found:
    yield from _of_kinds(cluster, parsed, call, _ROLLED, "rolled out")


def _scaled(cluster: Cluster, parsed: Parsed, call: Call) -> Found:
    if "replicas" not in parsed.flags:
        yield "nothing says to how many", "Add --replicas"
    yield from _of_kinds(cluster, parsed, call, _SCALED, "scaled")


def _of_kinds(
    cluster: Cluster, parsed: Parsed, call: Call, able: frozenset[str], what: str
) -> Found:
    if not parsed.arguments:
        yield f"kubectl {parsed.verb} names nothing", "Write TYPE/NAME"
        return
    targets, _ = _targets(list(parsed.arguments), "")
    for kind, name in targets:
        if kind not in able:
            yield f"a {kind} cannot be {what}", f"Write {' or '.join(sorted(able))}"
            return
        if not name and "selector" not in parsed.flags:
            yield f"it names no {kind}", "Write its name"
            return
    yield from cluster.objects(parsed, call, list(parsed.arguments))


def _waited(cluster: Cluster, parsed: Parsed, call: Call) -> Found:
    wanted = parsed.one("for")
    if wanted is None:
        yield "nothing says what for", "Add --for=condition=Ready"
    elif not _CONDITIONS.match(wanted):
        yield f"--for={wanted} is no condition", "Write --for=condition=NAME"
    yield from _listed(cluster, parsed, call)


def _created(cluster: Cluster, parsed: Parsed, call: Call) -> Found:
    kind = {"secret generic": "Secret", "configmap": "ConfigMap", "namespace": "Namespace"}[
        parsed.verb.removeprefix("create ")
    ]
    if len(parsed.arguments) != 1:
        yield f"kubectl {parsed.verb} wants one name", "Write one"
        return
    [name] = parsed.arguments
    yield from cluster.one(parsed, call, kind, name)
    if kind != "Secret" or _is_open(name):
        return
    known = [each for each in cluster.named(kind, name, parsed.one("namespace")) if each.keys]
    given = {each.partition("=")[0] for each in parsed.flags.get("from-literal", ())}
    given |= {each.partition("=")[0] for each in parsed.flags.get("from-file", ()) if "=" in each}
    for each in known[:1]:
        if odd := sorted(given - set(each.keys)):
            yield f"nobody reads the key {odd[0]} of Secret {name}", _keys(each)
        elif given and (left := sorted(set(each.keys) - given)):
            yield f"Secret {name} lacks the key {left[0]}", _keys(each)


def _keys(secret: Thing) -> str:
    return f"Its keys are {' and '.join(secret.keys)}"


def _nodes(cluster: Cluster, parsed: Parsed, call: Call) -> Found:
    if not parsed.arguments and "selector" not in parsed.flags:
        yield f"kubectl {parsed.verb} names no node", "Write one"


def _top(cluster: Cluster, parsed: Parsed, call: Call) -> Found:
    yield from cluster.objects(parsed, call, list(parsed.arguments), "Pod")


_RULES: Mapping[str, Callable[[Cluster, Parsed, Call], Found]] = {
    **dict.fromkeys(("get", "describe", "delete", "edit"), _listed),
    "logs": _logs,
    "exec": _exec,
    "port-forward": _forwarded,
    **dict.fromkeys(
        (f"rollout {each}" for each in ("status", "restart", "undo", "history", "pause", "resume")),
        _rolled,
    ),
    "scale": _scaled,
    "wait": _waited,
    **dict.fromkeys(("create secret generic", "create configmap", "create namespace"), _created),
    **dict.fromkeys(("cordon", "uncordon", "drain"), _nodes),
    "top pod": _top,
}
