"""Texts of alerts as Grafana's own rules fill them in.

Prometheus' templates know ``$value`` and can ask a ``query``; Grafana's know the numbers of the
rule's own queries, so that what a text asks becomes a query of the rule.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

#: The name of the rule's answer in its templates.
VALUE: Final = "B"

_VALUE: Final = re.compile(r"\{\{ \$value \| ([^{}]*) \}\}")
#: Grafana fills the texts of a rule that found nothing, too, and then knows no number.
_NUMBER: Final = f"{{{{ with $values.{VALUE} }}}}{{{{ .Value | \\1 }}}}{{{{ end }}}}"
#: ``{{ with printf "series{a='%s',…}" $labels.a | query }}{{ . | first | value | f }}{{ else }}…``
_ASKED: Final = re.compile(
    r'\{\{ with printf "(?P<query>[^"]*)" (?P<labels>[^|{}]*) \| query \}\}'
    r"\{\{ \. \| first \| value \| (?P<shown>\w+) \}\}"
    r"\{\{ else \}\}(?P<otherwise>[^{}]*)\{\{ end \}\}"
)
_LABEL: Final = re.compile(r"\$labels\.(\w+)")
_FILLED: Final = re.compile(r"(\w+)='%s',?")
_QUERY: Final = re.compile(r"\bquery\b[^{}]*\}\}")


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts, and what has to be asked for them, in the order of :func:`further`."""

    texts: Mapping[str, str]
    queries: tuple[str, ...]


def further(number: int) -> str:
    """The name of the answer to a text's query: the first is ``V1``."""
    return f"V{number}"


def filled_by_grafana(shipped: Mapping[str, str]) -> Texts:
    """The annotations of a rule of Prometheus or Loki, for a rule of Grafana's.

    :raises ValueError: one asks in a way that Grafana cannot be given.
    """
    queries: list[str] = []

    def replaced(found: re.Match[str]) -> str:
        query = _by_labels(found["query"], _LABEL.findall(found["labels"]))
        if query not in queries:
            queries.append(query)
        value = f"$values.{further(queries.index(query) + 1)}"
        return (
            f"{{{{ with {value} }}}}{{{{ .Value | {found['shown']} }}}}"
            f"{{{{ else }}}}{found['otherwise']}{{{{ end }}}}"
        )

    texts = {}
    for name, text in shipped.items():
        made = _VALUE.sub(_NUMBER, _ASKED.sub(replaced, text))
        if _QUERY.search(made):
            raise ValueError(f"the annotation {name} asks a query that Grafana cannot ask: {text}")
        texts[name] = made
    return Texts(texts, tuple(queries))


def _by_labels(query: str, labels: list[str]) -> str:
    """The query for every value of the labels at once: Grafana picks the alert's own."""
    every = _FILLED.sub("", query).replace("{,", "{").replace(",}", "}")
    return f"max by ({', '.join(labels)}) ({every})"
