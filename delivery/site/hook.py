"""What MkDocs asks while it builds the site; mkdocs.yml names this file.

MkDocs finds these functions by their names. Nothing is decided here: nav.yaml has
the order of the pages, :mod:`delivery.site.places` what links lead to.
"""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path, PurePosixPath
from typing import Any

from mkdocs.structure.files import File

from delivery.site.markdown import as_meant
from delivery.site.mermaid import DRAWS, SCRIPT, SETTINGS
from delivery.site.nav import menu
from delivery.site.places import DOCS, extra, for_site

ROOT = Path(__file__).resolve().parents[2]
_DIAGRAM = '<pre class="mermaid">'
_log = logging.getLogger("mkdocs.hooks.site")


def on_files(files: Any, config: Any) -> Any:
    """Adds the pages that nobody wrote, and says in which order all of them stand."""
    for name, text in extra(ROOT).items():
        files.append(File.generated(config, name, content=text))
    config.nav = menu({each.src_uri for each in files.documentation_pages()})
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Links and lists as they are meant for GitHub, as MkDocs wants them."""
    path = DOCS / page.file.src_uri
    written = (ROOT / path).is_file()
    return as_meant(for_site(ROOT, path, markdown) if written else markdown)


def on_post_page(output: str, page: Any, config: Any) -> str:
    """A page with diagrams brings what draws them, before the theme would look for it."""
    if _DIAGRAM not in output:
        return output
    here = PurePosixPath(page.file.dest_uri).parent
    addresses = [PurePosixPath(os.path.relpath(name, here)) for name in (SCRIPT, SETTINGS)]
    brought = "".join(f'<script src="{each.as_posix()}"></script>' for each in addresses)
    return output.replace("</head>", f"{brought}</head>", 1)


def on_post_build(config: Any) -> None:
    """Puts the script that draws the diagrams beside the pages."""
    if not DRAWS.is_file():
        _log.warning("%s is not there: no diagram is drawn. Run make docs.", DRAWS)
        return
    target = Path(config.site_dir) / SCRIPT
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(DRAWS, target)
