"""Options that several commands share, spelled and explained once.

``--catalog`` and ``--out`` may stand before the command as well as after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from delivery import places

CatalogOption = Annotated[
    Path | None,
    typer.Option(
        "--catalog",
        metavar="DIR",
        help="The catalog to generate from. [default: catalog/ beside build.py]",
        show_default=False,
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help="The folder to generate into. [default: generated/ beside build.py]",
        show_default=False,
    ),
]
GeneratedOption = Annotated[
    Path | None,
    typer.Option(
        "--generated",
        metavar="DIR",
        help="The generated folder to read. [default: generated/ beside build.py]",
        show_default=False,
    ),
]


class ReportFormat(StrEnum):
    """How a report is printed: for people or for programs."""

    TEXT = "text"
    JSON = "json"


class CheckFormat(StrEnum):
    """How findings are printed: for people, programs, a test report or a pull request."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"
    GITHUB = "github"


CheckFormatOption = Annotated[
    CheckFormat,
    typer.Option("--format", help="How the findings are printed."),
]
FormatOption = Annotated[
    ReportFormat,
    typer.Option("--format", help="How the report is printed."),
]


@dataclass(frozen=True, slots=True)
class Shared:
    """What was given before the command."""

    catalog: Path | None = None
    out: Path | None = None


def catalog_folder(context: typer.Context, given: Path | None) -> Path:
    """The catalog that the command line names, or the default one."""
    return given or _shared(context).catalog or places.DEFAULT_CATALOG


def generated_folder(context: typer.Context, given: Path | None) -> Path:
    """The output folder that the command line names, or the default one."""
    return given or _shared(context).out or places.DEFAULT_OUT


def _shared(context: typer.Context) -> Shared:
    return context.obj if isinstance(context.obj, Shared) else Shared()
