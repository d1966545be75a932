"""The page of every command, with its ``--help`` as a terminal of 80 columns shows it.

docs/reference.md is this text; tests/docs/test_reference.py fails when it is not, and
``make golden`` rewrites it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import typer

from delivery.cli import application
from delivery.demo.servers import BINARIES
from delivery.guides.catalog_tables import table
from delivery.publish.servers import ASKED, TARGETS

#: As wide as the help of a terminal of 80 columns.
_WIDTH = 78
_PROGRAM = "build.py"

#: Where more is said of a command: a page below docs/, and its title there.
GUIDES: Mapping[str, str] = {
    "build": "index.md",
    "check": "checks/README.md",
    "drift": "adding-a-service.md",
    "plan": "publishing.md",
    "publish": "publishing.md",
    "pull": "publishing.md",
    "rollback": "publishing.md",
    "backup": "backup.md",
    "restore": "backup.md",
    "backtest": "backtest.md",
    "parse": "checks/query-syntax.md",
    "query": "query-reference.md",
    "record": "checks/metric-unknown.md",
    "import": "import.md",
    "validate": "validation.md",
    "demo": "demo.md",
    "audit": "audit.md",
    "snapshot": "snapshot.md",
    "new-service": "adding-a-service.md",
    "discover": "adding-a-service.md",
}

#: What the exit statuses mean, for every command that does not say otherwise of itself.
STATUSES: Mapping[int, str] = {
    0: "All is well; what was asked for is done.",
    1: "Problems were found, a plan was refused, or a fault of this program.",
    2: "Wrong usage, or a catalog that cannot be read.",
    3: "A server is not there, refuses, or answers something else.",
    4: "Part was published: the report says which.",
    130: "Interrupted from the keyboard.",
    141: "Whoever read the output went away.",
}

_OTHERS: Mapping[str, str] = {
    "GRAFANA_ORG_ID": "Grafana's organization, where it is not the account's own.",
    "GRAFANA_HOME": "Unpacked Grafanas for the demo and the live tests, separated by `:`.",
    "GRAFANA_THEME": "`light` or `dark` (default) for the demo's Grafana.",
    "NEURECTOMY_DEBUG": "Set: a traceback beside the line that says what is wrong.",
    "NO_COLOR": "Set: no colours.",
    "TERM": "`dumb`: no colours and no progress.",
}

_HEAD = """# Commands

Made from the program itself by `make golden`. `python build.py COMMAND --help` prints each block
below; without a command, `python build.py` builds.

"""


def page() -> str:
    """The whole page, Markdown."""
    group = typer.main.get_command(application())
    # Typer's own group: its stubs know only of the command that it is as well.
    commands: Mapping[str, typer.core.TyperCommand] = vars(group)["commands"]
    parts = [_HEAD, table(["Command", "What it does", "Guide"], _rows(commands)), "\n"]
    parts += ["\n## Exit statuses\n\n", table(["Status", "Meaning"], STATUSES.items()), "\n"]
    parts += ["\n## Environment variables\n\n", _environment(), "\n"]
    parts += ["\n## Help\n\n### build.py\n\n", *_help([])]
    for name in commands:
        parts += [f"### {name}\n\n", *_help([name])]
    return "".join(parts).rstrip("\n") + "\n"


def _rows(commands: Mapping[str, typer.core.TyperCommand]) -> Iterator[tuple[str, str, str]]:
    for name, command in commands.items():
        guide = GUIDES[name]
        title = guide.removesuffix(".md").removesuffix("/README")
        yield f"[`{name}`](#{name})", command.get_short_help_str(200), f"[{title}]({guide})"


def _help(arguments: list[str]) -> Iterator[str]:
    yield f"```text\n{help_of(arguments)}\n```\n\n"


def help_of(arguments: list[str]) -> str:
    """What ``--help`` prints behind those words, without a newline at its end."""
    command = typer.main.get_command(application())
    with command.make_context(_PROGRAM, [], terminal_width=_WIDTH) as context:
        for name in arguments:
            inner = vars(command)["commands"][name]
            context = inner.context_class(  # noqa: PLW2901 - one below the other
                inner, parent=context, info_name=name, terminal_width=_WIDTH
            )
            command = inner
        text: str = command.get_help(context)
    return "\n".join(line.rstrip() for line in text.splitlines()).rstrip()


def _environment() -> str:
    rows: list[tuple[str, str]] = []
    for name, variable in {**TARGETS, **ASKED}.items():
        title = name.capitalize()
        rows.append((f"`{variable}_URL`", f"{title}'s address; an option comes first."))
        rows.append(
            (
                f"`{variable}_TOKEN`, `{variable}_TOKEN_FILE`",
                f"{title}'s token, or the file that holds it; sent over https, or on this machine.",
            )
        )
    rows += [
        (f"`{variable}`", f"The program `{program}`; several releases separated by `:`.")
        for variable, program in BINARIES.values()
    ]
    rows += [(f"`{name}`", meaning) for name, meaning in _OTHERS.items()]
    rows.append(
        (
            "A secret's file in capitals, and that with `_FILE`",
            "What publishing puts into a contact point: `SLACK_API_URL` for `slack_api_url`.",
        )
    )
    return table(["Variable", "Meaning"], rows)
