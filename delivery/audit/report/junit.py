"""The report as a test run: what is not well fails, what could not be asked is an error."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree

from delivery.audit.model import Audit, Timing
from delivery.audit.report.text import of_link, where

#: What XML has no way to write; a server's words may hold any of it.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(audit: Audit) -> str:
    """An XML document; LAZY passes, and its reason is in the case's output."""
    root = ElementTree.Element("testsuites", name="audit")
    _suite(
        root,
        "queries",
        ((where(each), each.verdict, each.reason, each.milliseconds) for each in audit.results),
    )
    _suite(root, "links", ((of_link(each), each.verdict, each.reason, 0.0) for each in audit.links))
    _suite(root, "latency", map(_of_timing, audit.timings))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _of_timing(each: Timing) -> tuple[str, str, str, float]:
    told = f"p50 {each.p50:.0f} ms of {each.p50_target:.0f}"
    told += f", p99 {each.p99:.0f} ms of {each.p99_target:.0f}"
    return f"{each.kind} queries", each.verdict, told, 0.0


def _suite(
    root: ElementTree.Element, name: str, cases: Iterable[tuple[str, str, str, float]]
) -> None:
    found = list(cases)
    lost = sum(verdict == "UNREACHABLE" for _, verdict, _, _ in found)
    failed = sum(verdict not in {"OK", "LAZY", "UNREACHABLE"} for _, verdict, _, _ in found)
    counts = {"tests": str(len(found)), "failures": str(failed), "errors": str(lost)}
    suite = ElementTree.SubElement(root, "testsuite", {"name": name, **counts})
    for title, verdict, reason, milliseconds in found:
        seconds = f"{milliseconds / 1000:.4f}"
        case = ElementTree.SubElement(
            suite, "testcase", name=_clean(title), classname=name, time=seconds
        )
        if verdict in {"OK", "LAZY"}:
            ElementTree.SubElement(case, "system-out").text = _clean(f"{verdict}: {reason}")
        else:
            tag = "error" if verdict == "UNREACHABLE" else "failure"
            ElementTree.SubElement(case, tag, type=verdict, message=_clean(reason))


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("�", text)
