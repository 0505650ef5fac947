"""Following a page step by step."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.docs.pages import Bought, Command, Settings, agree, names_in, steps_of
from tests.docs.terminal import Terminal
from tests.support.engines import engines

# What changes nothing is asked again: the news of a payment takes a moment.
ASKING = ("payments", "invoices", "invoice", "list", "purchases")
PAUSE_SECONDS = 0.3


@contextmanager
def at_a_terminal(folder: Path) -> Generator[Terminal]:
    """A terminal in an empty folder, over engines of its own."""
    with engines() as (mongodb_uri, redis_url), pytest.MonkeyPatch.context() as environ:
        environ.setenv("MONGODB_URI", mongodb_uri)
        environ.setenv("REDIS_URL", redis_url)
        environ.setenv("MARQUEE_HOME", str(folder / "home"))
        with Terminal(folder, environ) as terminal:
            yield terminal


def followed(page: str, terminal: Terminal, *, patient: float = 15.0) -> Iterator[tuple[Command, tuple[str, ...]]]:
    """Each command that printed something else than the page shows, and what that was.

    `patient`: for so many seconds what is asked may be answered otherwise.
    """
    for step in steps_of(page):
        match step:
            case Settings(text):
                terminal.settle(text)
            case Bought(site, length):
                terminal.buy(site, length)
            case Command(printed=shown):
                printed = _typed(terminal, step, time.monotonic() + patient)
                terminal.know(names_in(shown), names_in(printed))
                if not agree(shown, printed):
                    yield step, printed


def _typed(terminal: Terminal, command: Command, deadline: float) -> tuple[str, ...]:
    printed = terminal.type(command.typed)
    asks = command.typed.startswith("marquee ") and not {*ASKING}.isdisjoint(command.typed.split()[2:4])
    while asks and not agree(command.printed, printed) and time.monotonic() < deadline:
        time.sleep(PAUSE_SECONDS)
        printed = terminal.type(command.typed)
    return printed
