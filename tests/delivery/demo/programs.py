"""Programs that stand in for servers: on the PATH under the name of the real one."""

from __future__ import annotations

import stat
import sys
import textwrap
from pathlib import Path

#: Tells its release, or serves 200 at its port until it is asked to end.
_SERVER = """\
#!{python}
import http.server, signal, sys, threading
if "--version" in sys.argv:
    print("{name}, version {release}")
    sys.exit(0)
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ready")
    def log_message(self, *args):
        pass
port = int(sys.argv[1])
server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Page)
signal.signal(signal.SIGTERM, {ending})
print("listening", flush=True)
server.serve_forever()
"""
_ENDS = "lambda *_: sys.exit(0)"
_STAYS = "signal.SIG_IGN"


def write(folder: Path, name: str, *, release: str = "1.2.3", stubborn: bool = False) -> Path:
    """A server; a stubborn one ends only when it is killed."""
    text = _SERVER.format(
        python=sys.executable, name=name, release=release, ending=_STAYS if stubborn else _ENDS
    )
    return script(folder / name, text)


def script(path: Path, text: str) -> Path:
    """Something that can be run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path
