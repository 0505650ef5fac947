"""What becomes of requests, beside being answered."""

from enum import StrEnum

import msgspec


class Fate(StrEnum):
    """`…_before`: nothing was done yet; `…_after`: it was done, and the client does not hear of it.

    slow: answered after `seconds`. rate_limit: 429. unavailable: 503 from in front of the service. error: 500 from the
    service itself. drop: the connection is reset. hang: no answer, until the client gives up.
    """

    SLOW = "slow"
    RATE_LIMIT = "rate_limit"
    UNAVAILABLE = "unavailable"
    ERROR_BEFORE = "error_before"
    ERROR_AFTER = "error_after"
    DROP_BEFORE = "drop_before"
    DROP_AFTER = "drop_after"
    HANG_BEFORE = "hang_before"
    HANG_AFTER = "hang_after"


class Rule(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A fate of every `every`th request whose method is `method` (empty: any) and whose path holds `path`.

    `skip` requests pass before the first one that counts; after `times` the rule is used up (None: never).
    """

    fate: Fate
    method: str = ""
    path: str = ""
    every: int = 1
    skip: int = 0
    times: int | None = 1
    seconds: float = 0.0
    seen: int = 0

    def takes(self, method: str, path: str) -> bool:
        """Whether it is this request's turn; counts it."""
        if self.times == 0 or (self.method and self.method != method) or self.path not in path:
            return False
        self.seen += 1
        counted = self.seen - self.skip
        if counted <= 0 or counted % self.every:
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Faults:
    """The rules in force, the oldest asked first."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def next(
        self, fate: Fate | str, *, method: str = "", path: str = "", times: int = 1, skip: int = 0, seconds: float = 0.0
    ) -> None:
        """The next `times` matching requests meet this fate. Raises ValueError for a fate that there is not."""
        rule = Rule(fate=Fate(fate), method=method, path=path, times=times, skip=skip, seconds=seconds)
        self.rules.append(rule)

    def always(
        self, fate: Fate | str, *, every: int = 1, method: str = "", path: str = "", seconds: float = 0.0
    ) -> None:
        """Every `every`th matching request meets this fate until `clear`. Raises ValueError as `next` does."""
        if every < 1:
            raise ValueError("every counts from 1")
        rule = Rule(fate=Fate(fate), method=method, path=path, every=every, times=None, seconds=seconds)
        self.rules.append(rule)

    def clear(self) -> None:
        """All requests are answered again."""
        self.rules.clear()

    def of(self, method: str, path: str) -> Rule | None:
        """The rule whose turn this request is."""
        self.rules = [rule for rule in self.rules if rule.times != 0]
        return next((rule for rule in self.rules if rule.takes(method, path)), None)
