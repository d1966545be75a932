"""The servers of this machine under the names that the live tests use; the demo finds them."""

from delivery.demo.ports import free_port
from delivery.demo.process import Process, until
from delivery.demo.servers import BINARIES, Server, find, missing

__all__ = ["BINARIES", "Process", "Server", "find", "free_port", "missing", "until"]
