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
