"""What a tenant sets about comments, and who may write by it. Pure."""

from accounts.model import Viewer
from accounts.roles import may
from content.comments.errors import CommentsClosed
from tenancy.model import CommentRules


def check_may_write(viewer: Viewer, rules: CommentRules) -> None:
    """Raises CommentsClosed with what to do about it, if anything."""
    if rules.who == "nobody":
        raise CommentsClosed("Comments are closed on this site.")
    if not may(viewer, "comment"):
        raise CommentsClosed("Comments are not open to you here.")
    if rules.who == "signed_in" and viewer.type != "telegram":
        raise CommentsClosed("Sign in to write a comment.")


def who_may_write(viewer: Viewer | None, rules: CommentRules) -> str:
    """The same as a sentence for the page; empty for whoever may write. Somebody unknown becomes a guest."""
    try:
        check_may_write(viewer or Viewer(id=""), rules)
    except CommentsClosed as error:
        return str(error)
    return ""
