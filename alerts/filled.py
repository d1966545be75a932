"""Texts of an alert as the server fills them in, for a test that says what has to be read.

Not a template engine: only the few forms that :mod:`alerts.text` writes are known, and any
other is refused, so that no test expects what no server would show.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from alerts.proof import Firing
from catalog import names

_ACTION = re.compile(r"\{\{.*?\}\}")
_LABEL = re.compile(r"\{\{ \$labels\.(\w+) \}\}")
_VALUE = re.compile(r"\{\{ \$value \| (\w+(?: \"[^\"{}]*\")?) \}\}")
#: ``{{ with printf "series{…}" … | query }}…{{ end }}``: what a recorded series says.
_QUERY = re.compile(
    r'\{\{ with printf "([a-zA-Z_:][\w:]*)\{[^"]*\}"[^|}]*\| query \}\}.*?\{\{ end \}\}'
)


class TemplateError(ValueError):
    """A text that cannot be foretold, and why."""


def filled(texts: Mapping[str, str], labels: Mapping[str, str], firing: Firing) -> dict[str, str]:
    """The texts of an alert that fires with these labels.

    :raises TemplateError: a text asks for a label that the alert does not have, for a series of
        which the story says nothing, for its value in two ways, or in a way not known here.
    """
    ways = {way for text in texts.values() for way in _VALUE.findall(text)}
    if len(ways) > 1:
        shown = " and ".join(f"'{way}'" for way in sorted(ways))
        raise TemplateError(f"the texts show $value with {shown}, and a story tells it in one way")
    return {name: _filled(text, labels, firing) for name, text in texts.items()}


def _filled(text: str, labels: Mapping[str, str], firing: Firing) -> str:
    def series(match: re.Match[str]) -> str:
        if match[1] == names.BUDGET_REMAINING:
            return firing.budget
        if match[1] not in firing.queried:
            raise TemplateError(
                f"a text asks for '{match[1]}', and 'queried' of the story lacks it"
            )
        return firing.queried[match[1]]

    def label(match: re.Match[str]) -> str:
        if match[1] not in labels:
            known = ", ".join(sorted(labels))
            raise TemplateError(f"a text shows the label '{match[1]}', and there are only {known}")
        return labels[match[1]]

    asked = _QUERY.sub(lambda match: _hidden(series(match)), text)
    named = _LABEL.sub(lambda match: _hidden(label(match)), asked)
    told = _VALUE.sub(lambda _: _hidden(firing.value), named)
    unknown = _ACTION.search(told)
    if unknown:
        raise TemplateError(f"'{unknown[0]}' is not known; teach alerts/filled.py what it shows")
    return told.replace(_BRACES, "{{")


#: Braces within a value are no template.
_BRACES = "\0"


def _hidden(value: str) -> str:
    return value.replace("{{", _BRACES)
