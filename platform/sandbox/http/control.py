"""Turning a stand-in's knobs from another process: `POST /_sandbox/VERB` with a JSON object of arguments.

200 with {"gives": …}, 400 with {"error": "…"}; `GET /_sandbox/VERB` is the same without arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from .exchange import Request

if TYPE_CHECKING:
    from .server import HttpSandbox


class Control:
    """The verbs of one sandbox: those of every one, and its own."""

    def __init__(self, sandbox: HttpSandbox) -> None:
        self._sandbox = sandbox

    def obey(self, request: Request) -> tuple[int, dict[str, Any]]:
        """Do as told: the status and what to say."""
        name = request.path.removeprefix("/_sandbox/")
        verb = {**self._verbs(), **self._sandbox.verbs()}.get(name)
        if verb is None:
            return 404, {"error": f"no command is called {name}"}
        try:
            arguments = msgspec.json.decode(request.body or b"{}", type=dict[str, Any])
            given = msgspec.to_builtins(verb(**arguments))
        except (msgspec.MsgspecError, TypeError, ValueError, LookupError, AttributeError) as error:
            return 400, {"error": f"{type(error).__name__}: {error}"}
        self._sandbox.store.commit()
        self._sandbox.outbox.wake()
        return 200, {"gives": given}

    def _verbs(self) -> Mapping[str, Callable[..., Any]]:
        sandbox = self._sandbox

        def webhooks(**knobs: Any) -> Any:
            sandbox.webhook_faults.set(**knobs)
            return sandbox.webhook_faults

        def clear() -> None:
            sandbox.faults.clear()
            sandbox.webhook_faults.clear()

        return {
            "advance": sandbox.advance,
            "now": sandbox.clock,
            "fail_next": sandbox.faults.next,
            "fail_always": sandbox.faults.always,
            "faults": lambda: sandbox.faults.rules,
            "webhooks": webhooks,
            "clear": clear,
            "counters": lambda: dict(sandbox.counters),
            "waiting": lambda: sandbox.outbox.waiting,
        }
