"""A declaration as the YAML that people edit: a metric a line, in the order of names.

``delivery.yaml_text`` writes what programs read, in block style; a table of metrics is read
and compared best with one of them a line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from catalog.exporters import Exporter, ExporterMetric

_WIDTH = 100
#: What every YAML reader takes for text without quotes, within brackets too.
_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_/.-]*")
_RESERVED = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})


def to_yaml(exporter: Exporter, heading: str = "") -> str:
    """The file; ``heading`` are comment lines that stand above it."""
    lines = [
        f"component: {exporter.component}",
        f"release: {_quoted(exporter.release)}",
        f"source: {exporter.source}",
    ]
    if exporter.reason is not None:
        lines.append(f"reason: {_quoted(exporter.reason)}")
    if exporter.prefixes:
        lines.append(f"prefixes: {_list(exporter.prefixes)}")
    lines.append("metrics:")
    for name in sorted(exporter.metrics):
        lines += metric_lines(name, exporter.metrics[name])
    return heading + "\n".join(lines) + "\n"


def metric_lines(name: str, metric: ExporterMetric) -> list[str]:
    """On one line if it fits, else the facts below the name, else the labels below those."""
    facts = f"{{type: {metric.type}, unit: {_text(metric.unit)}, emission: {metric.emission}"
    words = list(_words(metric))
    whole = f"{facts}, labels: {{{', '.join(words)}}}}}" if words else f"{facts}}}"
    if len(line := f"  {_text(name)}: {whole}") <= _WIDTH:
        return [line]
    if len(line := f"    {whole}") <= _WIDTH or not words:
        return [f"  {_text(name)}:", line]
    lines = [f"  {_text(name)}:", f"    {facts},", f"     labels: {{{words[0]}"]
    for word in words[1:]:
        if len(f"{lines[-1]}, {word}}}}}") <= _WIDTH:
            lines[-1] += f", {word}"
        else:
            lines[-1] += ","
            lines.append(f"       {word}")
    lines[-1] += "}}"
    return lines


def _words(metric: ExporterMetric) -> Iterator[str]:
    """The labels and their values, in pieces between which a line may end."""
    for label, values in sorted(metric.labels.items()):
        if values is None:
            yield f"{_text(label)}: null"
        else:
            first, *others = map(_text, values)
            *init, last = [f"{_text(label)}: [{first}", *others]
            yield from (*init, f"{last}]")


def _list(values: tuple[str, ...]) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _text(text: str) -> str:
    plain = _PLAIN.fullmatch(text) and text.casefold() not in _RESERVED
    return text if plain else _quoted(text)


def _quoted(text: str) -> str:
    """In double quotes, where JSON's escapes mean the same in YAML."""
    return json.dumps(text, ensure_ascii=False)
