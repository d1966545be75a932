"""Tables that several guides show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from delivery.guides.blocks import Maker, Page


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; a bar within a cell is escaped, as it would end the cell."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def volumes(page: Page) -> str:
    """What each service writes: lines a minute at its mean, lines a second at its peak."""
    services = page.catalog.services
    rows = [
        (each.name, f"{each.volume.lines_per_minute:,g}", f"{each.volume.peak_lines_per_second:,g}")
        for each in services
    ]
    total = sum(each.volume.lines_per_minute for each in services)
    peak = sum(each.volume.peak_lines_per_second for each in services)
    rows.append(("All", f"{total:,g}", f"{peak:,g}"))
    return table(["Service", "Lines a minute", "Lines a second at the peak"], rows)


MAKERS: Mapping[str, Maker] = {"volumes": volumes}
