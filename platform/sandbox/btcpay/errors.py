"""Errors as Greenfield tells them: one problem, or a list of what is wrong with fields."""

from typing import Any


class Problem(ValueError):
    """A status and the JSON that goes with it."""

    def __init__(self, status: int, document: Any) -> None:
        super().__init__(str(document))
        self.status = status
        self.document = document


def problem(status: int, code: str, message: str, **about: str) -> Problem:
    """One problem with a code."""
    return Problem(status, {"code": code, "message": message, **about})


def invalid(path: str, message: str) -> Problem:
    """A field that cannot be taken."""
    return Problem(422, [{"path": path, "message": message}])


def not_found(what: str) -> Problem:
    """Something that there is not."""
    return problem(404, f"{what}-not-found", f"The {what} was not found")
