"""What a comment's author, its readers and its moderators are told."""


class CommentsError(Exception):
    """Whatever comments could not do."""


class NoSuchTarget(CommentsError):
    """The site shows no such title, or the title has no such episode or chapter."""


class NoSuchComment(CommentsError):
    """The site has no comment of this id that may be seen."""


class CommentsClosed(CommentsError):
    """This viewer may not comment here; the message says who may."""


class CommentRefused(CommentsError):
    """The comment cannot be taken as it is; the message says what to change."""


class DuplicateComment(CommentsError):
    """The same was said a moment ago by the same viewer."""


class TooManyComments(CommentsError):
    """Too often. `retry_after_seconds` is when to come back."""

    def __init__(self, retry_after_seconds: float) -> None:
        super().__init__("Please wait a moment before you write again.")
        self.retry_after_seconds = retry_after_seconds


class NotYourComment(CommentsError):
    """Only its author may do this."""


class CommentSettled(CommentsError):
    """It is too late for this: the message says what has happened to the comment."""


class NicknameRefused(CommentsError):
    """The nickname cannot be used; the message says why."""


class NicknameTaken(CommentsError):
    """Somebody here has this nickname, or one that looks the same."""


class NicknameTooSoon(CommentsError):
    """The nickname was changed not long ago. `retry_after_seconds` is when it may be changed again."""

    def __init__(self, retry_after_seconds: float) -> None:
        super().__init__("A nickname can be changed once in thirty days.")
        self.retry_after_seconds = retry_after_seconds
