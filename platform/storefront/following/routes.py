"""The routes of the viewer's own pages."""

from __future__ import annotations

from typing import Final

from storefront.following.feeds import newest_feed, own_feed
from storefront.following.history import change_history, history_page
from storefront.following.invites import follow_invitation, invite_page, make_code
from storefront.following.notices import (
    change_notices,
    confirm_address,
    confirm_page,
    notices_page,
    open_notice,
    stop_letters,
    stop_page,
)
from storefront.following.watchlist import change_watchlist, watchlist_page

FOLLOWING_PAGES: Final = [history_page, watchlist_page, notices_page, confirm_page, stop_page, invite_page]
FOLLOWING_FORMS: Final = [change_history, change_watchlist, change_notices, confirm_address, make_code]
FOLLOWING_FILES: Final = [newest_feed, own_feed, open_notice, follow_invitation]
STOP_LETTERS: Final = stop_letters
"""Stands apart: whoever may click it comes from anywhere."""
