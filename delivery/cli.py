"""The command line: parses, calls one command, and turns every failure into a line and a status.

====  ==================================================
0     all well
1     problems found, or a fault of this program
2     wrong usage, or an invalid catalog
130   interrupted from the keyboard
141   whoever read the output went away
====  ==================================================

Other statuses come from the errors of the commands that raise them.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from types import ModuleType

import typer

from catalog.errors import UserError
from delivery import console, places
from delivery.commands import (
    audit,
    backtest,
    backup,
    build,
    check,
    demo,
    discover,
    drift,
    import_,
    new_service,
    parse,
    plan,
    publish,
    pull,
    query,
    record,
    restore,
    rollback,
    snapshot,
    validate,
)
from delivery.options import CatalogOption, OutOption, Shared

COMMANDS: tuple[ModuleType, ...] = (
    build,
    check,
    drift,
    plan,
    publish,
    pull,
    rollback,
    backup,
    restore,
    backtest,
    parse,
    query,
    record,
    import_,
    validate,
    demo,
    audit,
    snapshot,
    new_service,
    discover,
)

_PROGRAM = "build.py"
_INTERRUPTED = 130
_READER_GONE = 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command that ``arguments`` name (those of the process if None)."""
    console.prepare()
    try:
        status = _run(sys.argv[1:] if arguments is None else arguments)
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except BrokenPipeError:
        # Python flushes once more when it exits, and would complain then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _READER_GONE
    except (KeyboardInterrupt, typer.Abort):
        return _INTERRUPTED
    except typer.Exit as error:
        return error.exit_code
    except typer.TyperException as error:
        fault = " ".join(error.format_message().split()).rstrip(".")
        return _fail(2, f"{_PROGRAM}: {fault}. See python {_PROGRAM} --help.")
    except UserError as error:
        return _fail(error.exit_status, *str(error).splitlines())
    except OSError as error:
        place = error.filename if isinstance(error.filename, str) else _PROGRAM
        return _fail(1, f"{place}: {error.strerror or error}. Mend that and try again.")
    # Whatever it is, a user gets a line to act on and not a traceback.
    except Exception as error:  # noqa: BLE001
        return _fail(1, f"{_PROGRAM}: {_unforeseen(error)}")


def _run(arguments: Sequence[str]) -> int:
    command = typer.main.get_command(application())
    with command.make_context(_PROGRAM, list(arguments)) as context:
        status = command.invoke(context)
    return status if isinstance(status, int) else 0


def _fail(status: int, *lines: str) -> int:
    if os.environ.get("NEURECTOMY_DEBUG"):
        traceback.print_exc()
    console.fail(lines)
    return status


def _unforeseen(error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError) and not _is_ours(error.name or ""):
        return f"{error.name} is not installed. Run make build or .venv/bin/python {_PROGRAM}."
    fault = " ".join(f"{type(error).__name__}: {error}".split())
    remedy = f"Report it with what NEURECTOMY_DEBUG=1 python {_PROGRAM} prints."
    return f"a fault of this program ({fault}). {remedy}"


def _is_ours(module: str) -> bool:
    return (places.ROOT / module.partition(".")[0]).is_dir()


def application() -> typer.Typer:
    """The parser, with every command of ``COMMANDS``."""
    # rich's help and tracebacks are boxes, and take longer to import than a build takes.
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.callback(invoke_without_command=True)(_root)
    for module in COMMANDS:
        app.command(command_name(module))(module.command)
    return app


def command_name(module: ModuleType) -> str:
    """``new-service`` for ``new_service``, ``import`` for ``import_``."""
    return module.__name__.rpartition(".")[2].rstrip("_").replace("_", "-")


def _root(
    context: typer.Context, catalog: CatalogOption = None, out: OutOption = None
) -> int | None:
    """Dashboards, alert rules, datasources and the log pipeline from one catalog.

    Without a command: build.
    """
    context.obj = Shared(catalog=catalog, out=out)
    return None if context.invoked_subcommand else build.command(context)
