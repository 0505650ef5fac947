"""GET and PUT /nickname: who the viewer is to the others here."""

from __future__ import annotations

from typing import Annotated

from litestar import get, put
from litestar.datastructures import CacheControlHeader
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta, Struct

from storefront.api.responses import NOT_JSON, TOO_OFTEN, problems, shown
from storefront.community.answers import NicknameAnswer, nickname_answer
from storefront.community.declared import (
    AWAY,
    BANNED,
    CLOSED,
    ELSEWHERE,
    NAME_REFUSED,
    NAME_TAKEN,
    NAME_TOO_SOON,
)
from storefront.community.discussions import Discussions
from storefront.community.examples import NICKNAME
from storefront.members import Member


class NewNickname(Struct, kw_only=True, forbid_unknown_fields=True):
    """The name wanted."""

    nickname: Annotated[str, Meta(max_length=100)]


@get(
    "/nickname",
    operation_id="getNickname",
    summary="The viewer's name and face on this site",
    tags=["comments"],
    cache_control=CacheControlHeader(no_store=True),
    operation_class=shown(NICKNAME),
    responses=problems(BANNED, AWAY),
)
async def get_nickname(discussions: NamedDependency[Discussions]) -> NicknameAnswer:
    """Empty before the first comment."""
    viewer = discussions.viewer_id
    known = None if viewer is None else await discussions.names.known(viewer)
    return nickname_answer(known, discussions.names.may_change_at(known) if known else None)


@put(
    "/nickname",
    operation_id="changeNickname",
    summary="Take another name",
    description="Once in thirty days. Reserved names, and those that could be taken for somebody else's, are refused.",
    tags=["comments"],
    operation_class=shown({**NICKNAME, "nickname": "Ada", "changeable_at": 1802592000.0}),
    responses=problems(ELSEWHERE, BANNED, CLOSED, NAME_TAKEN, NAME_TOO_SOON, NOT_JSON, NAME_REFUSED, TOO_OFTEN, AWAY),
)
async def change_nickname(
    discussions: NamedDependency[Discussions], member: NamedDependency[Member], data: JSONBody[NewNickname]
) -> NicknameAnswer:
    """The new name, also over what was said before."""
    changed = await discussions.writing.rename(member.viewer, data.nickname)
    return nickname_answer(changed, discussions.names.may_change_at(changed))
