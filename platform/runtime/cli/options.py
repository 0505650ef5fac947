"""Options that several commands share, and the settings that come of them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import click

from runtime.errors import Refused
from runtime.loading import load_settings
from runtime.settings import Settings

T = TypeVar("T")
Command = Callable[..., Any]


def home_option(command: Command) -> Command:
    """--home DIR."""
    described = "Where engines, keys and caches live (setting home)."
    return click.option("--home", type=click.Path(path_type=Path, file_okay=False), help=described)(command)


def json_option(command: Command) -> Command:
    """--json."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text for people.")(command)


def settings_for(home: Path | None, *, existing: bool = False, **overrides: object) -> Settings:
    """The settings with this command line's options. `existing`: embedded engines need a home that served before."""
    settings = load_settings(os.environ, {"home": None if home is None else str(home), **overrides})
    embedded = not (settings.mongodb.uri and settings.redis.url)
    if existing and embedded and not (settings.home / "run").is_dir():
        raise Refused(f"{settings.home} is not a home of Marquee; name one with --home, or make one with marquee serve")
    return settings


def run_async(main: Coroutine[Any, Any, T]) -> T:
    """Run a command's coroutine to its end in this, the main, thread."""
    return asyncio.run(main)
