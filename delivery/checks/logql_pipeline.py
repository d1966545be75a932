"""Follows a LogQL pipeline: what each stage reads, and what it adds for the next."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Literal

from delivery.checks.labels import ANYTHING, Known, impossible, is_unknown, nearest
from delivery.checks.logql_fields import NEW, OLD, Name, Source, joined
from queries.logql_parser import tree
from queries.logql_parser.go_templates import fields as fields_of
from queries.logql_parser.template_tokens import TemplateFault

#: The node at fault, id, reason, remedy.
At = Callable[[tree.Node, str, str, str], None]

#: What Loki itself sets when a stage fails.
_ERRORS = {"__error__": Name(), "__error_details__": Name()}
#: What Loki 3 adds to every line by itself.
_OF_LOKI_3 = {
    "detected_level": Name(releases=frozenset({NEW})),
    "service_name": Name(releases=frozenset({NEW})),
}
#: Whatever stands there: a capture, or what a template makes.
_FREE = Name(number=True)
#: What Loki appends to a name from the line that a stream has too.
_DOUBLE = "_extracted"
_KEY = re.compile(r"(?:\[\")?([^.\[\]\"]+)")
_CONVERTED = {"duration": "seconds", "duration_seconds": "seconds", "bytes": "bytes"}


class Pipeline:
    """The names that can be read at a point of a pipeline, which moves with each stage."""

    def __init__(self, sources: tuple[Source, ...], releases: frozenset[str], at: At) -> None:
        self._sources, self._releases, self._at = sources, releases, at
        streams = joined(source.labels for source in sources)
        metadata = joined(source.metadata for source in sources)
        self._names: dict[str, Name] = {**_OF_LOKI_3, **metadata, **streams}
        self._sure = frozenset(
            label for label in streams if all(label in source.labels for source in sources)
        )
        self._anything = False
        #: Whether the line is what the service wrote, and what of it a parser has taken.
        self._as_written = True
        self._taken: Literal["nothing", "some", "all"] = "nothing"

    def known(self) -> Known:
        """The labels of a series counted here."""
        if self._anything:
            return ANYTHING
        every = {**self._names, **_ERRORS}
        labels = {
            key: name.values
            for key, name in every.items()
            if self._releases <= name.releases  # on another, nothing has it
        }
        return Known(labels, self._sure, released=frozenset(every.keys() - labels.keys()))

    def stage(self, stage: tree.Stage) -> None:
        """Moves past one stage."""
        match stage:
            case tree.JsonParser(extractions=found) | tree.LogfmtParser(extractions=found):
                self._parse(stage, found)
            case tree.RegexpParser(captures=captures) | tree.PatternParser(captures=captures):
                for capture in captures:
                    self._add(capture, _FREE)
            case tree.UnpackParser():
                self._anything = True
            case tree.LabelFilter(condition=condition):
                self._filter(condition)
            case tree.LabelFormat(assignments=assignments):
                self._format(assignments)
            case tree.LineFormat(template=template):
                self._template(stage, template)
                self._as_written = False
            case tree.Drop(labels=labels):
                for label in labels:
                    if isinstance(label, tree.LabelName):
                        self._names.pop(label.name, None)
                        self._sure -= {label.name}
            case tree.Keep(labels=labels):
                kept = {_named(label) for label in labels}
                self._names = {key: name for key, name in self._names.items() if key in kept}
                self._sure &= kept
            case _:
                pass

    def _parse(
        self,
        stage: tree.JsonParser | tree.LogfmtParser,
        extractions: tuple[tree.Extraction, ...],
    ) -> None:
        format_ = "json" if isinstance(stage, tree.JsonParser) else "logfmt"
        if not self._as_written:
            self._anything = self._anything or not extractions
            for extraction in extractions:
                self._add(extraction.label, _FREE)
            return
        fitting = [source for source in self._sources if source.format == format_]
        if not fitting:
            formats = " or ".join(sorted({source.format for source in self._sources}))
            self._at(
                stage,
                "field/format",
                f"these lines are {formats}, and {format_} finds nothing in them",
                f"Parse them with | {formats}",
            )
        fields = joined(source.fields for source in fitting)
        declared = {field for source in fitting for field in source.homes}
        for extraction in extractions:
            path, whole = _first_key(extraction.expression)
            if path not in declared and fitting:
                self._at(
                    extraction,
                    "field/unknown",
                    f"the lines have no field '{path}'",
                    nearest(path, declared),
                )
            self._add(extraction.label, fields.get(path, _FREE) if whole else _FREE)
        if fitting and self._taken != "all":
            self._taken = "some" if extractions else "all"
        if not extractions:
            for key in [key for key, name in self._names.items() if name.stream]:
                self._names.setdefault(f"{key}{_DOUBLE}", _FREE)
            for key, name in fields.items():
                self._add(key, name)

    def _add(self, key: str, name: Name) -> None:
        """A parser's find: what a stream or its metadata has by this name already, it keeps."""
        before = self._names.get(key)
        if before is None:
            self._names[key] = name
        elif before.stream:
            self._names[f"{key}{_DOUBLE}"] = name
        else:
            self._names[key] = Name(
                name.values,
                before.number or name.number,
                before.unit or name.unit,
                before.releases | name.releases,
            )

    def _look_up(self, node: tree.Node, key: str) -> Name | None:
        if key in _ERRORS or self._anything:
            return Name()
        name = self._names.get(key)
        if name is None:
            self._unknown(node, key)
            return None
        if not self._releases <= name.releases:
            self._at(node, "query/release", *self._missing_on(key, name))
        return name

    @staticmethod
    def _missing_on(key: str, name: Name) -> tuple[str, str]:
        if key in _OF_LOKI_3:
            reason = f"'{key}' is what Loki {NEW} adds by itself, and Loki {OLD} does not"
            return reason, "Ask for a label that the agent sets"
        if name.releases == {NEW}:
            reason = f"'{key}' is structured metadata on Loki {NEW} only"
            return reason, f"Parse the lines first, so that Loki {OLD} finds it too"
        reason = f"'{key}' is in the line on Loki {OLD} only"
        return reason, f"Read it by its own name, which is structured metadata on Loki {NEW}"

    def _unknown(self, node: tree.Node, key: str) -> None:
        later = joined(source.fields for source in self._sources)
        if key not in later:
            reason = f"no line has a field or label '{key}'"
            remedy = nearest(key, choices({**self._names, **later}))
        elif self._taken == "all":
            reason = f"'{key}' is no longer there: a stage before this one dropped or renamed it"
            remedy = "Read it before that stage, or keep it"
        elif self._taken == "some":
            reason = f"'{key}' is in the line, and the parser before this stage leaves it there"
            remedy = f"Add {key} to what it extracts"
        else:
            formats = " or ".join(sorted({source.format for source in self._sources}))
            reason = f"'{key}' is in the line, and no parser stands before this stage"
            remedy = f"Put | {formats} before it"
        self._at(node, "field/unknown", reason, remedy)

    def _filter(self, condition: tree.Condition) -> None:
        match condition:
            case tree.AllOf(filters=filters) | tree.AnyOf(filters=filters):
                for each in filters:
                    self._filter(each)
            case tree.Matcher():
                name = self._look_up(condition, condition.label)
                if name is not None:
                    self._possible(condition, name)
            case tree.NumberFilter() | tree.BytesFilter() | tree.DurationFilter():
                name = self._look_up(condition, condition.label)
                if name is not None and not _can_be_a_number(name):
                    self._at(
                        condition,
                        "field/number",
                        f"'{condition.label}' is text, and is compared with a number",
                        'Compare it with a string, as in ="…"',
                    )
                elif name is not None and isinstance(condition, tree.DurationFilter):
                    self._plain(condition, "field/number", condition.label, name)
            case tree.IpFilter():
                self._look_up(condition, condition.label)

    def _possible(self, condition: tree.Matcher, name: Name) -> None:
        for wrong in impossible(condition.operator, condition.value, name.values):
            if not is_unknown(wrong):
                self._at(
                    condition,
                    "label/value",
                    f"'{condition.label}' is never '{wrong}'",
                    nearest(wrong, name.values or ()),
                )

    def _format(self, assignments: tuple[tree.Rename | tree.Template, ...]) -> None:
        for each in assignments:
            if isinstance(each, tree.Rename):
                name = self._look_up(each, each.source)
                self._names.pop(each.source, None)
                self._sure -= {each.source}
                self._names[each.label] = name or Name()
            else:
                self._template(each, each.template)
                self._names[each.label] = _FREE

    def _template(self, node: tree.Node, template: str) -> None:
        try:
            read = fields_of(template)
        except TemplateFault:
            return  # query/runtime says so
        for key in read:
            self._look_up(node, key)

    def _plain(self, node: tree.Node, check: str, key: str, name: Name) -> None:
        """Says that a number without a unit behind it is no duration to Loki."""
        if name.number and name.unit:
            self._at(
                node,
                check,
                f"'{key}' is a plain number, and Loki reads a duration with its unit only",
                "Write the number in the unit of the field",
            )

    def _numbers(self) -> list[str]:
        return [each for each in choices(self._names) if self._names[each].number]

    def unwrap(self, unwrap: tree.Unwrap) -> str:
        """The unit of what is unwrapped; the filters behind it can read its errors."""
        key = unwrap.label.name
        name = self._look_up(unwrap.label, key)
        unit = ""
        if name is not None:
            if not name.number and unwrap.conversion is None:
                self._at(
                    unwrap.label,
                    "field/unwrap",
                    f"'{key}' is no number, so that every line would be an error",
                    nearest(key, self._numbers()),
                )
            if unwrap.conversion in {"duration", "duration_seconds"}:
                self._plain(unwrap.label, "field/unwrap", key, name)
            unit = _CONVERTED.get(unwrap.conversion or "", name.unit)
        for each in unwrap.filters:
            self._filter(each.condition)
        if not any(_guards(each.condition) for each in unwrap.filters):
            self._at(
                unwrap,
                "field/unwrap",
                f"a line in which '{key}' is no number fails the whole query",
                'Append | __error__="" behind the unwrap',
            )
        return unit


def _can_be_a_number(name: Name) -> bool:
    return name.number or name.values is None or all(map(_is_number, name.values))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _first_key(path: str) -> tuple[str, bool]:
    """The field that a path into a line begins at, and whether it ends there too."""
    found = _KEY.match(path)
    return (found[1], not path[found.end() :].strip('"]')) if found else (path, True)


def choices(names: Iterable[str]) -> list[str]:
    """The names that a person would mean: not Loki's own, and none that Loki renamed."""
    return [name for name in names if not name.startswith("__") and not name.endswith(_DOUBLE)]


def _guards(condition: tree.Condition) -> bool:
    return isinstance(condition, tree.Matcher) and condition.label == "__error__"


def _named(label: tree.LabelName | tree.Matcher) -> str:
    return label.name if isinstance(label, tree.LabelName) else label.label
