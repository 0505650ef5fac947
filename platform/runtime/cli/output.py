"""What commands print: tables and lines for people, one JSON document with --json. Progress goes to standard error."""

from __future__ import annotations

import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

WIDE = 160
NOTHING = "-"


class Output:
    """Prints a command's answer in the form that was asked for."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self._people = Console(width=None if sys.stdout.isatty() else WIDE, highlight=False, soft_wrap=True)

    def answer(self, document: object, text: str) -> None:
        """`document` as JSON, or `text`."""
        if self.as_json:
            click.echo(as_json(document))
        else:
            click.echo(text)

    def rows(self, rows: Sequence[Mapping[str, object]], columns: Sequence[str], *, empty: str) -> None:
        """A list of like things: all their fields as JSON, or the named columns as a table."""
        if self.as_json:
            click.echo(as_json(list(rows)))
        elif not rows:
            click.echo(empty)
        else:
            table = Table(box=None, pad_edge=False, header_style="bold")
            for column in columns:
                numeric = all(isinstance(row.get(column), int | float) for row in rows)
                table.add_column(column.replace("_", " "), justify="right" if numeric else "left")
            for row in rows:
                table.add_row(*(_cell(row.get(column)) for column in columns))
            self._people.print(table)

    def record(self, record: Mapping[str, object]) -> None:
        """One thing: its fields as JSON, or a line each."""
        if self.as_json:
            click.echo(as_json(record))
            return
        width = max(len(name) for name in record)
        for name, value in record.items():
            click.echo(f"{name.replace('_', ' '):<{width}}  {_cell(value)}".rstrip())

    def note(self, text: str) -> None:
        """A line beside the answer, for people alone."""
        if not self.as_json:
            click.echo(text, err=True)


@contextmanager
def progress(unit: str) -> Generator[Progress]:
    """A progress display on standard error; nothing where that is no terminal."""
    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as display:
        yield display


def as_json(document: object) -> str:
    """Indented JSON. Naive times are UTC."""
    return msgspec.json.format(msgspec.json.encode(document, enc_hook=_plain), indent=2).decode()


def _plain(value: object) -> object:
    return str(value)


def _cell(value: object) -> str:
    match value:
        case None | "":
            return NOTHING
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M")
        case date():
            return value.isoformat()
        case list() | tuple():
            return ", ".join(_cell(each) for each in value) or NOTHING
        case dict():
            return ", ".join(f"{name}={_cell(each)}" for name, each in value.items()) or NOTHING
        case int():
            return f"{value:,}"
        case _:
            return str(value)
