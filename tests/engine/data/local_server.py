"""A server of files on this computer, for tests that download."""

from __future__ import annotations

import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Site:
    """A server of files that supports ranges if it is told to, and may break off."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.ranges, self.cut = True, 0
        self.asked: list[tuple[str, str]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.answer(self)

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}/"

    def answer(self, to: BaseHTTPRequestHandler) -> None:
        name, begin = to.path.lstrip("/"), 0
        self.asked.append((name, to.headers.get("Range", "")))
        content = self.files.get(name)
        if self.ranges and (found := re.match(r"bytes=(\d+)-$", to.headers.get("Range", ""))):
            begin = int(found[1])
        if content is None or begin >= len(content):
            to.send_error(404 if content is None else 416)
            return
        to.send_response(206 if begin else 200)
        to.send_header("Content-Length", str(len(content) - begin))
        to.end_headers()
        rest = content[begin:]
        to.wfile.write(rest[: self.cut] if self.cut else rest)
