"""What went wrong, in one line: a command never ends in a traceback."""

from __future__ import annotations

import asyncio
import os
import traceback

import click

INTERRUPTED = 130
MISUSED = 2
FAILED = 1
DEBUG = "MARQUEE_LOG__LEVEL"
LONGEST = 1_000


def line_of(error: BaseException) -> str:
    """The line for people; empty where none is wanted."""
    error = innermost(error)
    match error:
        case click.exceptions.Exit() | SystemExit():
            return ""
        case click.Abort() | KeyboardInterrupt() | asyncio.CancelledError():
            return "interrupted"
        case click.UsageError():
            where = f" (see {error.ctx.command_path} --help)" if error.ctx else ""
            return _one_line(error.format_message()) + where
        case click.ClickException():
            return _one_line(error.format_message())
        case OSError() if error.strerror:
            return _one_line(f"{error.strerror}: {error.filename}" if error.filename else error.strerror)
        case _ if _speaks(error):
            return _one_line(str(error))
        case _:
            return _unexpected(error)


def exit_code_of(error: BaseException) -> int:
    """2 for a misused command line, 130 for an interrupt, 1 for what failed."""
    error = innermost(error)
    match error:
        case click.exceptions.Exit():
            return error.exit_code
        case SystemExit():
            return error.code if isinstance(error.code, int) else FAILED
        case click.Abort() | KeyboardInterrupt() | asyncio.CancelledError():
            return INTERRUPTED
        case click.UsageError():
            return MISUSED
        case _:
            return FAILED


def innermost(error: BaseException) -> BaseException:
    """The first error of a group: the others followed from it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _speaks(error: BaseException) -> bool:
    """Whether the message was written for people: errors of our own rooms are, if they say something."""
    room = type(error).__module__.partition(".")[0]
    return room in {
        "runtime",
        "storefront",
        "billing",
        "content",
        "streaming",
        "accounts",
        "tenancy",
        "storage",
    } and bool(str(error))


def _unexpected(error: BaseException) -> str:
    if os.environ.get(DEBUG) == "debug":
        traceback.print_exception(error)
    return _one_line(f"unexpected {type(error).__name__}: {error} (set {DEBUG}=debug for the traceback)")


def _one_line(text: str) -> str:
    """What a terminal can show: an argument may be of any bytes, and as long as it likes."""
    line = " ".join(text.split())
    cut = line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in cut)
