"""A shop of another origin, with the widget on its page: as hostile a style sheet and as strict a policy as there are."""

from __future__ import annotations

from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

HOSTILE = """
* { all: revert; color: red !important; font: bold 31px fantasy !important; letter-spacing: 9px !important; direction: rtl !important;
  transform: rotate(3deg) !important; transition: all 9s !important; box-sizing: content-box !important; }
div, button, textarea, p, article, html > *:not(head):not(body) { display: none !important; opacity: .1 !important; z-index: -1 !important;
  position: static !important; pointer-events: none !important; width: 1px !important; visibility: hidden !important; }
body { filter: blur(2px); perspective: 40px; overflow: hidden; margin: 0; }
"""
CALM = """
body { margin: 0; font: 17px/1.6 system-ui, sans-serif; color: #3b2f2f; background: #f4efe8; }
header { padding: 24px 6vw; background: #fffdf9; font-size: 22px; font-weight: 650; } main { padding: 40px 6vw; max-width: 60ch; }
@media (prefers-color-scheme: dark) { body { background: #221f1c; color: #e9e2da; } header { background: #2b2723; } }
"""


class Shop:
    """Serves `/?language=ta&theme=dark...`: what is asked for stands as data- attributes at the widget's script.

    `css=hostile` and `page=ar` (the language of the page) are the page's own.
    """

    server = ""

    def __enter__(self) -> Shop:
        shop = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, media, text = shop.answer(self.path)
                self.send_response(status)
                self.send_header("Content-Type", f"{media}; charset=utf-8")
                self.send_header("Content-Security-Policy", shop.policy)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.http = ThreadingHTTPServer(("localhost", 0), Answer)
        self.origin = f"http://localhost:{self.http.server_port}"
        Thread(target=self.http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.http.shutdown()
        self.http.server_close()

    @property
    def policy(self) -> str:
        server = self.server.rstrip("/")
        return (
            f"default-src 'none'; script-src {server}; connect-src {server}; style-src 'self'; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
        )

    def answer(self, path: str) -> tuple[int, str, str]:
        """Status, media type and text of a page."""
        asked = urlsplit(path)
        if asked.path.endswith(".css"):
            return 200, "text/css", {"/hostile.css": HOSTILE}.get(asked.path, CALM)
        if asked.path != "/":
            return 404, "text/plain", ""
        options = {"key": "nila", **dict(parse_qsl(asked.query))}
        css, page = options.pop("css", "calm"), options.pop("page", "")
        data = " ".join(f'data-{name}="{escape(value)}"' for name, value in options.items())
        return (
            200,
            "text/html",
            f'<!doctype html><html{f" lang={page}" if page else ""}><title>Nila</title><meta name="viewport" '
            f'content="width=device-width"><link rel="stylesheet" href="/{css}.css"><header>Nila Home Appliances</header>'
            f"<main><h1>4471</h1><p>₹ 21 990</p><p><a href='#'>Nila</a></p></main>"
            f'<script src="{self.server}widget.js" {data} async></script></html>',
        )
