"""What is to happen later by the sandbox's clock, kept with everything else."""

import heapq
import secrets
from collections.abc import Iterator

from .clock import Clock
from .store import Store


class Timers:
    """Deeds by name, each about one subject."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._heap: list[tuple[float, str]] = [(each["at"], each["id"]) for each in store.all("timer")]
        heapq.heapify(self._heap)

    def __len__(self) -> int:
        return len(self._heap)

    def put(self, after_seconds: float, deed: str, subject: str) -> None:
        """Do the deed when so much time has passed."""
        at, timer_id = self._clock() + after_seconds, secrets.token_hex(8)
        self._store.put("timer", timer_id, {"id": timer_id, "at": at, "deed": deed, "subject": subject})
        heapq.heappush(self._heap, (at, timer_id))

    def due(self) -> Iterator[tuple[str, str]]:
        """Deed and subject of each whose time has come, oldest first; it is forgotten as it is given."""
        while self._heap and self._heap[0][0] <= self._clock():
            _, timer_id = heapq.heappop(self._heap)
            timer = self._store.get("timer", timer_id)
            if timer is not None:
                self._store.drop("timer", timer_id)
                yield timer["deed"], timer["subject"]
