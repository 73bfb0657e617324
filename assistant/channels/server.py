"""The server that a machine's customers come to: its socket, how many it takes, how its threads share memory."""

from __future__ import annotations

import ctypes
import gc
import socket
import sys
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp
from threadpoolctl import threadpool_limits

from assistant.channels.timeouts import Timed

GOODBYE = 3
"""Seconds that open pages have to finish when the server is stopped."""
IDLE = 75
"""Seconds that a connection is kept for the next message; what writes more often than that meets no closed door."""
CONNECTIONS = 4000
"""Connections that may be open at once, where the system lets a process have so many files and SPARE more."""
SPARE = 200
"""Open files that are left to the index, the database and the uploads."""
LARGEST_FRAME = 1 << 20
"""Bytes of a message of a call, from which on its connection is closed."""
M_ARENA_MAX, ARENAS = -8, 2
"""glibc's number of the option that says how many heaps the threads share (malloc.h, mallopt(3)), and how many."""


def run(app: ASGIApp, door: socket.socket, proxy: list[str] | None = None) -> None:
    """Serve an app at a socket until the process is told to stop."""
    threadpool_limits(1, "blas")  # messages are worked at side by side: more threads for one would only spin
    gc.freeze()  # what is there now stays: a collection would look at every passage of the knowledge in vain
    sys.setswitchinterval(0.0005)  # else who reads from all waits for each answer that is worked at, 5 ms a time
    uvicorn.Server(config(app, proxy)).run(sockets=[door])


def config(app: ASGIApp, proxy: list[str] | None = None) -> uvicorn.Config:
    """How an app is served, behind a proxy that is believed where one is named."""
    return uvicorn.Config(
        app,
        http=Timed,
        log_config=None,
        log_level="warning",
        timeout_graceful_shutdown=GOODBYE,
        timeout_keep_alive=IDLE,
        limit_concurrency=connections(),
        ws_max_size=LARGEST_FRAME,
        proxy_headers=bool(proxy),
        forwarded_allow_ips=proxy,
        server_header=False,
    )


def few_heaps() -> None:
    """Let all threads share a few heaps, where the C library is glibc.

    It gives each thread its own, up to eight a processor, and what is free in one is lost to the others: a server's
    memory would grow for as long as threads that were idle so far take messages.
    """
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS)


def connections() -> int:
    """How many connections this process may have open at once, for which it takes as many files as it is let have."""
    if sys.platform == "win32":
        return CONNECTIONS
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wished = CONNECTIONS + SPARE
    files = max(soft, wished if hard == resource.RLIM_INFINITY else min(hard, wished))
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    return min(CONNECTIONS, files - SPARE)


def listen(host: str, port: int) -> socket.socket:
    """The socket that customers knock at. Raises OSError."""
    try:
        door = socket.create_server((host, port))
    except OSError as error:
        why = str(error.strerror).partition(" (")[0]  # what follows repeats the address
        raise OSError(f"Port {port} of {host} is not to be had ({why}): name another with --port.") from error
    # What it accepts inherits this: else every answer waits 40 ms for the customer's acknowledgement of its headers.
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return door


def reached(host: str) -> str:
    """An address by which others reach a server that listens at the host; for all addresses, the one of its network."""
    if host not in ("", "0.0.0.0"):  # nosec B104
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(("192.0.2.1", 9))  # chooses a way, and sends nothing
        except OSError:  # no network
            return "127.0.0.1"
        address: str = asking.getsockname()[0]
        return address
