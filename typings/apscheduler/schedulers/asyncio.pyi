from collections.abc import Awaitable, Callable
from typing import Any

class AsyncIOScheduler:
    def __init__(self, gconfig: dict[str, Any] = ..., **options: Any) -> None: ...
    def add_job(
        self,
        func: Callable[..., Awaitable[None] | None],
        trigger: str | None = ...,
        args: list[Any] | None = ...,
        kwargs: dict[str, Any] | None = ...,
        id: str | None = ...,
        name: str | None = ...,
        misfire_grace_time: int | None = ...,
        coalesce: bool = ...,
        max_instances: int = ...,
        **trigger_args: Any,
    ) -> Any: ...
    def start(self, paused: bool = False) -> None: ...
    def shutdown(self, wait: bool = True) -> None: ...
    @property
    def running(self) -> bool: ...
