"""What these routes can refuse, as they declare it."""

from __future__ import annotations

from typing import Annotated, Final

from litestar.params import PathParameter, QueryParameter

from accounts.errors import ViewerBanned
from content.audience import AgeGateClosed
from content.comments.errors import (
    CommentRefused,
    CommentsClosed,
    CommentSettled,
    DuplicateComment,
    NicknameRefused,
    NicknameTaken,
    NicknameTooSoon,
    NoSuchComment,
    NoSuchTarget,
    NotYourComment,
    TooManyComments,
)
from content.comments.orders import SORTS, Sort
from content.comments.reading import MOST_COMMENTS
from content.cursors import CursorInvalid
from content.takedowns.bans import TitleBanned
from content.targets import LONGEST_TARGET
from storage.errors import StorageUnavailable
from storefront.refusals import BadParameter, CrossSite

AWAY: Final = StorageUnavailable("MongoDB cannot be reached")
ELSEWHERE: Final = CrossSite("The request comes from another origin.")
BANNED: Final = ViewerBanned("")
ADULTS: Final = AgeGateClosed()
GONE: Final = TitleBanned("")
BAD: Final = BadParameter("sort: one of top, new, old, timeline")
CURSOR: Final = CursorInvalid("the cursor belongs to another question")
NO_TARGET: Final = NoSuchTarget("There is no such title, episode or chapter on this site.")
NO_COMMENT: Final = NoSuchComment("There is no such comment on this site.")
CLOSED: Final = CommentsClosed("Sign in to write a comment.")
REFUSED: Final = CommentRefused("A comment needs some text.")
SETTLED: Final = CommentSettled("A comment that was taken away cannot be edited.")
DUPLICATE: Final = DuplicateComment("You have just said this.")
NOT_YOURS: Final = NotYourComment("This comment is somebody else's.")
TOO_MANY: Final = TooManyComments(12)
NAME_REFUSED: Final = NicknameRefused("This nickname is reserved.")
NAME_TAKEN: Final = NicknameTaken("Somebody here has this nickname, or one that looks like it.")
NAME_TOO_SOON: Final = NicknameTooSoon(86_400)

CommentId = Annotated[str, PathParameter(min_length=1, max_length=200, description="A comment's id")]
TargetText = Annotated[
    str,
    QueryParameter(min_length=1, max_length=LONGEST_TARGET, description="<title>, <title>#s1e2 or <title>#c1.5"),
]
OrderText = Annotated[str | None, QueryParameter(description=f"One of {', '.join(SORTS)}; top by default")]
CountText = Annotated[str | None, QueryParameter(description=f"From 1 to {MOST_COMMENTS}; 20 by default")]


def order_of(text: str | None) -> Sort:
    """The order asked for. Raises BadParameter."""
    for sort in SORTS:
        if text == sort:
            return sort
    if text is None:
        return "top"
    raise BadParameter(f"sort: one of {', '.join(SORTS)}")
