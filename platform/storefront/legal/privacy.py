"""What a site stores in browsers and about people, as its privacy page tells it. A test holds it against the code."""

from __future__ import annotations

from typing import Final

from msgspec import Struct


class Kept(Struct, frozen=True):
    """One thing that is stored: its name, what it is for, and how long it stays."""

    name: str
    purpose: str
    lifetime: str


COOKIES: Final = (
    Kept(
        "__Host-session", "Knows your device again once you play, write or sign in. Scripts cannot read it.", "400 days"
    ),
    Kept("__Host-age", "Remembers that you confirmed your age. Set only when you do.", "180 days"),
    Kept("__Host-sign-in", "Protects a sign-in while it is under way.", "Minutes"),
    Kept("__Host-referral", "Remembers whose invitation you followed until you sign up.", "Weeks at most"),
)
IN_YOUR_BROWSER: Final = (
    Kept(
        "Local storage",
        "Your progress while you are offline, and how you set the player and the reader.",
        "Until you clear it",
    ),
)
ABOUT_YOU: Final = (
    Kept(
        "Account",
        "An id (a random one, or your Telegram id if you sign in with it), your role, hashed sessions.",
        "Until you delete it",
    ),
    Kept("Progress", "What you watched and read, and how far.", "Until you remove it or the account"),
    Kept(
        "Lists and notices",
        "What you follow, and an e-mail address if you gave one for notices.",
        "Until you remove them",
    ),
    Kept(
        "Comments and reports",
        "What you wrote, under a made-up name.",
        "Until you delete them; kept without you after that",
    ),
    Kept(
        "Takedown notices",
        "What you send with the form, for those who decide it. The law asks us to keep it.",
        "As long as the law asks",
    ),
    Kept(
        "Purchases",
        "What you bought here, and when. Cards and wallets are known to the payment service alone.",
        "As long as the law asks of books; without you once you delete the account",
    ),
    Kept("Invitations", "Who invited whom, without names.", "Until you delete the account"),
)
COUNTED: Final = (
    "Visitors are counted by a sketch from which nobody can be read back, and no cookie is set for it.",
    "Browsers that send Do Not Track or Global Privacy Control are not counted at all.",
    "Bytes sent are counted for the site as a whole, to pay for them.",
    "Addresses are held for minutes or hours to limit abuse, and not written down beyond that.",
)
THIRD_PARTIES: Final = (
    "No page asks anything of another company by itself: no fonts, no scripts, no pictures, no analytics.",
    "Some titles offer players of other hosts. They load when you ask for them and not before.",
    "If you choose to sign in with Telegram, Telegram's script or page loads then and not before.",
)
