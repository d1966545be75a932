"""From an address to a declaration's text: the one way through the parts of this package."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from catalog.complaints import complaints
from catalog.errors import CatalogError, Problem, UsageError, UserError
from catalog.exporters import Exporter, ExporterMetric, same_release
from catalog.files import load_model
from delivery import tree
from delivery.places import display
from delivery.record.declare import RUNTIME, declare, guesses, unfit
from delivery.record.fetch import fetch
from delivery.record.identity import Identity, corrected, identify
from delivery.record.merge import merge
from delivery.record.page import Family, PageError, read_page
from delivery.record.text import to_yaml

_COMMENT = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line asks for, besides the address."""

    component: str | None = None
    release: str | None = None
    keep: str | None = None
    merge: Path | None = None
    fresh: bool = False
    out: Path | None = None
    timeout: float = 10.0


@dataclass(frozen=True, slots=True)
class Recording:
    """The file's text, how many metrics it declares, and what a person should know of it."""

    text: str
    count: int
    notes: tuple[str, ...]


def record(url: str, wishes: Wishes) -> Recording:
    """The declaration, written to where it is wished; nothing is fetched for a vain wish.

    :raises UserError: the wishes, the server or its page are not as they must be.
    """
    keep = _pattern(wishes.keep)
    _refuse_to_overwrite(wishes.out, wishes.merge)
    old, heading = (None, "") if wishes.merge is None else _read(wishes.merge)
    text, place = fetch(url, wishes.timeout)
    families = _families(text, place)
    told = corrected(identify(families), wishes.component, wishes.release)
    known = old.metrics if old else {}
    page, notes = _declared(families, keep, known, fresh=wishes.fresh)
    if not page:
        fault = f"none of the page's {len(families)} metrics is to be declared"
        raise UserError(Problem(place, fault, "Say which with --keep, as in --keep 'loki_.*'"))
    if old is None:
        exporter = _exporter(told, {name: metric for name, (_, metric) in page.items()}, place)
    else:
        _refuse_another(told, old, wishes.merge)
        exporter, changes = merge(old, page, fresh=wishes.fresh)
        notes += changes
    result = to_yaml(exporter, heading)
    if wishes.out is not None:
        _write(wishes.out, result)
    return Recording(result, len(exporter.metrics), tuple(notes))


def _pattern(keep: str | None) -> re.Pattern[str] | None:
    try:
        return None if keep is None else re.compile(keep)
    except re.error as error:
        fault = f"it is no regular expression: {error}"
        remedy = "Write one for whole names, as in 'loki_(ruler|ingester)_.*'"
        raise UsageError(Problem("--keep", fault, remedy)) from None


def _refuse_to_overwrite(out: Path | None, merged: Path | None) -> None:
    """What people wrote in a file is kept, and only one step from being lost."""
    if out is None:
        return
    if not out.parent.is_dir():
        raise UsageError(Problem(display(out.parent), "there is no such folder", "Create it"))
    if not os.path.lexists(out):
        return
    if not out.is_file():
        raise UsageError(Problem(display(out), "it is not a file", "Name another with --out"))
    if merged is None or not merged.exists() or not out.samefile(merged):
        fault = "the file is there already, and what was decided in it would be lost"
        remedy = f"Add --merge {display(out)}, or delete it first"
        raise UsageError(Problem(display(out), fault, remedy))


def _read(path: Path) -> tuple[Exporter, str]:
    """A declaration, and the comment above it."""
    problems: list[Problem] = []
    found = load_model(path, Exporter, problems)
    if found is None:
        raise CatalogError(*problems)
    comment = _COMMENT.match(path.read_text(encoding="utf-8-sig"))
    return found, comment[0] if comment else ""


def _families(text: str, place: str) -> Mapping[str, Family]:
    remedy = "Name the address of a metrics page, mostly /metrics"
    try:
        # Not splitlines: a label's value may hold what Python takes for the end of a line.
        families = read_page(text.split("\n"))
    except PageError as error:
        fault = f"line {error.line} is of no metrics page: {error.fault}"
        raise UserError(Problem(place, fault, remedy)) from None
    if not families:
        raise UserError(Problem(place, "the page shows no metric", remedy))
    return families


def _declared(
    families: Mapping[str, Family],
    keep: re.Pattern[str] | None,
    known: Mapping[str, ExporterMetric],
    *,
    fresh: bool,
) -> tuple[dict[str, tuple[Family, ExporterMetric]], list[str]]:
    """The metrics to declare, and what a person should know of those that are not ``known``."""
    page: dict[str, tuple[Family, ExporterMetric]] = {}
    notes: list[str] = []
    for name, family in sorted(families.items()):
        if RUNTIME.fullmatch(name) if keep is None else not keep.fullmatch(name):
            continue
        if reason := unfit(family):
            notes.append(f"{name}: left out, {reason}")
            continue
        page[name] = family, declare(family, fresh=fresh)
        if name not in known:
            notes.extend(f"{name}: {guess}" for guess in guesses(family))
    return page, notes


def _exporter(told: Identity, metrics: dict[str, ExporterMetric], place: str) -> Exporter:
    options = {"--component": told.component, "--release": told.release}
    missing = [option for option, value in options.items() if value is None]
    if missing:
        fault = "the page does not tell which server and release it is of"
        raise UsageError(Problem(place, fault, f"Add {' and '.join(missing)}"))
    facts = {**told._asdict(), "source": "recorded", "metrics": metrics}
    try:
        return Exporter.model_validate(facts)
    except ValidationError as error:
        faults = complaints(error, Exporter)
        raise UsageError(
            *(Problem(f"--{at[0]}", fault, remedy) for at, fault, remedy in faults)
        ) from None


def _refuse_another(told: Identity, old: Exporter, path: Path | None) -> None:
    """Two releases in one file would be neither."""
    component, release = told.component or old.component, told.release or old.release
    if component != old.component or not same_release(release, old.release):
        fault = f"declares {old.component} {old.release}, and the page is of {component} {release}"
        remedy = "Record it to a file of its own"
        raise UsageError(Problem(display(path or Path()), fault, remedy))


def _write(out: Path, text: str) -> None:
    """In one step: whoever reads the file sees all of the old or all of the new one."""
    staged = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        tree.write_new(staged, text.encode())
        os.replace(staged, out)
    finally:
        staged.unlink(missing_ok=True)
