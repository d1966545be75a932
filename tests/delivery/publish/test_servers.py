"""Which servers are spoken to, with which credentials, and that no token reaches any output."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.errors import UsageError
from delivery.publish.servers import Reach, access
from tests.conftest import ROOT
from tests.delivery.publish.conftest import CATALOG
from tests.delivery.publish.fake_grafana import Broken, FakeGrafana, Fault

CANARY = "canary-5b1e9d"


def refusal(reach: Reach, **environ: str) -> str:
    with pytest.raises(UsageError) as raised:
        access("grafana", reach, environ)
    told = str(raised.value)
    assert CANARY not in told
    return told


def test_a_token_travels_unencrypted_to_this_machine_alone() -> None:
    for url in ("http://127.0.0.1:1", "http://[::1]:1", "http://localhost", "https://far.example"):
        found = access("grafana", Reach({"grafana": url}), {"GRAFANA_TOKEN": CANARY})
        assert found is not None
        assert found.headers == {"Authorization": f"Bearer {CANARY}"}
        assert CANARY not in repr(found)
    for url in ("http://far.example", "http://127.0.0.1.far.example", "http://10.0.0.7:3000"):
        told = refusal(Reach({"grafana": url}), GRAFANA_TOKEN=CANARY)
        assert told == (
            f"{url}: the token would travel unencrypted. "
            "Use https, or add --insecure-http where the network is trusted."
        )
        meant = Reach({"grafana": url}, insecure_http=True)
        assert access("grafana", meant, {"GRAFANA_TOKEN": CANARY}) is not None
        assert access("grafana", Reach({"grafana": url}), {}) is not None


def test_a_token_is_one_word_of_a_variable_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{CANARY}\n", "utf-8")
    reach = Reach({"grafana": "https://far.example"})
    found = access("grafana", reach, {"GRAFANA_TOKEN_FILE": str(file), "GRAFANA_TOKEN": "other"})
    assert found is not None
    assert found.headers["Authorization"] == f"Bearer {CANARY}"
    two = "GRAFANA_TOKEN: holds more than one word. Keep the token in it, and nothing else."
    assert refusal(reach, GRAFANA_TOKEN=f"{CANARY} x") == two
    assert refusal(reach, GRAFANA_TOKEN=f"{CANARY}\nX-Evil: 1") == two
    assert refusal(reach, GRAFANA_TOKEN=f"{CANARY}Σ") == (
        "GRAFANA_TOKEN: holds letters that no token has. Copy the token again."
    )
    assert refusal(reach, GRAFANA_TOKEN_FILE=str(tmp_path / "none")) == (
        f"{tmp_path / 'none'}: the token cannot be read. Correct GRAFANA_TOKEN_FILE."
    )


def test_an_address_is_one_and_holds_no_password() -> None:
    for url in ("far.example", "ftp://far.example", "https://", "https://a:b", "https://a?x=1"):
        assert refusal(Reach({"grafana": url})) == (
            "GRAFANA_URL: is no http or https address. Write it as in https://grafana.example."
        )
    told = refusal(Reach({}), GRAFANA_URL=f"https://admin:{CANARY}@far.example")
    assert told == (
        "GRAFANA_URL: holds a user and a password. Give a token in GRAFANA_TOKEN_FILE instead."
    )


def test_certificates_are_files_and_come_in_pairs(tmp_path: Path) -> None:
    there, none = tmp_path / "there.pem", tmp_path / "none.pem"
    there.touch()
    url = {"grafana": "https://far.example"}
    assert refusal(Reach(url, ca_file=none)) == f"{none}: is no file. Correct --ca-file."
    assert refusal(Reach(url, client_certificate=there)) == (
        "--client-key: is missing beside the other. Name both files."
    )
    assert refusal(Reach(url, client_key=there)) == (
        "--client-certificate: is missing beside the other. Name both files."
    )
    pair = Reach(url, ca_file=there, client_certificate=there, client_key=there)
    found = access("grafana", pair, {})
    assert found is not None
    assert (found.verify, found.certificate) == (str(there), (str(there), str(there)))


@pytest.mark.parametrize("fault", [None, "lost", "503", "401", "redirect"])
def test_no_token_is_in_any_output_of_any_command(
    grafana: FakeGrafana, tree: Path, tmp_path: Path, fault: Fault | str | None
) -> None:
    grafana.token = CANARY if fault != "401" else "another"
    backup = tmp_path / "backup"
    environ = {
        **os.environ,
        "GRAFANA_URL": grafana.url,
        "GRAFANA_TOKEN": CANARY,
        "NEURECTOMY_DEBUG": "1",
    }
    if fault == "redirect":
        environ["GRAFANA_URL"] = "http://127.0.0.1:1"
    elif fault in {"lost", "503"}:
        # From the first write on, for good.
        grafana.broken = Broken(8, fault, times=10_000)  # type: ignore[arg-type]
    told = ""
    for command in (
        ["plan", "--format", "json"],
        ["plan", "--format", "markdown"],
        ["publish", "--backup", str(backup)],
        ["rollback", "--from", str(backup)],
    ):
        arguments = [
            *([sys.executable, "-c", _QUICK, *command]),
            *("--catalog", str(CATALOG), "--generated", str(tree)),
        ]
        assert CANARY not in " ".join(arguments)
        ended = subprocess.run(
            arguments, cwd=ROOT, env=environ, capture_output=True, text=True, check=False
        )
        told += ended.stdout + ended.stderr
        if fault is None:
            assert ended.returncode == 0, ended.stderr
    assert told
    assert ("Traceback" in told) is (fault is not None)
    kept = [path.read_text("utf-8") for path in backup.rglob("*") if path.is_file()]
    assert CANARY not in told
    assert all(CANARY not in text for text in kept)
    assert all(headers["Authorization"] == f"Bearer {CANARY}" for headers in grafana.headers)


#: The command line, whose waits between tries are none.
_QUICK = """
import sys, time
time.sleep = lambda _: None
from delivery.cli import main
sys.exit(main())
"""
