"""As much of S3, in memory, as Loki's ruler needs to keep its rules.

Loki 2.9 can write rules to object storage only; this saves a user an object store for a test.
"""

from __future__ import annotations

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

_TIME = "2024-01-01T00:00:00.000Z"


class Bucket:
    """A bucket called ``rules`` on a free port of this machine."""

    name = "rules"

    def __init__(self) -> None:
        self._objects: dict[str, bytes] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Close the port."""
        self._server.shutdown()
        self._server.server_close()

    @property
    def settings(self) -> dict[str, object]:
        """How a Loki is told of it."""
        return {
            "endpoint": self.address,
            "bucketnames": self.name,
            "access_key_id": "any",
            "secret_access_key": "any",
            "region": "none",
            "insecure": True,
            "s3forcepathstyle": True,
        }

    def fill(self, other: Bucket) -> None:
        """Copy all that another bucket holds, as ``aws s3 sync`` does."""
        self._objects |= other._objects

    def _listed(self, prefix: str, delimiter: str) -> str:
        keys = sorted(key for key in self._objects if key.startswith(prefix))
        folders: set[str] = set()
        contents: list[str] = []
        for key in keys:
            head, found, _ = key[len(prefix) :].partition(delimiter) if delimiter else (key, "", "")
            if found:
                folders.add(prefix + head + delimiter)
                continue
            tag, size = _tag(self._objects[key]), len(self._objects[key])
            contents.append(
                f"<Contents><Key>{escape(key)}</Key><LastModified>{_TIME}</LastModified>"
                f"<ETag>{tag}</ETag><Size>{size}</Size></Contents>"
            )
        common = "".join(
            f"<CommonPrefixes><Prefix>{escape(each)}</Prefix></CommonPrefixes>"
            for each in sorted(folders)
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<Name>{self.name}</Name><Prefix>{escape(prefix)}</Prefix>"
            f"<KeyCount>{len(contents)}</KeyCount><MaxKeys>1000</MaxKeys>"
            f"<IsTruncated>false</IsTruncated>{''.join(contents)}{common}</ListBucketResult>"
        )

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        bucket = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self, status: int, body: bytes = b"", kind: str = "") -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Last-Modified", "Mon, 01 Jan 2024 00:00:00 GMT")
                if kind:
                    self.send_header("Content-Type", kind)
                if body:
                    self.send_header("ETag", _tag(body))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def _key(self) -> str:
                return unquote(urlsplit(self.path).path).removeprefix(f"/{bucket.name}").lstrip("/")

            def do_GET(self) -> None:
                key, query = self._key(), parse_qs(urlsplit(self.path).query)
                if not key:
                    prefix = query.get("prefix", [""])[0]
                    text = bucket._listed(prefix, query.get("delimiter", [""])[0])
                    self._answer(200, text.encode(), "application/xml")
                elif key in bucket._objects:
                    self._answer(200, bucket._objects[key])
                else:
                    text = "<Error><Code>NoSuchKey</Code><Message>none</Message></Error>"
                    self._answer(404, text.encode(), "application/xml")

            def do_HEAD(self) -> None:
                self.do_GET()

            def do_PUT(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                bucket._objects[self._key()] = body
                self._answer(200)

            def do_DELETE(self) -> None:
                bucket._objects.pop(self._key(), None)
                self._answer(204)

            def log_message(self, format: str, *args: object) -> None:
                """Nobody reads it."""

        return Handler


def _tag(body: bytes) -> str:
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
