"""The routes of the community."""

from __future__ import annotations

from typing import Final

from storefront.community.avatars import avatar
from storefront.community.nicknames import change_nickname, get_nickname
from storefront.community.reading import get_comment, list_comments, list_markers, list_mine, list_replies
from storefront.community.staff import ban_author, decide_appeal, get_queued, list_queue, moderate
from storefront.community.writing import (
    appeal_comment,
    delete_comment,
    delete_mine,
    edit_comment,
    flag_comment,
    like_comment,
    unlike_comment,
    write_comment,
)

COMMUNITY_API: Final = (
    list_comments,
    list_markers,
    list_mine,
    delete_mine,
    get_comment,
    list_replies,
    write_comment,
    edit_comment,
    delete_comment,
    like_comment,
    unlike_comment,
    flag_comment,
    appeal_comment,
    get_nickname,
    change_nickname,
    list_queue,
    get_queued,
    moderate,
    ban_author,
    decide_appeal,
)
COMMUNITY_FILES: Final = (avatar,)
