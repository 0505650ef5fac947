"""The routes of the community."""

from __future__ import annotations

from typing import Final

from storefront.community.avatars import avatar
from storefront.community.nicknames import change_nickname, get_nickname
from storefront.community.pages import (
    comment_page,
    comments_page,
    do_deed,
    my_comments_page,
    submit_comment,
    submit_nickname,
)
from storefront.community.reading import get_comment, list_comments, list_markers, list_mine, list_replies
from storefront.community.report_pages import reports_page, submit_report
from storefront.community.reports import list_queue as list_report_queue
from storefront.community.reports import list_reports, report_problem, settle_report
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
    report_problem,
    list_reports,
    list_report_queue,
    settle_report,
)
COMMUNITY_PAGES: Final = (comments_page, my_comments_page, comment_page, reports_page)
COMMUNITY_FORMS: Final = (submit_comment, do_deed, submit_nickname, submit_report)
COMMUNITY_FILES: Final = (avatar,)
