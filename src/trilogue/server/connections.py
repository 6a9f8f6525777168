"""Connections of clients, and their hand-over from one process to another."""

from __future__ import annotations

import socket
import tempfile
import time
from contextlib import ExitStack

from trilogue.server.access import Access
from trilogue.server.limits import Limits
from trilogue.server.messages import Head, RefusedError, Request, path_and_query, read_head

_CHUNK = 65_536
_SLOWEST = 16_384  # bytes a second that a client must read at least
_SEND_BUFFER = 1_048_576
_MESSAGE = 262_144  # bytes that go with a connection; the rest of an upload goes in a file


class Connection:
    """A client's connection, and what it has sent of its next request."""

    __slots__ = ("_head", "_permitted", "buffer", "client", "refused", "since", "socket")

    def __init__(self, stream: socket.socket, client: str, buffer: bytes = b"") -> None:
        self.socket = stream
        self.client = client
        self.buffer = bytearray(buffer)
        self.since = time.monotonic()
        self.refused = False
        self._head: tuple[Head, int] | None = None
        self._permitted = False

    def receive(self) -> bool:
        """Read what has come in; return whether the connection stays open."""
        try:
            data = self.socket.recv(_CHUNK)
        except (BlockingIOError, InterruptedError):
            return True
        except OSError:
            return False
        if self.refused:
            return bool(data)
        if data and not self.buffer:
            self.since = time.monotonic()
        self.buffer += data
        return bool(data)

    def refuse(self, answer: bytes) -> None:
        """Send a last answer, and take no notice of what still comes in.

        A connection that is closed while something comes in is reset, and its client may never
        see the answer.
        """
        self.refused = True
        self.buffer.clear()
        self.since = time.monotonic()
        self.socket.send(answer)
        self.socket.shutdown(socket.SHUT_WR)

    def next_request(
        self, limits: Limits, access: Access | None = None, *, proxied: bool = False
    ) -> Request | None:
        """Return the next request, if it has come in whole.

        Raises `RefusedError` where what has come in is no request, or too large.
        """
        found = self._head or self._find_head(limits, access)
        if found is None:
            return None
        head, begin = self._head = found
        end = begin + head.length
        if len(self.buffer) < end:
            if head.expects_permission and not self._permitted:
                self._permitted = True
                self.socket.send(b"HTTP/1.1 100 Continue\r\n\r\n")
            return None
        body = bytes(self.buffer[begin:end])
        del self.buffer[:end]
        self._head, self._permitted = None, False
        self.since = time.monotonic()
        path, query = path_and_query(head.target)
        client = self.client
        if proxied:
            client = head.headers.get("x-forwarded-for", client).rsplit(",", 1)[-1].strip()
        return Request(
            head.method, path, query, head.headers, body, client, head.lasting, minor=head.minor
        )

    def _find_head(self, limits: Limits, access: Access | None) -> tuple[Head, int] | None:
        while self.buffer.startswith(b"\r\n"):  # RFC 9112, 2.2: ignored before a request
            del self.buffer[:2]
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            if b"\n\n" in self.buffer:
                raise RefusedError(400, "lines must end with CRLF")
            if len(self.buffer) > limits.target and b"\r\n" not in self.buffer:
                raise RefusedError(
                    414, f"the request target is longer than {limits.target} bytes; use POST"
                )
            if len(self.buffer) > limits.head:
                raise RefusedError(431, f"the headers are longer than {limits.head} bytes")
            return None
        if end > limits.head:
            raise RefusedError(431, f"the headers are longer than {limits.head} bytes")
        return read_head(bytes(self.buffer[:end]), limits, access), end + 4

    def send(self, data: bytes) -> int:
        """Send what goes out at once; return how much that was."""
        try:
            return self.socket.send(data)
        except (BlockingIOError, InterruptedError):
            return 0

    def drain(self, data: bytes, patience: float) -> None:
        """Send everything; raises `TimeoutError` where the client reads too slowly."""
        deadline = time.monotonic() + patience + len(data) / _SLOWEST
        self.socket.settimeout(patience)
        view = memoryview(data)
        while view:
            view = view[self.socket.send(view) :]
            if time.monotonic() > deadline:
                raise TimeoutError

    def expired(self, now: float, limits: Limits) -> bool:
        """Tell whether the client has taken too long for its next request."""
        if not self.buffer and not self.refused:
            return now - self.since > limits.idle
        announced = self._head[0].length if self._head else 0
        long = announced / _SLOWEST if announced > limits.body else 0.0
        return now - self.since > limits.patience + long

    def pass_on(self, pool: socket.socket) -> bool:
        """Hand the connection to whichever process takes it; return whether one can."""
        try:
            with ExitStack() as stack:
                descriptors = [self.socket.fileno()]
                if len(self.buffer) > _MESSAGE:
                    rest = stack.enter_context(tempfile.TemporaryFile())
                    rest.write(self.buffer[_MESSAGE:])
                    rest.flush()
                    descriptors.append(rest.fileno())
                payload = self.client.encode() + b"\0" + self.buffer[:_MESSAGE]
                socket.send_fds(pool, [payload], descriptors)
        except OSError:
            return False
        finally:
            self.socket.close()
        return True


def accepted(listener: socket.socket) -> Connection | None:
    """Return a new connection, unless another process has it already."""
    try:
        stream, peer = listener.accept()
    except OSError:
        return None
    stream.setblocking(False)
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Connection(stream, str(peer[0]))


def taken_over(pool: socket.socket) -> Connection | None:
    """Return a connection that another process has handed over, unless a third has it."""
    try:
        payload, descriptors, _, _ = socket.recv_fds(pool, 2 * _SEND_BUFFER, 2)
    except OSError:
        return None
    if not descriptors:
        return None
    client, _, buffer = payload.partition(b"\0")
    for descriptor in descriptors[1:]:
        with open(descriptor, "rb") as rest:  # noqa: PTH123 - no path
            rest.seek(0)
            buffer += rest.read()
    stream = socket.socket(fileno=descriptors[0])
    stream.setblocking(False)
    return Connection(stream, client.decode(), buffer)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; raises `OSError` where the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        listener.bind((host, port))
        listener.listen(1_024)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


def pool() -> tuple[socket.socket, socket.socket]:
    """Return the two ends of the channel through which processes hand over connections."""
    receiving, sending = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    sending.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
    receiving.setblocking(False)
    sending.settimeout(1.0)
    return receiving, sending
