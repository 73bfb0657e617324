"""The widget for a shop's pages: its script, and its words in every language."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response

from assistant.channels import html
from assistant.phrases import languages, phrasebook
from knowledge.language import direction

HERE = Path(__file__).parent / "widget"
KEPT = "public, max-age=300"
"""How long browsers keep the script and its words."""
SAYS = """
    introduction waiting waiting_no_place did_you_mean too_long speak read_aloud sources talk_to_person send type_here
    chat_open chat_close chat_menu chat_language automated with_agent writing news unsent failed attach file_kind
    file_size file_full listening stop rate rate_good rate_bad rated forget forget_ask forget_yes cancel forgotten you
    assistant agent open_source page connection_lost
"""
"""The keys of what the script says, in the phrase books; what agents read is not sent to customers."""


def mount(app: FastAPI, *, company: str = "Sevai") -> FastAPI:
    """The app with the widget on it; the company's name stands on top of it, unless a page names another."""
    script = source()

    @app.get("/widget.js", include_in_schema=False)
    def widget(request: Request) -> Response:
        return asset(request, *script, "text/javascript; charset=utf-8")

    @app.get("/widget/{language}.json", include_in_schema=False)
    def speak(language: str, request: Request) -> Response:
        told = json.dumps(words(language, company), ensure_ascii=False).encode()
        return asset(request, *packed(told), "application/json")

    return app


def words(language: str, company: str) -> Mapping[str, Any]:
    """The widget's words in a language."""
    book = phrasebook(language)
    say = {key: book[key] for key in SAYS.split()}
    return {"language": language, "direction": direction(language), "title": company, "say": say}


def source() -> tuple[bytes, bytes, str]:
    """The widget's script with its style sheet and the languages that are spoken."""
    style = json.dumps((HERE / "widget.css").read_text(encoding="utf-8"))
    names = {tag: html.native(tag) for tag in languages()}
    text = f'"use strict";(() => {{const STYLE = {style}, LANGUAGES = {json.dumps(names, ensure_ascii=False)};\n'
    return packed(f"{text}{(HERE / 'widget.js').read_text(encoding='utf-8')}}})();\n".encode())


def packed(content: bytes) -> tuple[bytes, bytes, str]:
    """A content, the same compressed, and what tells it from another version."""
    return content, gzip.compress(content, mtime=0), f'"{sha256(content).hexdigest()[:16]}"'


def asset(request: Request, content: bytes, compressed: bytes, tag: str, media: str) -> Response:
    """A file that browsers keep; nothing but its tag where they have it."""
    headers = {"ETag": tag, "Cache-Control": KEPT, "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    small = "gzip" in request.headers.get("accept-encoding", "")
    headers |= {"Content-Encoding": "gzip"} if small else {}
    return Response(compressed if small else content, media_type=media, headers=headers)
