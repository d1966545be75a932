"""The runbooks as whoever is called reads them: pages, with what follows from the catalog of here.

Their links to Grafana and their tables of services are made anew from the demo's catalog, so that
they open this machine's dashboards, also of a service that was added today.
"""

from __future__ import annotations

import html
import re
import shlex
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from catalog.model import Catalog
from delivery.guides.blocks import BlockError, Page, filled
from delivery.guides.registry import makers
from delivery.guides.runbooks import environment

#: What a page's heading is found by.
_NO_ANCHOR = re.compile(r"[^\w\- ]")
_FRAME = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>
body {{font: 16px/1.5 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem}}
pre {{background: #f3f3f3; padding: .7rem; overflow-x: auto}}
code {{background: #f3f3f3}}
table {{border-collapse: collapse}} td, th {{border: 1px solid #ccc; padding: .2rem .5rem}}
</style>
{body}
</html>
"""


@dataclass(frozen=True)
class Runbooks:
    """The pages below a folder ``docs``, for a catalog that lies in ``catalog_folder``."""

    docs: Path
    catalog: Catalog
    catalog_folder: Path

    def page(self, path: str) -> str | None:
        """The page at a path such as ``/runbooks/TargetDown``, if there is one."""
        name = PurePosixPath(f"{path.strip('/').removesuffix('.md')}.md")
        file = (self.docs / name).resolve()
        if not file.is_relative_to(self.docs.resolve()) or not file.is_file():
            return None
        text = self._told(file.read_text(encoding="utf-8"), name)
        return _FRAME.format(title=html.escape(name.stem), body=_markdown().render(text))

    def _told(self, text: str, name: PurePosixPath) -> str:
        # Where nothing of this catalog is what a block is about: the page as it was committed.
        with suppress(BlockError):
            text = filled(text, Page(self.catalog, "docs" / name), makers())
        # A command that is to ask the servers of here needs their catalog, and no environment.
        words = f"--catalog {shlex.quote(str(self.catalog_folder))}"
        return text.replace(f"--environment {environment(self.catalog).id}", words)


def _markdown() -> MarkdownIt:
    # Without HTML a block's comments would be shown; the pages are our own.
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    parser.add_render_rule("heading_open", _with_anchor)
    return parser


def _with_anchor(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    place: int,
    options: OptionsDict,
    _environment: EnvType,
) -> str:
    words = _NO_ANCHOR.sub("", tokens[place + 1].content.lower())
    tokens[place].attrSet("id", words.replace(" ", "-"))
    return renderer.renderToken(tokens, place, options, _environment)
