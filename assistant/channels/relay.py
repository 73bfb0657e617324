"""ConversationRelay, the protocol in which a telephone network brings calls: its messages, and who may bring them.

Twilio, https://www.twilio.com/docs/voice/conversationrelay/websocket-messages; how a connection is signed:
https://www.twilio.com/docs/usage/security#validating-requests.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, TypeAdapter
from starlette.requests import HTTPConnection

from assistant.channels.api.conversations import Hearing

Json = dict[str, Any]
"""A message to the caller's side."""

LARGEST = 1 << 16
"""Characters of a message at most."""
BROUGHT = ("origin", "forwarded", "x-forwarded-for")
"""Headers that a browser or a proxy adds: with one of them, a connection from this machine may come from elsewhere."""


class Setup(BaseModel):
    """A call begins; `parameters` are those that whoever answered the call wrote into its TwiML."""

    type: Literal["setup"]
    call: Annotated[str, Field(alias="callSid", min_length=1)]
    caller: Annotated[str | None, Field(alias="from")] = None
    parameters: Annotated[Mapping[str, str] | None, Field(alias="customParameters")] = None


class Prompt(Hearing):
    """What the caller said, in the recogniser's language; until it is the `last`, it may still change.

    The protocol has no `words` and no `alternatives`: a bridge to another recogniser may add them, as the API has them.
    """

    type: Literal["prompt"]
    text: Annotated[str, Field(alias="voicePrompt")]
    language: Annotated[str, Field(alias="lang")] = ""
    last: bool = True


class Interrupt(BaseModel):
    """The caller began to speak while something was said to them; `heard` is what they heard of it."""

    type: Literal["interrupt"]
    heard: Annotated[str, Field(alias="utteranceUntilInterrupt")] = ""


class Key(BaseModel):
    """The caller pressed a key: 0-9, * or #."""

    type: Literal["dtmf"]
    digit: str


class Failed(BaseModel):
    """The other side could not do what it was told."""

    type: Literal["error"]
    description: str = ""


Message = Setup | Prompt | Interrupt | Key | Failed
MESSAGES: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="type")])


def read(received: str | None) -> Message:
    """A message as it came over the socket, None where that was bytes. Raises ValueError where it is not understood."""
    if received is None or len(received) > LARGEST:
        raise ValueError(f"A message has at most {LARGEST} characters of text.")
    return MESSAGES.validate_json(received)


def text(said: str, last: bool = True) -> Json:
    """Words to be said; more of the same follow, if they are not the last."""
    return {"type": "text", "token": said, "last": last}


def end(package: Json | None = None) -> Json:
    """The call leaves us; the package goes to whoever takes it on."""
    handed = {} if package is None else {"handoffData": json.dumps(package, ensure_ascii=False)}
    return {"type": "end", **handed}


def refusal(connection: HTTPConnection, token: str) -> str:
    """Why a connection is refused; empty where it is not.

    With the account's auth token, the connection must be signed with it. Without one, only what runs on this machine
    may connect: no web page, which a browser would let do so, and nothing through a proxy.
    """
    headers = connection.headers
    if token:
        host, path = headers.get("host", ""), connection.url.path
        given = headers.get("x-twilio-signature", "").encode()
        # Twilio signs the address as it was given, with or without its port.
        signed = (signature(token, f"wss://{name}{path}").encode() for name in (host, host.partition(":")[0]))
        right = any(hmac.compare_digest(given, each) for each in signed)
        return "" if right else "The call is not signed with this server's token; see X-Twilio-Signature."
    brought = any(header in headers for header in BROUGHT)
    if not brought and connection.client and ip_address(connection.client.host).is_loopback:
        return ""
    return "Calls from elsewhere are answered only where the server has a token; start it with TWILIO_AUTH_TOKEN."


def signature(token: str, url: str) -> str:
    """What Twilio writes into X-Twilio-Signature for an address that is opened without a form."""
    return base64.b64encode(hmac.digest(token.encode(), url.encode(), "sha1")).decode()
