"""Parameters of the API as text, and the questions that they make.

Numbers are read here and not by the framework, whose int takes `1_0` and digits of other scripts.
"""

from __future__ import annotations

import re
from typing import Annotated, Final, get_args

from litestar.params import QueryParameter

from content.browsing import MOST_TITLES, SORTS, Question, Sort
from content.model import MEDIA_TYPES
from storefront.refusals import BadParameter

_NUMBER: Final = re.compile(r"[0-9]{1,4}", re.ASCII)

MediaTypeText = Annotated[str | None, QueryParameter(description=f"One of {', '.join(MEDIA_TYPES)}")]
GenreText = Annotated[str | None, QueryParameter(max_length=80, description="A genre, in any spelling of it")]
YearText = Annotated[str | None, QueryParameter(description="Four digits")]
SortText = Annotated[str | None, QueryParameter(description=f"One of {', '.join(get_args(Sort))}; recent by default")]
LimitText = Annotated[str | None, QueryParameter(description=f"From 1 to {MOST_TITLES}; 24 by default")]
AfterText = Annotated[str | None, QueryParameter(max_length=2048, description="`next` of the answer before")]
SearchText = Annotated[
    str | None,
    QueryParameter(max_length=200, description="Words of a title or an author; answers the best matches"),
]


AuthorText = Annotated[str | None, QueryParameter(max_length=120, description="An author, in any spelling")]
FranchiseText = Annotated[str | None, QueryParameter(max_length=120, description="A franchise, in any spelling")]


def question_of(
    media_type: str | None,
    genre: str | None,
    year: str | None,
    sort: str | None,
    author: str | None = None,
    franchise: str | None = None,
) -> Question:
    """The question that the parameters ask. Raises BadParameter."""
    if media_type is not None and media_type not in MEDIA_TYPES:
        raise BadParameter(f"media_type: one of {', '.join(MEDIA_TYPES)}")
    return Question(
        media_type=media_type,
        genre=genre,
        year=number_of("year", year, 1, 9999),
        author=author,
        franchise=franchise,
        sort=sort_of(sort),
    )


def sort_of(text: str | None) -> Sort:
    """The order that is asked for. Raises BadParameter."""
    for sort in SORTS:
        if text == sort:
            return sort
    if text is None:
        return "recent"
    raise BadParameter(f"sort: one of {', '.join(SORTS)}")


def limit_of(limit: str | None) -> int:
    """How many titles are asked for. Raises BadParameter."""
    return number_of("limit", limit, 1, MOST_TITLES) or 24


def number_of(name: str, text: str | None, least: int, most: int) -> int | None:
    """A number within its bounds; None where none is given. Raises BadParameter."""
    if text is None:
        return None
    if not _NUMBER.fullmatch(text) or not least <= int(text) <= most:
        raise BadParameter(f"{name}: a number from {least} to {most}")
    return int(text)
