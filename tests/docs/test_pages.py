"""Reading a page: a judge that takes everything for alike would find nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.docs.pages import Bought, Command, Settings, agree, moved_to, names_in, steps_of

PAGE = """<!-- followed on 2026-11-22 by somebody -->
```toml
[billing]
```

    indented, and not typed

```console
$ marquee run --until 2026-12-24 \\
    --reason 'over
two lines'
done on 2026-11-22
$ true
```
<!-- a viewer of north.example buys a year of premium -->
"""


def test_a_page_is_settings_commands_and_what_happens_meanwhile() -> None:
    settings, first, second, bought = steps_of(PAGE)
    assert settings == Settings("[billing]\n")
    assert isinstance(first, Command)
    assert first.typed.endswith("two lines'")
    assert (first.printed, first.line) == (("done on 2026-11-22",), 9)
    assert second == Command("true", (), 13)
    assert bought == Bought("north.example", "year")


def test_days_of_consoles_are_as_far_away_as_on_the_day_of_writing() -> None:
    moved = moved_to(PAGE, date(2027, 3, 1))
    assert "followed on 2027-03-01 by" in moved
    assert "--until 2027-04-02" in moved


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("0  $49.00", "0     $49.00", True),
        ("0  $49.00", "0  $49.01", False),
        ("due 2026-11-22 20:30", "due 2027-01-02 03:04", True),
        ("MQ-2026-000001 $1", "MQ-2027-000009 $1", True),
        ("MQ-2026-000001 $1", "MQ-C-2027-000009", False),
        ("a.pdf: 33,810 bytes", "a.pdf: 9 bytes", True),
        ("", "", True),
    ],
)
def test_lines_are_alike_but_for_days_sizes_and_made_up_names(shown: str, printed: str, same: bool) -> None:
    assert agree((shown,), (printed,)) is same


def test_dots_stand_for_any_number_of_lines() -> None:
    assert agree(("a", "…", "d"), ("a", "b", "c", "d"))
    assert agree(("…", "a"), ("a",))
    assert not agree(("a", "…", "d"), ("a", "b"))
    assert not agree((), ("a",))
    assert not agree(("a",), ())


def test_the_guide_to_billing_can_be_followed() -> None:
    page = (Path(__file__).parents[2] / "docs" / "operations" / "billing.md").read_text()
    commands = [step.typed for step in steps_of(page) if isinstance(step, Command)]
    assert len(commands) > 50
    assert "```sh" not in page


def test_made_up_names_are_found_in_order() -> None:
    assert names_in(("0 MQ-2026-000001 x", "pi_XtfhKGR7ula0YtJ1C4lxvPxF")) == [
        "MQ-2026-000001",
        "pi_XtfhKGR7ula0YtJ1C4lxvPxF",
    ]
