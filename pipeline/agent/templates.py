"""Go templates and regular expressions, as both agents run them over a line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence


def among(name: str, values: Iterable[str]) -> str:
    """The condition that a value is one of these."""
    return f"eq .{name} {' '.join(json.dumps(value, ensure_ascii=False) for value in values)}"


def when(conditions: Sequence[str], text: str, there: Sequence[str] = ()) -> str:
    """The text where the conditions hold and the values of ``there`` are there; else nothing."""
    terms = [*conditions, *there]
    told = f"and {' '.join(f'({each})' for each in conditions)} {' '.join(there)}".rstrip()
    return f"{{{{ if {told if len(terms) > 1 else terms[0]} }}}}{text}{{{{ end }}}}"


def if_line_holds(texts: Iterable[str]) -> str:
    """The line, if it holds one of these lower-case texts in whichever case; else nothing."""
    tests = " ".join(f"(contains {json.dumps(each, ensure_ascii=False)} $line)" for each in texts)
    return f"{{{{ $line := ToLower .Entry }}}}{{{{ if or {tests} }}}}{{{{ .Entry }}}}{{{{ end }}}}"


def literal(text: str) -> str:
    """A regular expression that matches just this text."""
    return re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", text)
