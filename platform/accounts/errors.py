"""What accounts tells its callers."""


class AccountsError(Exception):
    """Whatever accounts could not do."""


class ViewerBanned(AccountsError):
    """The viewer may not use this site; `reason` is for the people who run it, not for the viewer."""

    def __init__(self, reason: str) -> None:
        super().__init__("this viewer is banned")
        self.reason = reason


class NoSuchViewer(AccountsError):
    """The site has no viewer of this id."""

    def __init__(self, viewer_id: str) -> None:
        super().__init__(f"there is no viewer {viewer_id} on this site")


class SessionRequired(AccountsError):
    """This is about oneself, and nobody is signed in."""


class BrowserRequired(AccountsError):
    """A token asks for what only a browser's session may do, so that a lost token makes no others."""


class BadTokenName(AccountsError):
    """A token cannot be called that; the message says why."""


class TooManyTokens(AccountsError):
    """The viewer has as many tokens as anybody may."""


class NoSuchDevice(AccountsError):
    """The viewer has no such device or token."""


class GuestsOnly(AccountsError):
    """This is for guests: whoever signs in with Telegram comes back by Telegram."""


class BadRecoveryCode(AccountsError):
    """The code is nobody's on this site, or no longer."""


class SignInRefused(AccountsError):
    """Whoever vouches for somebody did not do so properly; the message says how, without a secret in it."""


class SignInReplayed(SignInRefused):
    """What was shown was shown before."""


class SignInNotOffered(AccountsError):
    """This site does not offer this way of signing in."""


class SignInUnavailable(AccountsError):
    """Telegram cannot be asked at the moment."""
