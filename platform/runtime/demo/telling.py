"""How the demo tells what it is doing: a bar on a terminal, a line a step elsewhere; on standard error."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

Done = Callable[[str], None]


@contextmanager
def counted(label: str, total: int) -> Generator[Done]:
    """`total` steps under one label; call what is given after each with the step's name."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines(label, total)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as display:
        task = display.add_task(label, total=total)

        def step(name: str) -> None:
            display.update(task, advance=1, description=f"{label}: {name}")

        yield step


def _lines(label: str, total: int) -> Done:
    count = 0

    def step(name: str) -> None:
        nonlocal count
        count += 1
        say(f"{label} {count}/{total}: {name}")

    say(f"{label} ({total})")
    return step


def say(text: str) -> None:
    """One line of progress."""
    click.echo(text, err=True)
