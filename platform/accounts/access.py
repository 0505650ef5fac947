"""Whose a site's own streams and files are: the tenant's rule over the viewer's role."""

from accounts.model import Viewer
from accounts.roles import may
from tenancy.model import Access


def may_stream(rules: Access, viewer: Viewer | None) -> bool:
    """Whether the site's own streams are for this viewer."""
    return rules.streams == "everyone" or may(viewer, "watch_premium")


def may_download(rules: Access, viewer: Viewer | None) -> bool:
    """Whether this viewer may keep the site's own files."""
    return rules.downloads == "everyone" or (rules.downloads == "premium" and may(viewer, "download"))
