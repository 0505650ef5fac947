"""The pages' routes."""

from typing import Final

from litestar import Router

from storefront.age.page import declare_age
from storefront.archive.pages import archive_page, keep_file
from storefront.community.routes import COMMUNITY_FILES, COMMUNITY_FORMS, COMMUNITY_PAGES
from storefront.following.routes import FOLLOWING_FILES, FOLLOWING_FORMS, FOLLOWING_PAGES, STOP_LETTERS
from storefront.guards import same_origin, small_body
from storefront.legal.pages import LEGAL_PAGES
from storefront.membership import pages as premium
from storefront.pages.account.routes import ACCOUNT_PAGES
from storefront.pages.browsing import browse, home
from storefront.pages.collections import collection_page, collections_page
from storefront.pages.files import asset, favicon, manifest, robots
from storefront.pages.films import title_page
from storefront.pages.pictures import art
from storefront.pages.searching import search
from storefront.reading.pages import read_page
from storefront.subtitles import subtitle
from storefront.takedowns.pages import TAKEDOWN_FORMS, TAKEDOWN_PAGES
from storefront.takedowns.shield_pages import SHIELD_FORMS, SHIELD_PAGES
from storefront.visits import note_visit
from storefront.watching.pages import watch_page, watch_plainly

PAGES: Final = Router(
    "/",
    route_handlers=[
        home,
        browse,
        search,
        collections_page,
        collection_page,
        title_page,
        archive_page,
        watch_page,
        read_page,
        *FOLLOWING_PAGES,
        *LEGAL_PAGES,
        *premium.READING,
        *COMMUNITY_PAGES,
    ],
    after_response=note_visit,
    include_in_schema=False,
)

FORMS: Final = Router(
    "/",
    route_handlers=[
        declare_age,
        *TAKEDOWN_FORMS,
        *SHIELD_FORMS,
        watch_plainly,
        keep_file,
        *premium.FORMS,
        *FOLLOWING_FORMS,
        *COMMUNITY_FORMS,
    ],
    guards=[same_origin, small_body],
    include_in_schema=False,
)

ROUTES: Final = [
    Router(
        "/",
        route_handlers=[
            PAGES,
            FORMS,
            ACCOUNT_PAGES,
            art,
            asset,
            favicon,
            manifest,
            robots,
            subtitle,
            *FOLLOWING_FILES,
            Router("/", route_handlers=[STOP_LETTERS], guards=[small_body]),
            *COMMUNITY_FILES,
            *TAKEDOWN_PAGES,
            *SHIELD_PAGES,
        ],
        include_in_schema=False,
    )
]
