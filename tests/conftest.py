"""The order of the tests, and what those in a browser share: an index, a server with a shop beside it, a Chromium."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Thread
from time import process_time
from typing import Any

import pytest
import uvicorn
from argon2 import PasswordHasher
from filelock import FileLock
from playwright.sync_api import Browser, Page, expect, sync_playwright

from assistant.accounts import Accounts, Role, Session, passwords
from assistant.channels.server import listen
from assistant.desk import Desk
from eval.indexes import index_of
from eval.suite import Suite
from tests.shop import Shop

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "eval" / "suites" / "golden"
"""The suite whose knowledge is the sample."""
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
ADMIN, PASSWORD = "மலர்", "நான்கு நல்ல சொற்கள் போதும்"
"""Who invites everybody else, and everybody's password."""
GONE = 6
"""Seconds within which a server with open pages ends when it is told to."""
LONG = {
    "tests/test_readme.py": "commands",
    "tests/test_browser.py": "browser",
    "tests/test_widget.py": "browser",
    "tests/test_sign_in.py": "browser",
}
"""Files of tests that take longest, and what they share."""


expect.set_options(timeout=15_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest: of two processes, each starts on one half of the tests and helps the other after.

    The browser's tests stay together, so that they share one browser and one server.
    """
    groups: dict[str, list[pytest.Item]] = {"commands": [], "browser": [], "": []}
    for item in items:
        groups[LONG.get(item.path.relative_to(ROOT).as_posix(), "")].append(item)
    half = max(0, len(items) // 2 - len(groups["commands"]))
    items[:] = [*groups["commands"], *groups[""][:half], *groups["browser"], *groups[""][half:]]


@pytest.fixture(scope="session", autouse=True)
def quick() -> None:
    """Passwords are hashed as quickly as can be, in this process; servers of their own take their time."""
    passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords.nobodys.cache_clear()


@pytest.fixture(scope="session")
def indexes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where runs find their indexes: one folder for all processes of the tests, in which the sample is indexed once."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "indexes"
    with FileLock(f"{folder}.lock"):
        index_of(Suite.open(GOLDEN), "all", folder)
    return folder


GROWN = 10
"""Times as long at most that four times as much takes: it would be four in proportion, and sixteen by the square."""


def growth(work: Callable[[str], object], unit: str, size: int = 20_000) -> float:
    """How many times as long the work takes on so many signs of the same as on a quarter, between two that end the row.

    Each is the quickest of three, no two of the same text: a busy machine only ever adds, and what was read before may
    be remembered. What takes less than 5 ms is as quick as that.
    """

    def quickest(signs: int) -> float:
        return min(took(f"{first}{(unit * signs)[:signs]}\0x") for first in "abc")

    def took(text: str) -> float:
        began = process_time()
        work(text)
        return process_time() - began

    return quickest(size) / max(0.005, quickest(size // 4))


def sharing(indexes: Path, runs: Path) -> Path:
    """A folder for runs that find the indexes which others have built."""
    runs.mkdir(parents=True, exist_ok=True)
    (runs / ".indexes").symlink_to(indexes)
    return runs


@pytest.fixture(scope="session")
def index(indexes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's, of this process: servers keep a desk beside it, and what editors write goes into it."""
    sample = index_of(Suite.open(GOLDEN), "all", indexes)
    return Path(shutil.copytree(sample, tmp_path_factory.mktemp("browser") / "index"))


@contextmanager
def serving(index: Path, port: int = 0, *options: str) -> Iterator[dict[str, str]]:
    """The addresses of a server, which is stopped as systems stop one, and has seconds to go."""
    command = [sys.executable, "app.py", "serve", "--json", "--index", str(index), "--port", str(port), *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(GONE)


@contextmanager
def running(config: uvicorn.Config) -> Iterator[str]:
    """Where a server listens that runs in a thread of this process."""
    server = uvicorn.Server(config)
    with listen("127.0.0.1", 0) as door:
        thread = Thread(target=server.run, args=([door],))
        thread.start()
        try:
            yield f"127.0.0.1:{door.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@cache
def signed_in(index: Path, address: str, name: str, role: Role = "agent") -> Any:
    """The cookie of somebody who is signed in at the server over that index; they have an account from now on."""
    session = session_of(Accounts(Desk(f"sqlite:///{index.parent / 'desk.db'}").engine), name, role)
    return {"name": "sevai", "value": session.token, "url": address, "httpOnly": True, "sameSite": "Lax"}


def session_of(accounts: Accounts, name: str, role: Role) -> Session:
    """Somebody's new session; they have an account from now on."""
    if name not in {account.name for account in accounts.accounts()}:
        accounts.accept(joined(accounts, name, role), name, PASSWORD)
    session = accounts.sign_in(name, PASSWORD)
    assert session
    return session


def joined(accounts: Accounts, name: str, role: Role) -> str:
    """A link's token for somebody new; the admin who invites them is there from the first time on."""
    if not accounts.any():
        accounts.accept(accounts.first(), ADMIN, PASSWORD)
    return accounts.invite(role, name, accounts.account(ADMIN))


@pytest.fixture(scope="session")
def shop() -> Iterator[Shop]:
    with Shop() as shop:
        yield shop


@pytest.fixture(scope="session")
def server(index: Path, shop: Shop) -> Iterator[str]:
    with serving(index, 0, "--site", f"nila={shop.origin}") as links:
        shop.server = links["customer"]
        yield links["customer"]


# Until it is closed, no other test of its process can run an event loop.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)


class Tabs:
    """A browser's tabs, lent to one person after the other: to open one takes longer than most of what is done in it.

    Who gets one finds nothing that was left there, except what the browser has loaded and compiled.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: defaultdict[str, list[Page]] = defaultdict(list)

    @contextmanager
    def lent(self, **watch: Callable[[Any], None]) -> Iterator[Callable[..., Page]]:
        """Lends tabs to the people of one test. Of each event of a tab that `watch` names, it is told.

        A tab runs `script` before the scripts of a page, and is the same person's as the one `beside` it, or else of a
        context with the options.
        """
        lent: list[tuple[str, Page]] = []

        def lend(width: int, height: int, script: str = "", beside: Page | None = None, **options: Any) -> Page:
            kind = repr((script, options))
            if beside:
                page = beside.context.new_page()
            else:
                page = self._free[kind].pop() if self._free[kind] else self._opened(script, **options)
                lent.append((kind, page))
            page.set_viewport_size({"width": width, "height": height})
            for event, told in watch.items():
                page.on(event, told)  # type: ignore[call-overload]
            return page

        yield lend
        for kind, page in lent:
            if not page.is_closed():
                self._emptied(page)
                for event, told in watch.items():
                    page.remove_listener(event, told)
                self._free[kind].append(page)

    def _opened(self, script: str, **options: Any) -> Page:
        context = self._browser.new_context(**options)
        context.add_init_script(script)
        return context.new_page()

    def _emptied(self, page: Page) -> None:
        for beside in page.context.pages:
            if beside != page:
                beside.close()
        page.context.set_offline(False)
        page.evaluate("sessionStorage.clear()")
        page.goto("about:blank")
        page.context.set_storage_state({"cookies": [], "origins": []})


@pytest.fixture(scope="module")
def tabs(browser: Browser) -> Tabs:
    return Tabs(browser)
