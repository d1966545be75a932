"""Builds the dashboard from the modules' text, before any of it is written.

The account that a person is given is then of what is written, and not of what was meant.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType

from catalog.model import Catalog
from dashboards.imported import Imported
from delivery.importing.modules import Module


def built(modules: Sequence[Module], catalog: Catalog) -> Imported:
    """What the last of the modules builds."""
    with _loaded(modules) as head:
        made: Imported = head.build(catalog)
        return made


@contextmanager
def _loaded(modules: Sequence[Module]) -> Iterator[ModuleType]:
    """The modules as if they were in their packages, for as long as it takes."""
    before = dict(sys.modules)
    names = [module.path.removesuffix(".py").replace("/", ".") for module in modules]
    head = ModuleType("")
    try:
        for name, module in zip(names, modules, strict=True):
            head = ModuleType(name)
            sys.modules[name] = head
            code = compile(module.text, module.path, "exec")
            # Text that was written a moment ago, by calls of constructors that quote each value.
            exec(code, head.__dict__)  # noqa: S102
        yield head
    finally:
        for name in names:
            sys.modules.pop(name, None)
            if name in before:
                sys.modules[name] = before[name]
