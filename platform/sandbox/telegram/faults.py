"""What goes wrong on purpose: knobs that may be turned at any time, and the judge who applies them to each call."""

import math
import random
from collections import Counter
from enum import Enum, auto

import msgspec

from .model import Clock


class Refusal(Exception):
    """A request answered by an RPC error: `code` and Telegram's message, such as 420 and FLOOD_WAIT_3."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Faults(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The knobs, all off. `…_every` N: each Nth call of `methods` on `datacenters` (empty: all) that gets so far.

    latency_seconds, jitter_seconds: answers come that much later, plus up to the jitter (then out of order).
    bandwidth_bytes_per_second: cap on file bytes over all connections; connection_bytes_per_second: on each one.
    flood_every, flood_probability: FLOOD_WAIT_<flood_seconds>; while flood_holds, the account's further calls on that
    datacenter are refused until the time is up. premium_flood_every: FLOOD_PREMIUM_WAIT_<premium_flood_seconds>.
    expire_reference_every: FILE_REFERENCE_EXPIRED, and every reference to that document handed out so far is dead.
    reference_ttl_seconds: references die of age. unregister_every: AUTH_KEY_UNREGISTERED, the key's sign-in is gone.
    drop_every: the connection is reset instead of an answer; cut_every: closed within the answer; hang_every: from
    this call on the connection answers nothing. down_datacenters: connections are closed as they come.
    """

    methods: tuple[str, ...] = ("upload.getFile",)
    datacenters: tuple[int, ...] = ()
    latency_seconds: float = 0.0
    jitter_seconds: float = 0.0
    bandwidth_bytes_per_second: float = 0.0
    connection_bytes_per_second: float = 0.0
    flood_every: int = 0
    flood_probability: float = 0.0
    flood_seconds: int = 1
    flood_holds: bool = True
    premium_flood_every: int = 0
    premium_flood_seconds: int = 1
    expire_reference_every: int = 0
    reference_ttl_seconds: float = 0.0
    unregister_every: int = 0
    drop_every: int = 0
    cut_every: int = 0
    hang_every: int = 0
    down_datacenters: tuple[int, ...] = ()

    def set(self, **knobs: object) -> None:
        """Turn knobs by name. Raises AttributeError for a name that there is not, TypeError for a value's type."""
        for name in knobs:
            if name not in self.__struct_fields__:
                raise AttributeError(f"no fault is called {name}")
        checked = msgspec.convert({**msgspec.structs.asdict(self), **knobs}, Faults)
        for name in knobs:
            setattr(self, name, getattr(checked, name))

    def clear(self) -> None:
        """Turn all off."""
        for name, value in msgspec.structs.asdict(Faults()).items():
            setattr(self, name, value)


class Fate(Enum):
    """What becomes of a call that is not refused."""

    ANSWER = auto()
    DROP = auto()
    CUT = auto()
    HANG = auto()


class Judge:
    """Counts calls and says what becomes of each."""

    def __init__(self, faults: Faults, clock: Clock) -> None:
        self.faults = faults
        self._clock = clock
        self._seen: Counter[str] = Counter()
        self._flooded_until: dict[tuple[int, int, str], float] = {}

    def concerns(self, method: str, dc_id: int) -> bool:
        """Whether the knobs are about this call."""
        faults = self.faults
        return method in faults.methods and (not faults.datacenters or dc_id in faults.datacenters)

    def still_flooded(self, account: int, dc_id: int, method: str) -> int:
        """Seconds that this account has yet to wait, 0 for none."""
        until = self._flooded_until.get((account, dc_id, method), 0.0)
        return max(0, math.ceil(until - self._clock()))

    def fate(self) -> Fate:
        """Whether the connection survives this call."""
        if self._due("hang_every"):
            return Fate.HANG
        if self._due("drop_every"):
            return Fate.DROP
        return Fate.CUT if self._due("cut_every") else Fate.ANSWER

    def refuse(self, account: int, dc_id: int, method: str) -> None:
        """Raise the Refusal that is due: a flood wait or a lost sign-in."""
        faults = self.faults
        if self._due("flood_every") or (faults.flood_probability and random.random() < faults.flood_probability):
            if faults.flood_holds:
                self._flooded_until[account, dc_id, method] = self._clock() + faults.flood_seconds
            raise Refusal(420, f"FLOOD_WAIT_{faults.flood_seconds}")
        if self._due("premium_flood_every"):
            raise Refusal(420, f"FLOOD_PREMIUM_WAIT_{faults.premium_flood_seconds}")
        if self._due("unregister_every"):
            raise Refusal(401, "AUTH_KEY_UNREGISTERED")

    def expires_reference(self) -> bool:
        """Whether this call's file reference dies under it."""
        return self._due("expire_reference_every")

    def delay_seconds(self) -> float:
        """How late this answer is, bandwidth aside."""
        return self.faults.latency_seconds + random.random() * self.faults.jitter_seconds

    def _due(self, knob: str) -> bool:
        every: int = getattr(self.faults, knob)
        if every <= 0:
            return False
        self._seen[knob] += 1
        return self._seen[knob] % every == 0


class Pacer:
    """Spreads bytes over time: a queue with one server of the given rate."""

    def __init__(self) -> None:
        self._free_at = 0.0

    def wait_seconds(self, byte_count: int, rate: float, now: float) -> float:
        """Reserve `byte_count` at `rate` bytes a second and give the seconds until they are through; 0 rate: no cap."""
        if rate <= 0:
            return 0.0
        self._free_at = max(self._free_at, now) + byte_count / rate
        return self._free_at - now
