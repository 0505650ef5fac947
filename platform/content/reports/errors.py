"""What those who report and those who mend are told."""


class ReportsError(Exception):
    """Whatever reports could not do."""


class NoSuchReport(ReportsError):
    """The site has no report of this id."""


class ReportRefused(ReportsError):
    """This cannot be reported of that; the message says why."""


class ReportSettled(ReportsError):
    """The report changed meanwhile, or another one about the same is open."""


class TooManyReports(ReportsError):
    """Too often. `retry_after_seconds` is when to come back."""

    def __init__(self, retry_after_seconds: float) -> None:
        super().__init__("Please wait a moment before you report more.")
        self.retry_after_seconds = retry_after_seconds
