"""The API's description, OpenAPI 3.1, at /api/v1/openapi.json."""

from __future__ import annotations

from litestar import Router
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme, Tag


class _Description(JsonRenderPlugin):
    """The description alone: without Litestar's page for whatever else is asked for below its path."""

    def receive_router(self, router: Router) -> None:
        """Called once all routes of the description are there."""
        router.routes[:] = [route for route in router.routes if not route.path_parameters]


def openapi_config(version: str) -> OpenAPIConfig:
    """The description of `version`; pages and streams are left out of it by their own routes."""
    return OpenAPIConfig(
        title="Marquee",
        version=version,
        description="What a site shows and plays. Every answer is about the tenant whose host was asked.",
        path="/api/v1",
        render_plugins=[_Description(path="/openapi.json")],
        components=Components(
            security_schemes={
                "session": SecurityScheme(
                    type="apiKey",
                    name="__Host-session",
                    security_scheme_in="cookie",
                    description="Set by the first play; HttpOnly, bound to the host.",
                ),
                "token": SecurityScheme(
                    type="http",
                    scheme="bearer",
                    description="A token of the viewer's own, made at /account; Basic takes it as the password too.",
                ),
            }
        ),
        tags=[
            Tag(name="titles", description="What this site shows"),
            Tag(name="reading", description="Chapters and their pages"),
            Tag(name="takedowns", description="Notices, their receipts, and what comes of them"),
            Tag(name="age", description="The gate before what is for adults"),
            Tag(name="watchlist", description="The viewer's own list"),
            Tag(name="notices", description="Word of what is new"),
            Tag(name="progress", description="How far the viewer has watched and read"),
            Tag(name="account", description="The viewer's own account: devices, tokens, recovery, export, deletion"),
            Tag(name="sign-in", description="Ways of signing in; each site has a bot of its own"),
            Tag(name="comments", description="What viewers say, under nicknames"),
            Tag(name="reports", description="What viewers say is broken"),
            Tag(name="membership", description="Premium: what it costs, buying, giving and cancelling it"),
            Tag(name="staff", description="For the people who run the site: `Authorization: Bearer mqs_…`"),
            Tag(name="collections", description="Titles put together under a name"),
            Tag(name="downloads", description="Files to keep: the site's own, and mirrors"),
            Tag(name="playing", description="Signed links and the leases that keep them"),
        ],
    )
