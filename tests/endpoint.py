"""A chat endpoint on the loopback interface that answers as it is told."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-very-secret-0123456789"


class Reply:
    """One prepared answer of the server."""

    def __init__(
        self,
        status: int = 200,
        body: Any = None,
        headers: dict[str, str] | None = None,
        cut: int = 0,
        hold_s: float = 0.0,
    ) -> None:
        self.status = status
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.headers = headers or {}
        self.cut = cut
        self.hold_s = hold_s


def answer(text: Any = "```python\npass\n```", **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return {"id": "1", "object": "chat.completion", "created": 1, "model": "m-2024", "choices": [choice], **more}


class Server(ThreadingHTTPServer):
    """Gives its replies in order, then plain answers; keeps what it was asked."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    """Connections that wait to be taken: what the system turns away no server can count."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies: list[Reply] = []
        self.reply: Callable[[dict[str, Any], int], Reply] = lambda asked, number: Reply(body=answer())
        """What is answered to the request of a number, once there are no replies left."""
        self.requests: list[dict[str, Any]] = []
        self.times: list[float] = []
        self.keys: list[str | None] = []
        self.lock = threading.Lock()
        self.released = threading.Event()
        self.under_way = 0
        self.most_under_way = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of the tests."""


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with self.server.lock:
            number = len(self.server.requests)
            self.server.requests.append(asked)
            self.server.times.append(time.monotonic())
            self.server.keys.append(self.headers["authorization"])
            replies = self.server.replies
            reply = replies.pop(0) if replies else self.server.reply(asked, number)
            self.server.under_way += 1
            self.server.most_under_way = max(self.server.most_under_way, self.server.under_way)
        self.server.released.wait(reply.hold_s)
        with self.server.lock:
            self.server.under_way -= 1
        self.send_response(reply.status)
        for name, value in {"content-type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(reply.body) + reply.cut))
        self.end_headers()
        self.wfile.write(reply.body)
        self.wfile.flush()
        self.close_connection = bool(reply.cut)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the tests look at what was asked."""


@contextmanager
def serving() -> Iterator[Server]:
    """A running endpoint."""
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield running
        finally:
            running.released.set()
            running.shutdown()
            thread.join()
