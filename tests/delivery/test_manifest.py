from __future__ import annotations

import json

import pytest

from catalog.artifact import Artifact
from delivery import manifest
from delivery.manifest import Entry

ARTIFACT = Artifact("a.json", {}, "dashboard", "platform", uid="neurectomy-a")
DIGEST = manifest.sha256(b"{}\n")


def test_what_is_written_is_read():
    entries = (
        manifest.entry(ARTIFACT, b"{}\n"),
        Entry("b", DIGEST, "provisioning", None, "team Σ"),
    )
    assert manifest.decode(manifest.encode(reversed(entries))) == entries
    assert manifest.encode(entries) == manifest.encode(reversed(entries))


def document(**changes: object) -> bytes:
    fields = {"path": "a", "sha256": DIGEST, "kind": "k", "uid": None, "owner": "o", **changes}
    return json.dumps({"version": 1, "files": [fields], "suppressions": []}).encode()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "it is not JSON"),
        (b"\xff", "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b"<<<<<<< ours", "it is not JSON"),
        (b"[]", "it has no list of files"),
        (b'{"version": 1}', "it has no list of files"),
        (b'{"files": []}', "its version is not 1"),
        (b'{"version": 2, "files": []}', "its version is not 1"),
        (
            b'{"version": 1, "files": [{}]}',
            "a file does not have the keys path, sha256, kind, uid, owner",
        ),
        (document(more=1), "a file does not have the keys path, sha256, kind, uid, owner"),
        (document(owner=1), "a file has a key that is not text"),
        (document(uid=1), "a file has a uid that is not text"),
        (
            document(path="../a"),
            "it lists '../a': the path contains an empty, '.' or '..' segment",
        ),
        (document(path="a\nb"), "it lists 'a\\nb': the path contains a control character"),
        (document(sha256="0"), "it lists a without a sha256"),
    ],
)
def test_what_this_program_did_not_write_is_refused(data, message):
    with pytest.raises(manifest.ManifestError) as caught:
        manifest.decode(data)
    assert str(caught.value) == message
