"""A token endpoint as Microsoft and Google run one, and Dovecot's way to ask about a token."""

from __future__ import annotations

import json
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class TokenServer:
    """Gives one access token; rotates the refresh token at each use."""

    def __init__(self, user: str, **answer: Any) -> None:
        """Prepare to answer for one user; `answer` stands over the shipped fields."""
        self.user, self.token = user, "at-1"
        self.refresh_token = "rt-1"
        self.answer = {"expires_in": 3600, **answer}
        self.requests: list[dict[str, str]] = []
        #: Set: (status, error) of every further request.
        self.refusal: tuple[int, str] | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """Stop it."""
        self._server.shutdown()
        self._server.server_close()

    def give(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Answer one request of the token endpoint."""
        self.requests.append(form)
        if self.refusal:
            return self.refusal[0], {"error": self.refusal[1]}
        granted = {"access_token": self.token, "token_type": "Bearer", **self.answer}
        if form["grant_type"] == "refresh_token":
            if form["refresh_token"] != self.refresh_token:
                return 400, {"error": "invalid_grant"}
            number = int(self.refresh_token.removeprefix("rt-")) + 1
            self.refresh_token = f"rt-{number}"
            granted["refresh_token"] = self.refresh_token
        return 200, granted

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                form = dict(urllib.parse.parse_qsl(self.rfile.read(length).decode()))
                self._send(*server.give(form))

            def do_GET(self) -> None:
                # Dovecot asks whether a token is good, and whose it is.
                token = self.path.rpartition("=")[2]
                if token == server.token:
                    self._send(200, {"email": server.user, "active": True})
                else:
                    self._send(401, {"error": "invalid_token"})

            def _send(self, status: int, body: dict[str, Any]) -> None:
                raw = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *arguments: Any) -> None:
                pass

        return Handler
