"""Answers other than success, as OpenAPI declares them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, cast

from litestar.enums import MediaType
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example, OpenAPIHeader, OpenAPIResponse, Operation, Schema
from litestar.openapi.spec.enums import OpenAPIType

from storefront.errors import PROBLEM, Problem, problem_of
from storefront.refusals import BadParameter, RateLimited, TitleNotFound, WrongContentType

_GOOD: Final = ("200", "201")
_HEADERS: Final = {"401": "WWW-Authenticate", "429": "Retry-After", "451": "Link", "503": "Retry-After"}


def problems(*examples: Exception) -> dict[int, ResponseSpec]:
    """The declared failures by status, with the problems that a client then gets."""
    by_status: dict[int, list[Problem]] = {}
    for example in examples:
        problem, _ = problem_of(example)
        by_status.setdefault(problem.status, []).append(problem)
    return {status: _spec(found) for status, found in by_status.items()}


@dataclass
class Declared(Operation):
    """An operation whose failures are declared with the headers that come with them."""

    def __post_init__(self) -> None:
        for status, name in _HEADERS.items():
            failure = (self.responses or {}).get(status)
            if isinstance(failure, OpenAPIResponse):
                failure.headers = {name: OpenAPIHeader(schema=Schema(type=OpenAPIType.STRING), required=True)}


def shown(example: dict[str, Any]) -> type[Operation]:
    """An operation whose good answer is declared with an example."""

    @dataclass
    class Shown(Declared):
        def __post_init__(self) -> None:
            super().__post_init__()
            for status in _GOOD:
                good = (self.responses or {}).get(status)
                if isinstance(good, OpenAPIResponse):
                    for media in (good.content or {}).values():
                        media.examples = {"example": Example(summary="For example", value=_kept(example))}

    return Shown


class _Null(Enum):
    """Litestar leaves None out of a description, but writes what an enum stands for."""

    NULL = None


def _kept(example: object) -> object:
    """The example with its nulls, which a client is to see."""
    if isinstance(example, dict):
        return {name: _kept(value) for name, value in cast("dict[str, object]", example).items()}
    if isinstance(example, list):
        return [_kept(value) for value in cast("list[object]", example)]
    return _Null.NULL if example is None else example


def _spec(found: list[Problem]) -> ResponseSpec:
    return ResponseSpec(
        data_container=Problem,
        description=" · ".join(problem.title for problem in found),
        generate_examples=False,
        # Litestar writes any text and declares its own enum alone.
        media_type=cast("MediaType", PROBLEM),
        examples=[Example(summary=problem.title, value=_shown(problem)) for problem in found],
    )


NO_TITLE: Final = TitleNotFound("Nothing on this site has the id or slug 'x'.")
BAD_ID: Final = BadParameter("title_id: text")
NOT_JSON: Final = WrongContentType("Send application/json, or no body at all.")
TOO_OFTEN: Final = RateLimited(12)


def _shown(problem: Problem) -> dict[str, object]:
    fields: dict[str, object] = {name: getattr(problem, name) for name in problem.__struct_fields__}
    return {name: value for name, value in fields.items() if value not in ("", None)}


NOTHING: Final = ResponseSpec(data_container=None, description="Done", generate_examples=False)
"""The good answer of a handler that answers with cookies and no body."""
