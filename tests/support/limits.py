"""Asking until a limit says that it is enough."""

from collections.abc import Awaitable, Callable

import httpx

_TOO_MANY = 429


async def until_limited(ask: Callable[[], Awaitable[httpx.Response]], allowed: int) -> list[httpx.Response]:
    """The answers up to the first 429: `allowed` at least before it.

    What is allowed comes back evenly, so that a slow machine has to ask more often.
    """
    answers = [await ask()]
    while answers[-1].status_code != _TOO_MANY and len(answers) < 3 * allowed:
        answers.append(await ask())
    assert answers[-1].status_code == _TOO_MANY, answers[-1].text
    assert len(answers) > allowed
    return answers
