from __future__ import annotations

import io
import json
import os
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.artifact import Artifact
from catalog.errors import CatalogError, Problem, TreeError
from delivery import cli, commands, console

CATALOG = {"a.txt": "a", "b/c.json": {"team": "ΣLANG"}}


@pytest.fixture
def catalog(monkeypatch) -> dict[str, object]:
    """Stands in for the catalog, the generators and the checks: what is in it is generated."""
    content = dict(CATALOG)

    def generate(facts):
        for path, data in facts.items():
            yield Artifact(path, data, "provisioning", "platform")

    monkeypatch.setattr("catalog.load.load_catalog", lambda folder: content)
    monkeypatch.setattr("delivery.render.generators", lambda: (generate,))
    monkeypatch.setattr("delivery.checks.run.run_checks", lambda *_: [])
    return content


@pytest.fixture
def out(tmp_path, monkeypatch) -> Path:
    """The folder that is generated into by default."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("delivery.places.DEFAULT_OUT", tmp_path / "generated")
    return tmp_path / "generated"


@pytest.fixture
def run(capsys):
    """``run("drift")`` is its exit status, standard output and standard error."""

    def main(*arguments: str) -> tuple[int, str, str]:
        status = cli.main(arguments)
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return main


@pytest.mark.parametrize("command", [(), ("build",)])
def test_build_says_what_it_did(catalog, out, run, command):
    assert run(*command) == (0, "generated: 2 files, 2 written, 0 unchanged, 0 removed\n", "")
    assert run(*command) == (0, "generated: 2 files, 0 written, 2 unchanged, 0 removed\n", "")
    del catalog["a.txt"]
    assert run(*command) == (0, "generated: 1 file, 0 written, 1 unchanged, 1 removed\n", "")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--out", "else", "--catalog", "c"),
        ("build", "--out", "else", "--catalog", "c"),
        ("--out", "else", "--catalog", "c", "build"),
        ("--out", "other", "build", "--out=else"),
    ],
)
def test_the_folders_may_stand_before_or_after_the_command(catalog, out, run, arguments):
    summary = "else: 2 files, 2 written, 0 unchanged, 0 removed\n"
    assert run(*arguments) == (0, summary, "")
    assert os.listdir() == ["else"]


@pytest.mark.parametrize("arguments", [("--catalog", "x"), ("build", "--catalog", "x")])
def test_the_catalog_is_the_one_that_is_named(out, run, monkeypatch, arguments):
    asked = []
    monkeypatch.setattr("catalog.load.load_catalog", asked.append)
    monkeypatch.setattr("delivery.render.generators", tuple)
    run(*arguments)
    run()
    assert asked == [Path("x"), cli.places.DEFAULT_CATALOG]


def test_an_invalid_catalog_writes_nothing_and_tells_each_problem(out, run, monkeypatch):
    def load(folder):
        raise CatalogError(
            Problem("catalog/services/ryot.yaml:3", "a fault", "A remedy"),
            Problem("catalog/services/ryot.yaml:9", "another", "Another remedy"),
        )

    monkeypatch.setattr("catalog.load.load_catalog", load)
    assert run() == (
        2,
        "",
        (
            "catalog/services/ryot.yaml:3: a fault. A remedy.\n"
            "catalog/services/ryot.yaml:9: another. Another remedy.\n"
        ),
    )
    assert not out.exists()


def test_drift_is_silent_when_there_is_none(catalog, out, run):
    run()
    assert run("drift") == (0, "", "")
    assert run("drift", "--format", "json") == (0, "[]\n", "")


def test_drift_names_the_file_and_the_command(catalog, out, run):
    run()
    (out / "a.txt").write_text("edited")
    finding = "generated/a.txt: the file differs from what the sources produce."
    assert run("drift") == (1, f"{finding} Run python build.py.\n", "")
    status, text, _ = run("drift", "--format", "json")
    assert status == 1
    assert json.loads(text) == [
        {
            "place": "generated/a.txt",
            "fault": "the file differs from what the sources produce",
            "remedy": "Run python build.py",
        }
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ("drift", "--generated", "else", "--catalog", "c d"),
        ("--out=else", "--catalog=c d", "drift"),
    ],
)
def test_the_command_that_mends_names_the_folders(catalog, out, run, arguments):
    finding = "else: the folder is missing. Run python build.py --catalog 'c d' --out else."
    assert run(*arguments) == (1, finding + "\n", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nope"], "No such command 'nope'."),
        (["--nope"], "No such option: --nope."),
        (["drift", "--format", "xml"], "Invalid value for '--format': "),
        (["build", "extra"], "Got unexpected extra argument"),
        (["--out"], "Option '--out' requires an argument."),
    ],
)
def test_wrong_usage_is_one_line(run, arguments, message):
    status, output, error = run(*arguments)
    assert (status, output) == (2, "")
    # What comes after is typer's wording.
    assert error.startswith(f"build.py: {message}")
    assert error.endswith(". See python build.py --help.\n")
    assert error.count("\n") == 1


def failing(error: BaseException):
    def load(folder):
        raise error

    return load


REPORT = "Report it with what NEURECTOMY_DEBUG=1 python build.py prints."


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (TreeError(Problem("a", "b", "C")), 1, "a: b. C.\n"),
        (
            PermissionError(13, "Permission denied", "catalog/x.yaml"),
            1,
            "catalog/x.yaml: Permission denied. Mend that and try again.\n",
        ),
        (
            ModuleNotFoundError("No module named 'pydantic'", name="pydantic"),
            1,
            "build.py: pydantic is not installed. Run make build or .venv/bin/python build.py.\n",
        ),
        (
            ModuleNotFoundError("No module named 'alerts.x'", name="alerts.x"),
            1,
            (
                "build.py: a fault of this program "
                f"(ModuleNotFoundError: No module named 'alerts.x'). {REPORT}\n"
            ),
        ),
        (
            ValueError("two\nlines"),
            1,
            f"build.py: a fault of this program (ValueError: two lines). {REPORT}\n",
        ),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_every_failure_is_a_line_and_a_status(out, run, monkeypatch, error, status, message):
    monkeypatch.delenv("NEURECTOMY_DEBUG", raising=False)
    monkeypatch.setattr("catalog.load.load_catalog", failing(error))
    assert run() == (status, "", message)


def test_a_traceback_is_there_for_who_asks(out, run, monkeypatch):
    monkeypatch.setenv("NEURECTOMY_DEBUG", "1")
    monkeypatch.setattr("catalog.load.load_catalog", failing(ValueError("x")))
    status, _, error = run()
    assert status == 1
    assert error.startswith("Traceback (most recent call last):\n")
    assert error.endswith(f"build.py: a fault of this program (ValueError: x). {REPORT}\n")


def test_every_command_is_registered():
    names = {module.name for module in pkgutil.iter_modules(commands.__path__)}
    registered = [module.__name__.rpartition(".")[2] for module in cli.COMMANDS]
    assert sorted(registered) == sorted(names)


def test_every_command_explains_itself_and_its_options(run):
    status, overview, error = run("--help")
    assert (status, error) == (0, "")
    assert "..." not in overview.replace("[ARGS]...", "")
    for module in cli.COMMANDS:
        name = cli.command_name(module)
        assert re.search(rf"^  {name}  +\w", overview, re.MULTILINE), f"{name} is not in --help"
        status, text, error = run(name, "--help")
        assert (status, error) == (0, "")
        # Each option has a word of explanation behind it.
        assert not re.search(r"^  (-\S+)( \S+)?$(?!\n {10})", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("module", "name"), [("new_service", "new-service"), ("import_", "import")]
)
def test_a_command_is_named_like_its_module(module, name):
    assert cli.command_name(type(sys)(f"delivery.commands.{module}")) == name


def build(root: Path, *arguments: str, **options) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, root / "build.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def test_it_runs_from_any_folder(root, tmp_path):
    done = build(root, "--catalog", "nowhere", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("nowhere: ")
    assert list(tmp_path.iterdir()) == []


def test_starting_up_loads_nothing_heavy(root):
    script = (
        "import sys; from delivery import cli; cli.main(['--help']); "
        "heavy = {'grafanalib', 'pydantic', 'requests', 'rich', 'yaml'}; "
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stderr == "[]\n"


def test_a_reader_that_goes_away_is_no_error(root):
    """`python build.py --help | true`, with the pipe closed for certain."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, root / "build.py", "--help"],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colour_is_for_terminals_that_want_it(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")

    def printed(stream: io.StringIO) -> str:
        monkeypatch.setattr(sys, "stderr", stream)
        console.fail(["x" * 200])
        return stream.getvalue()

    line = "x" * 200
    assert printed(io.StringIO()) == f"{line}\n"
    assert printed(Terminal()) == f"\x1b[31m{line}\x1b[0m\n"
    monkeypatch.setenv("TERM", "dumb")
    assert printed(Terminal()) == f"{line}\n"
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert printed(Terminal()) == f"{line}\n"


@pytest.mark.parametrize(("stream", "silent"), [(io.StringIO(), True), (Terminal(), False)])
def test_a_long_wait_is_shown_on_a_terminal_only(monkeypatch, stream, silent):
    monkeypatch.setattr(console, "_SILENT_SECONDS", -1.0)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", stream)
    assert list(console.tracked(range(3), "Generating files")) == [0, 1, 2]
    assert ("Generating files" not in stream.getvalue()) is silent


def test_a_name_that_the_locale_cannot_print_is_escaped(root):
    script = (
        "from delivery import console; console.prepare(); console.summarize('ΣLANG'); "
        "console.fail(['ΣLANG'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=root,
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("\\u03a3LANG\n", "\\u03a3LANG\n")
