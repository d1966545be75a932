"""The command's own story: what is missing, where everything is, until it is ended."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from catalog.errors import Problem, UsageError
from catalog.load import load_catalog
from catalog.model import Catalog
from delivery.console import say, summarize
from delivery.demo import containers
from delivery.demo import folder as folders
from delivery.demo.audit import audit
from delivery.demo.containers import Containers
from delivery.demo.options import Options
from delivery.demo.plan import Plan, found
from delivery.demo.runner import Runner
from delivery.demo.servers import Server
from delivery.demo.stack import Stack
from delivery.demo.story import addresses, environment

_INTERRUPTED = 130


class Ended(BaseException):
    """Whoever runs the demo wants it to end; nothing on the way is to take it for a fault."""


def run(options: Options, runtime: str) -> int:
    """Start it, and live until ended; the exit status is the audit's, if there is one."""
    catalog = load_catalog(options.catalog)
    _known(options.bad_canaries, catalog)
    folder = folders.chosen(options.data)
    ended = threading.Event()
    with folders.held(folder), ending(ended):
        try:
            return _run(options, catalog, runtime, folder, ended)
        except Ended:
            # Whoever wanted a verdict has none.
            return _INTERRUPTED if options.check_after is not None else 0


def _run(
    options: Options, catalog: Catalog, runtime: str, folder: Path, ended: threading.Event
) -> int:
    docker = _docker(runtime)
    plan = _plan(options, containers.servers(docker, folder) if docker else {})
    before, told = folders.earlier(folder, folders.identity(plan, catalog))
    if docker:
        Containers(docker, folder).write_promtool()
    tell([told] if told else [])
    tell([f"missing: {each}" for each in plan.missing])
    if not plan.found:
        raise UsageError(
            Problem(
                "demo",
                "there is neither a docker nor any of the servers on this machine",
                "Install one of them; docs/demo.md says which servers",
            )
        )
    tell([f"found: {', '.join(map(str, plan.found))}"])
    with Runner(plan, folder, lambda text: tell([text]), before) as stack:
        try:
            return _live(stack, options, ended)
        finally:
            # From here on nothing is to come between: it ends already.
            ended.set()


def _docker(runtime: str) -> str | None:
    """The docker that is used, if one is."""
    if runtime == "servers":
        return None
    docker = containers.docker()
    if docker is None and runtime == "compose":
        raise UsageError(
            Problem(
                "--runtime compose",
                "there is no docker on the PATH that answers and has compose",
                "Install or start it, or leave the option out",
            )
        )
    return docker


def _plan(options: Options, chosen: Mapping[str, Server]) -> Plan:
    return found(
        catalog=options.catalog,
        hours=options.hours,
        line_hours=options.line_hours,
        weeks=options.weeks,
        scale=options.scale,
        seed=options.seed,
        bad_canaries=options.bad_canaries,
        **chosen,
    )


def _live(stack: Stack, options: Options, ended: threading.Event) -> int:
    variables = environment(stack)
    (stack.folder / "urls.json").write_text(json.dumps(variables, indent=2) + "\n")
    tell([*stack.notes, *addresses(stack)])
    if options.check_after is not None:
        return audit(stack, options.check_after, lambda text: tell([text]))
    summarize("ready; Ctrl-C or SIGTERM ends all of it")
    sys.stdout.flush()
    ended.wait(options.seconds)
    return 0


@contextmanager
def ending(ended: threading.Event) -> Iterator[None]:
    """SIGTERM and Ctrl-C end it in order, also while it is being started."""

    def end(_number: int, _frame: FrameType | None) -> None:
        if ended.is_set():
            return
        ended.set()
        raise Ended

    before = {each: signal.signal(each, end) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def tell(lines: list[str]) -> None:
    """A line each, at once: whoever waits reads them from a pipe or a file."""
    say(lines)
    sys.stdout.flush()


def _known(bad: frozenset[str], catalog: Catalog) -> None:
    known = {each.id for each in catalog.services}
    for name in sorted(bad - known):
        raise UsageError(
            Problem(
                f"--bad-canary {name}",
                "there is no such service",
                f"Name one of {', '.join(sorted(known))}",
            )
        )
    if bad and catalog.platform.canary is None:
        raise UsageError(
            Problem("--bad-canary", "the catalog has no canaries", "Leave it out"),
        )
