"""Secrets of many kinds, as services write them, and what only looks like one.

Each is put together from parts, so that no scanner takes this file for a leak.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

_LETTERS = "aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW3xY5z"


def _token(prefix: str, length: int) -> str:
    return prefix + (_LETTERS * 4)[:length]


@dataclass(frozen=True)
class Planted:
    """A message, and the part of it that nobody may ever read."""

    kind: str
    message: str
    secret: str


def _of(kind: str, message: str, secret: str) -> Planted:
    return Planted(kind, message.replace("@@", secret), secret)


_JWT = ".".join(("ey" + "JhbGciOiJIUzI1NiJ9", "ey" + "JzdWIiOiIxMjM0NTY3ODkwIn0", _LETTERS))
_JWE = ".".join(
    (
        "ey" + "JhbGciOiJSU0EtT0FFUCJ9",
        _LETTERS,
        "48V1_ALb6US04U3b",
        "5eym8TW_c8SuK0lt",
        "XFBoMYUZodet",
    )
)
_BODY = "\n".join(
    ("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj", "AgEAAoIBAQC7VJTUt9Us8cKj", _LETTERS)
)
_BEGIN, _END = "-----BEGIN {}PRIVATE KEY-----", "-----END {}PRIVATE KEY-----"
_WORD = "c0rrect-h0rse!battery"

PLANTED = (
    _of("PEM", f"{_BEGIN.format('')}\n@@\n{_END.format('')}", _BODY),
    _of(
        "PEM of RSA", f"loaded {_BEGIN.format('RSA ')}\n@@\n{_END.format('RSA ')} from disk", _BODY
    ),
    _of("PEM of OpenSSH", f"{_BEGIN.format('OPENSSH ')}\n@@\n{_END.format('OPENSSH ')}", _BODY),
    _of(
        "PEM, encrypted",
        f"{_BEGIN.format('EC ')}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n@@",
        _BODY,
    ),
    _of("PEM, cut off", f"key is {_BEGIN.format('')}\n@@", _BODY),
    _of(
        "PEM within JSON",
        json.dumps({"pem": f"{_BEGIN.format('')}\n{_BODY}\n"}),
        _BODY.split("\n", maxsplit=1)[0],
    ),
    _of("JWT, signed", "session @@ expired", _JWT),
    _of("JWT, encrypted", "session @@ expired", _JWE),
    _of("JWT in a query", "GET /cb?id_token=@@&state=1", _JWT),
    _of("GitHub", "clone with @@ failed", _token("gh" + "p_", 36)),
    _of("GitHub, fine-grained", "clone with @@ failed", _token("github" + "_pat_", 60)),
    _of("GitLab", "runner has @@", _token("gl" + "pat-", 20)),
    _of("Slack", "posting as @@", _token("xo" + "xb-", 40)),
    _of("Stripe", "charging with @@", _token("s" + "k_live_", 24)),
    _of("model provider", "asking with @@", _token("s" + "k-proj-", 40)),
    _of("Google API", "maps: @@", _token("AI" + "za", 35)),
    _of("Google OAuth", "using @@", _token("ya" + "29.", 60)),
    _of("Vault", "renewed @@", _token("hv" + "s.", 24)),
    _of("Grafana", "pushed as @@", _token("gl" + "sa_", 32) + "_1a2b3c4d"),
    _of("npm", "publishing with @@", _token("np" + "m_", 36)),
    _of("PyPI", "uploading with @@", _token("py" + "pi-", 80)),
    _of("SendGrid", "mail by @@", _token("S" + "G.", 22) + "." + _token("", 43)),
    _of("AWS key id", "signed by @@", "AK" + "IAQ3EGT5K2M4N6P7RS"),
    _of("AWS secret key", "aws_secret_access_key = @@", _token("", 40)),
    _of(
        "Slack webhook",
        "POST https://hooks.slack.com/services/@@ 404",
        "T0000AAAA/B0000BBBB/" + _LETTERS[:24],
    ),
    _of("Discord webhook", "POST https://discord.com/api/webhooks/@@", "1234567890/" + _LETTERS),
    _of(
        "address of a database",
        "dial postgres://vault:@@@db.internal:5432/vault?sslmode=require",
        _WORD,
    ),
    _of("address with an at sign", "dial amqp://vault:@@@mq.internal/", "p@ss" + _WORD),
    _of("address without user", "dial redis://:@@@cache:6379/0", _WORD),
    _of("header, basic", "Authorization: Basic @@", "dXNlcjpjMHJyZWN0aDByc2U="),
    _of("header, bearer", "sent Authorization: Bearer @@ to upstream", _token("opaque.", 30)),
    _of("header, no scheme", "authorization=@@", _token("", 24)),
    _of("header, in JSON", '{"Authorization": "Bearer @@"}', _token("opaque.", 30)),
    _of("proxy's header", "Proxy-Authorization: Basic @@", "dXNlcjpjMHJyZWN0aDByc2U="),
    _of("bearer alone", "refused bearer @@", _token("opaque-", 30)),
    _of("cookie", "Cookie: session=@@", _token("", 30)),
    _of("cookie that is set", "Set-Cookie: sid=@@; HttpOnly", _token("", 30)),
    _of("password, assigned", "login password=@@ refused", _WORD),
    _of("password, quoted", 'login password="@@" refused', "two words" + _WORD),
    _of("password, single quotes", "login {'password': '@@'} refused", "two words" + _WORD),
    _of("password, JSON", '{"user": "a", "password": "@@"}', _WORD),
    _of("password, JSON with an escape", '{"password": "left\\"@@"}', "right" + _WORD),
    _of("password with a prefix", '{"dbPassword": "@@"}', _WORD),
    _of("password, YAML", "db_password: @@", _WORD),
    _of("passphrase", "passphrase=@@", _WORD),
    _of("environment", "DB_PASSWD=@@ ./run", _WORD),
    _of("command line", "run --api-key=@@ --verbose", _token("", 24)),
    _of("API key's header", "X-Api-Key: @@", _token("", 24)),
    _of("client secret", "client_secret=@@&grant_type=x", _token("", 24)),
    _of("access token in a query", "GET /v1?access_token=@@&page=2", _token("", 24)),
    _of("refresh token, JSON", '{"refresh_token":"@@"}', _token("", 24)),
    _of("private key's name", "private_key=@@", _token("", 40)),
)

#: Lines that are to arrive as they are.
HARMLESS = (
    "generated 512 tokens in 40 ms",
    '{"tokens": 512, "max_tokens": 1024, "token_count": 3}',
    "tokens=512 tokenizer=bpe",
    '{"tokenizer": "bpe", "passwords_checked": 12}',
    '{"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "span_id": "00f067aa0ba902b7"}',
    "trace_id=4bf92f3577b34da6a3ce929d0e0e4736",
    "token: expired",
    "the password is wrong",
    "unexpected token '}' at line 3",
    "read secret/data/billing granted",
    '{"path": "secret/data/billing", "operation": "read"}',
    '{"secret": true, "password": null, "token": 12}',
    "GET https://example.com:8443/a/b@c?d=e",
    "mail to ops@example.com",
    "basic auth is off",
    "bearer of bad news",
    "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
    "uuid 123e4567-e89b-12d3-a456-426614174000",
    "image sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "BEGIN TRANSACTION; public key rotated",
    "cookies are required",
)
