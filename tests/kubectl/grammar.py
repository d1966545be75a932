"""kubectl's grammar: which verbs there are, and what each takes."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml

_FLAGS = Path(__file__).with_name("flags.yaml")
#: Verbs that programs of their own bring, by the plugin's name; what follows is theirs.
PLUGINS = frozenset({"argo"})

#: What is shown by ``kubectl top`` goes by several names.
_TOP = {"pod": "pod", "pods": "pod", "po": "pod", "node": "node", "nodes": "node", "no": "node"}


class GrammarError(ValueError):
    """A call that kubectl itself refuses: the fault, and what to write."""

    def __init__(self, fault: str, remedy: str) -> None:
        super().__init__(f"{fault}. {remedy}.")
        self.fault, self.remedy = fault, remedy


@dataclass(frozen=True)
class Verb:
    """What one takes: long names by how they are written, and whether a value follows."""

    names: Mapping[str, str]
    kinds: Mapping[str, str]


@dataclass(frozen=True)
class Parsed:
    """A call as kubectl reads it; ``after`` is what stands behind ``--``."""

    verb: str
    arguments: Sequence[str]
    flags: Mapping[str, Sequence[str]]
    after: Sequence[str] | None = None

    def one(self, flag: str) -> str | None:
        """The last value given to a flag."""
        return self.flags[flag][-1] if flag in self.flags else None


@cache
def verbs() -> Mapping[str, Verb]:
    """Every verb that is known, with what all of them take."""
    told = yaml.safe_load(_FLAGS.read_text(encoding="utf-8"))
    common = told.pop("(all)")
    return {name: _verb(common, own) for name, own in told.items()}


def _verb(*tables: Mapping[str, str]) -> Verb:
    names: dict[str, str] = {"-h": "help", "--help": "help"}
    kinds: dict[str, str] = {"help": "switches"}
    for table in tables:
        for kind, listed in table.items():
            for word in listed.split():
                short, _, long = word.rpartition("|")
                kinds[long] = kind
                names[f"--{long}"] = long
                if short:
                    names[f"-{short}"] = long
    return Verb(names, kinds)


@dataclass
class _Reading:
    verb: Verb
    title: str
    arguments: list[str] = field(default_factory=list)
    flags: dict[str, list[str]] = field(default_factory=dict)

    def flag(self, word: str, rest: list[str]) -> None:
        name, equals, value = word.partition("=")
        if not name.startswith("--") and len(name) > 2:
            # -nmonitoring and -it: the first may take the rest as its value.
            first = self._long(name[:2])
            if self.verb.kinds[first] == "switches":
                self.flag(name[:2], [])
                self.flag(f"-{name[2:]}{equals}{value}", rest)
            else:
                self._keep(first, word[2:].removeprefix("="))
            return
        long = self._long(name)
        if equals:
            self._keep(long, value)
        elif self.verb.kinds[long] != "values":
            self._keep(long, "true")
        elif rest:
            self._keep(long, rest.pop(0))
        else:
            raise GrammarError(f"flag {name} needs a value", "Write one behind it")

    def _keep(self, long: str, value: str) -> None:
        self.flags.setdefault(long, []).append(value)

    def _long(self, name: str) -> str:
        if name in self.verb.names:
            return self.verb.names[name]
        raise GrammarError(
            f"kubectl {self.title} knows no flag {name}",
            _nearest(name, self.verb.names, "Take it out, or see kubectl " + self.title + " -h"),
        )


def parse(words: Sequence[str]) -> Parsed | None:
    """The call, None for what a plugin reads.

    :raises GrammarError: kubectl would refuse it.
    """
    rest, title = list(words), ""
    before: list[str] = []
    known = verbs()
    # Flags that every verb takes may stand before it.
    while rest and not title:
        word = rest.pop(0)
        if word.startswith("-"):
            before.append(word)
            any_verb = known["version"]
            if "=" not in word and any_verb.kinds.get(any_verb.names.get(word, "")) == "values":
                before.append(rest.pop(0) if rest else "")
        elif word in PLUGINS:
            return None
        else:
            title = _title(word, rest)
    if not title:
        raise GrammarError("there is no verb", "Write get, apply or another behind kubectl")
    reading, after = _Reading(known[title], title), None
    rest = before + rest
    while rest:
        word = rest.pop(0)
        if word == "--":
            after = rest
            break
        if word.startswith("-") and word != "-":
            reading.flag(word, rest)
        else:
            reading.arguments.append(word)
    return Parsed(title, reading.arguments, reading.flags, after)


def _title(word: str, rest: list[str]) -> str:
    """The verb; of those in several words, as many as belong to it."""
    known = verbs()
    title = word
    if title == "top" and rest and rest[0] in _TOP:
        return f"top {_TOP[rest.pop(0)]}"
    while rest and (
        f"{title} {rest[0]}" in known
        or any(each.startswith(f"{title} {rest[0]} ") for each in known)
    ):
        title = f"{title} {rest.pop(0)}"
    if title == "create" and rest and not any(w.startswith(("-f", "--filename")) for w in rest):
        raise GrammarError(
            f"kubectl create {rest[0]} is not known here",
            "Add its flags to tests/kubectl/flags.yaml",
        )
    if title in known:
        return title
    raise GrammarError(
        f"kubectl has no verb {title!r}", _nearest(title, known, "See kubectl --help")
    )


def _nearest(word: str, known: Mapping[str, object], otherwise: str) -> str:
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.7)
    return f"Write {close[0]}" if close else otherwise
