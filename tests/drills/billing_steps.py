"""Where a scheduler may be killed: between steps of the cycle, around each write, around each question to Stripe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from billing.gateways.protocol import Gateway

Die = Callable[[str], None]
"""Told of a step by its name; may end the process."""
CYCLE: Final = ("claim", "draft", "mark", "advance", "tell", "issue", "number", "write", "post", "close", "issued")
ASKED: Final = ("charge", "look_up", "find")
WRITES: Final = (
    "insert payments",
    "update payments",
    "insert ledger",
    "update invoices",
    "update purchases",
    "insert purchases",
    "update memberships",
    "update gateway_events",
    "findAndModify jobs",
    "update jobs",
    "insert statements",
    "update periods",
    "commitTransaction",
)
STEPS: Final = (
    *CYCLE,
    *(f"{when} {what}" for what in (*ASKED, *WRITES) for when in ("before", "after")),
)


class Commands(CommandListener):
    """Every command to MongoDB is a step before it is sent, and one once it was answered."""

    def __init__(self, die: Die) -> None:
        self._die = die
        self._sent: dict[int, str] = {}

    def started(self, event: CommandStartedEvent) -> None:
        subject = event.command.get(event.command_name)
        name = f"{event.command_name} {subject}" if isinstance(subject, str) else event.command_name
        self._sent[event.request_id] = name
        self._die(f"before {name}")

    def succeeded(self, event: CommandSucceededEvent) -> None:
        self._die(f"after {self._sent.pop(event.request_id, event.command_name)}")

    def failed(self, event: CommandFailedEvent) -> None:
        self._sent.pop(event.request_id, None)


class _Asked:
    """A gateway whose questions are steps."""

    def __init__(self, gateway: Gateway, die: Die) -> None:
        self._gateway = gateway
        self._die = die

    def __getattr__(self, name: str) -> Any:
        verb = getattr(self._gateway, name)
        if name not in ASKED:
            return verb

        async def asked(*given: Any, **options: Any) -> Any:
            self._die(f"before {name}")
            answer = await verb(*given, **options)
            self._die(f"after {name}")
            return answer

        return asked


def watched(gateway: Gateway, die: Die) -> Gateway:
    """The gateway, whose questions are told of before and after."""
    return cast("Gateway", _Asked(gateway, die))
