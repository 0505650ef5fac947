"""Follow a page and write into it what its commands print now: `python -m tests.docs docs/operations/billing.md`."""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.docs.following import at_a_terminal, followed
from tests.docs.pages import LEFT_OUT, Command, moved_to


def main() -> None:
    """Rewrite the page that is named, as of today. What leaves lines out is printed, for a person to look at."""
    page = Path(sys.argv[1]).absolute()
    text = moved_to(page.read_text(), datetime.now(UTC).date())
    done: list[tuple[Command, tuple[str, ...]]] = []
    with tempfile.TemporaryDirectory() as folder, at_a_terminal(Path(folder)) as terminal:
        try:
            done.extend(followed(text, terminal, patient=2.0))
        except AssertionError as error:
            print(error)
    page.write_text("\n".join(_rewritten(text.split("\n"), done)))


def _rewritten(lines: list[str], done: list[tuple[Command, tuple[str, ...]]]) -> list[str]:
    for command, printed in reversed(done):
        if any(line.strip() == LEFT_OUT for line in command.printed):
            print(f"line {command.line}: {command.typed}", *printed, sep="\n")
            continue
        start = command.line + command.typed.count("\n")
        lines[start : start + len(command.printed)] = printed
    return lines


main()
