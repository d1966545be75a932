"""Which servers are spoken to, and with which credentials: from the environment and the flags.

A token comes from a variable or a file, never from an argument: arguments are in every list of
processes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from catalog.errors import Problem, UsageError
from delivery.net import PORTS, authority, is_loopback, shown
from delivery.places import display
from delivery.publish.transport import Access

#: What ``--target`` takes, and the variables that name each server and its token.
TARGETS = {"grafana": "GRAFANA", "loki": "LOKI", "mimir": "MIMIR", "prometheus": "PROMETHEUS"}
#: Those that are asked, and to which nothing is published.
ASKED = {"alertmanager": "ALERTMANAGER", "jaeger": "JAEGER"}


@dataclass(frozen=True, slots=True)
class Reach:
    """What the flags say of every server."""

    urls: Mapping[str, str | None]
    ca_file: Path | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None
    insecure_http: bool = False
    timeout: float = 30.0


def reach(
    urls: tuple[str | None, str | None, str | None, str | None],
    ca_file: Path | None,
    client_certificate: Path | None,
    client_key: Path | None,
    *,
    insecure_http: bool,
) -> Reach:
    """What the command line says; the addresses are in the order of :data:`TARGETS`."""
    named = dict(zip(TARGETS, urls, strict=True))
    return Reach(named, ca_file, client_certificate, client_key, insecure_http)


def access(target: str, reach: Reach, environ: Mapping[str, str]) -> Access | None:
    """How the target is reached; None if nothing names its address.

    :raises UsageError: the address, the token's file or a certificate cannot be used.
    """
    name = TARGETS.get(target) or ASKED[target]
    url = reach.urls.get(target) or environ.get(f"{name}_URL", "")
    if not url:
        return None
    _refuse_odd_address(f"{name}_URL", url)
    token = _token(name, environ)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if target == "grafana" and (organization := environ.get("GRAFANA_ORG_ID")):
        headers["X-Grafana-Org-Id"] = organization
    if token and not reach.insecure_http:
        _refuse_plain_http(url)
    return Access(url, headers, _verify(reach), _certificate(reach), reach.timeout)


def _token(name: str, environ: Mapping[str, str]) -> str:
    file = environ.get(f"{name}_TOKEN_FILE")
    if not file:
        return _one_line(f"{name}_TOKEN", environ.get(f"{name}_TOKEN", ""))
    try:
        return _one_line(f"{name}_TOKEN_FILE", Path(file).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        fault = "the token cannot be read"
        raise UsageError(
            Problem(display(Path(file)), fault, f"Correct {name}_TOKEN_FILE")
        ) from None


def _one_line(name: str, text: str) -> str:
    token = text.strip()
    if any(not character.isprintable() or character.isspace() for character in token):
        raise UsageError(
            Problem(name, "holds more than one word", "Keep the token in it, and nothing else")
        )
    if not token.isascii():
        # No header can carry it, and the library's complaint would quote it.
        raise UsageError(Problem(name, "holds letters that no token has", "Copy the token again"))
    return token


def _refuse_odd_address(name: str, url: str) -> None:
    try:
        parts = urlsplit(url)
        authority(parts)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in PORTS or not parts.hostname or parts.query or parts.fragment:
        # Not quoted: what is no address may still hold a password.
        raise UsageError(
            Problem(name, "is no http or https address", "Write it as in https://grafana.example")
        )
    if parts.username or parts.password:
        raise UsageError(
            Problem(
                name,
                "holds a user and a password",
                f"Give a token in {name.removesuffix('_URL')}_TOKEN_FILE instead",
            )
        )


def _refuse_plain_http(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise UsageError(
            Problem(
                shown(url),
                "the token would travel unencrypted",
                "Use https, or add --insecure-http where the network is trusted",
            )
        )


def _verify(reach: Reach) -> bool | str:
    if reach.ca_file is None:
        return True
    return str(_readable(reach.ca_file, "--ca-file"))


def _certificate(reach: Reach) -> tuple[str, str] | None:
    certificate, key = reach.client_certificate, reach.client_key
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        missing = "--client-certificate" if certificate is None else "--client-key"
        raise UsageError(Problem(missing, "is missing beside the other", "Name both files"))
    return (
        str(_readable(certificate, "--client-certificate")),
        str(_readable(key, "--client-key")),
    )


def _readable(file: Path, option: str) -> Path:
    if not file.is_file():
        raise UsageError(Problem(display(file), "is no file", f"Correct {option}"))
    return file
