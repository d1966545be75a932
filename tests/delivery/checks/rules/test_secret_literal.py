from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.secret_literal import CHECK
from tests.delivery.checks.trees import RULES, SOURCES, found, group, rules, source, sources

FILE = "deploy/k8s/18-loki-secrets.yaml"
REMEDY = "Refer to it: by a Secret, a file that is mounted, or a variable"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl"


def finding(where: str, what: str, file: str = FILE) -> Finding:
    reason = f"{what} is written out, and this file is committed"
    return Finding("secret/literal", file, where, reason, REMEDY)


@pytest.mark.parametrize(
    ("content", "where", "what"),
    [
        # As the system's description has them.
        (
            {"kind": "Secret", "stringData": {"access_key": "minioadmin"}},
            "stringData.access_key",
            "'access_key' of a Secret",
        ),
        ({"kind": "Secret", "data": {"x": "bWluaW8="}}, "data.x", "'x' of a Secret"),
        ({"s3": {"secret_access_key": "minio"}}, "s3.secret_access_key", "'secret_access_key'"),
        ({"aws": {"accessKeyId": "minioadmin"}}, "aws.accessKeyId", "'accessKeyId'"),
        ({"clients": [{"bearer_token": "abc"}]}, "clients[0].bearer_token", "'bearer_token'"),
        ({"basic_auth": {"password": "x"}}, "basic_auth.password", "'password'"),
        ({"http": {"credentials": "x"}}, "http.credentials", "'credentials'"),
        (
            {"env": [{"name": "GRAFANA_TOKEN", "value": "x"}]},
            "env[GRAFANA_TOKEN].value",
            "'GRAFANA_TOKEN'",
        ),
        ({"a": "-----BEGIN RSA PRIVATE KEY-----"}, "a", "a private key"),
        ({"a": "AKIA" + "A" * 16}, "a", "a key of Amazon's"),
        ({"a": "xoxb-0123456789-abc"}, "a", "a token of Slack's"),
        ({"a": "ghp_" + "a" * 36}, "a", "a token of GitHub's"),
        ({"a": "glsa_" + "a" * 32 + "_0123abcd"}, "a", "a token of Grafana's"),
        ({"a": JWT}, "a", "a signed token"),
        ({"url": "http://me:word@loki:3100"}, "url", "an address with a password"),
        ({"url": "https://hooks.slack.com/services/T/B/x"}, "url", "an address that is a secret"),
        ({"header": "Bearer 0123456789abcdef"}, "header", "a bearer token"),
        (
            {"kind": "ConfigMap", "data": {"loki.yaml": "s3:\n  secret_access_key: x\n"}},
            "data.loki.yaml, line 2",
            "'secret_access_key'",
        ),
        (
            {"data": {"config.alloy": 'basic_auth {\n  password = "x"\n}\n'}},
            "data.config.alloy, line 2",
            "'password'",
        ),
        ({"tls": {"private_key": "a\nb"}}, "tls.private_key", "'private_key'"),
    ],
)  # fmt: skip
def test_a_credential_that_stands_there(tmp_path, content, where, what):
    assert found(tmp_path, CHECK, {FILE: content}) == [finding(where, what)]


@pytest.mark.parametrize(
    "content",
    [
        {"kind": "Secret", "data": {}},
        {"kind": "Secret", "stringData": {"password": ""}},
        {"password_file": "/secrets/word", "credentials_file": "/secrets/token"},
        {"password": "${PASSWORD}", "token": "$TOKEN", "secret": "$__file{/secrets/x}"},
        {"token": "{{ .Values.token }}", "api_key": "<from your vault>", "secret": "***"},
        {"env": [{"name": "AWS_SECRET_ACCESS_KEY", "valueFrom": {"secretKeyRef": {"key": "x"}}}]},
        {"env": [{"name": "TOKEN_FILE", "value": "/secrets/token"}]},
        {"data": [{"secretKey": "access_key", "remoteRef": {"property": "access_key"}}]},
        {"secretName": "loki-s3-creds", "tokens_file_path": "/var/loki/tokens"},
        {"automountServiceAccountToken": False, "token": None, "secrets": 3},
        {"expression": '(?i)(password["=: ]+)(\\S+)', "replace": "***"},
        {"help": "Where the password is.\nAnd the token: it is in the Secret."},
        {"data": {"x": "password: ${PASSWORD}\nsecret:\n  name: x\n"}},
        {"url": "http://loki:3100/path@here", "also": "http://${USER}:${WORD}@loki"},
    ],
)  # fmt: skip
def test_what_is_none(tmp_path, content):
    assert found(tmp_path, CHECK, {FILE: content}) == []


def test_any_file_is_looked_at(tmp_path):
    spoilt = source("loki", secureJsonData={"httpHeaderValue1": f"Bearer {JWT}"})
    files = {
        SOURCES: sources(spoilt),
        RULES: {**rules(group()), "token": "abc"},
        "prometheus/prometheus.yml": {"remote_write": [{"bearer_token": "abcdef"}]},
    }
    where = "datasources[Market loki].secureJsonData.httpHeaderValue1"
    assert sorted(found(tmp_path, CHECK, files)) == [
        finding(where, "a signed token", SOURCES),
        # A file that nothing else is asked of is read as text.
        finding("line 2", "'bearer_token'", "prometheus/prometheus.yml"),
        finding("token", "'token'", RULES),
    ]


def test_alertmanager_s_are_told_of_once(tmp_path):
    """route/secret finds them."""
    content = {"global": {"smtp_auth_password": "x"}}
    assert found(tmp_path, CHECK, {"alertmanager/alertmanager.yml": content}) == []


def test_each_document_of_a_file(tmp_path):
    path = tmp_path / FILE
    files = {FILE: {"a": 1}}
    assert found(tmp_path, CHECK, files) == []
    path.write_text("a: 1\n---\nkind: Secret\ndata:\n  x: eA==\n", encoding="utf-8")
    (tmp_path / "again").mkdir()
    from delivery.checks.read import read_tree

    [secret] = read_tree(tmp_path, [FILE]).secrets
    assert (secret.where, secret.what) == ("documents[1].data.x", "'x' of a Secret")
