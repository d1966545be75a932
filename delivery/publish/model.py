"""What is wanted, what is there, and the change that leads from one to the other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]

#: What a person decides: each is allowed by an option of ``publish``.
Decision = Literal["adopt", "overwrite", "prune"]
#: ``move``: the folder alone. ``replace``: an object under another uid takes its place.
#: ``restore``: as an older backup has it, mark or none.
Action = Literal["create", "update", "move", "replace", "delete", "keep", "skip", "restore"]

#: Who publishes first: what others refer to comes before them. Deletions run the other way.
ORDER = (
    "folder",
    "folder permissions",
    "datasource",
    "correlation",
    "dashboard",
    "template",
    "contact point",
    "mute timing",
    "notification policy",
    "alert rules",
    "log rules",
    "metric rules",
    "loaded rules",
)


@dataclass(frozen=True, slots=True)
class Edit:
    """Somebody else's change since our last publish; unknown parts are empty."""

    who: str = ""
    when: str = ""
    message: str = ""

    def __str__(self) -> str:
        said = f", '{self.message}'" if self.message else ""
        return f"edited by {self.who or 'somebody'}{f' at {self.when}' if self.when else ''}{said}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One object as generated/ has it.

    ``key`` is what the server knows it by; ``content`` its normal form, which is compared and
    shown; ``body`` what is sent; ``parent`` the uid of its folder; ``file`` where it comes from.
    ``fixed`` says why the server takes none over its API (empty if it does), ``lacks`` what has
    to be there before it can be made.
    """

    kind: str
    key: str
    title: str
    content: Json
    body: Any
    file: str
    parent: str = ""
    fixed: str = ""
    lacks: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """One object as the server has it.

    ``ours`` says that it carries our mark; ``fixed`` why it cannot be changed over the API
    (empty if it can); ``version`` what an optimistic lock is held against. ``edit`` asks who
    changed it since our last publish: an :class:`Edit`, None for nobody, or ``"unknown"`` where
    the kind holds no trace of what we published. ``because`` is what the plan says of it where
    its own words would not do; ``harmful`` that it must not stay where it is left over.
    """

    kind: str
    key: str
    title: str
    content: Json
    body: Any
    ours: bool
    parent: str = ""
    version: Any = None
    fixed: str = ""
    because: str = ""
    harmful: bool = False
    edit: Callable[[], Edit | Literal["unknown"] | None] = field(default=lambda: None, repr=False)


@dataclass(frozen=True, slots=True)
class Difference:
    """One setting that differs: where, and what stands there; None where nothing does."""

    where: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be done about one object.

    ``needs`` is the decision without which it is not done, and ``because`` says why in words.
    """

    action: Action
    kind: str
    key: str
    title: str
    wanted: Wanted | None = None
    found: Found | None = None
    differences: tuple[Difference, ...] = ()
    drift: Edit | None = None
    needs: Decision | None = None
    because: str = ""

    @property
    def writes(self) -> bool:
        """Whether the server is changed by it."""
        return self.action not in {"keep", "skip"}

    @property
    def place(self) -> str:
        """``dashboard neurectomy-slo 'NEURECTOMY: error budgets'``."""
        return f"{self.kind} {self.key} '{self.title}'" if self.title else f"{self.kind} {self.key}"


@dataclass(frozen=True, slots=True)
class Plan:
    """All changes to one server, in the order in which they are made."""

    server: str
    changes: tuple[Change, ...]

    @property
    def empty(self) -> bool:
        """Whether the server is as generated/ wants it."""
        return not any(change.writes for change in self.changes)


def digest(content: object) -> str:
    """Of a normal form: the same for the same meaning, whatever the order of the keys."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
