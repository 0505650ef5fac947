"""Stored titles for the index, without a database."""

from typing import Any

from content.derive import clean
from content.search.asking import Asked, Owned, words_of
from content.search.shelf import Candidate, Shelf


def stored(owner: str, title_id: Any, title: str, **fields: Any) -> dict[str, Any]:
    """A title as the feed gives it."""
    author = fields.pop("author", None)
    ours = {
        "slug": f"s{title_id}",
        "name": title,
        "clean_title": clean(title),
        "sort": {"title": clean(title).removeprefix("the ")},
        "visible": True,
        "media_type": "movie",
        "content_rating": "safe",
        "year": 2000,
        "rating": 5.0,
        "genres": ["drama"],
        **fields,
    }
    return {"_id": {"owner": owner, "id": title_id}, "author": author, "_marquee": ours}


def asked(text: str, *owners: str, adult: bool = False, **narrowed: Any) -> Asked:
    """The question that a text asks among these owners' titles."""
    owned = tuple(Owned(owner=owner) for owner in owners or ("tenant:a", "platform"))
    return Asked(words=words_of(text), owned=owned, adult=adult, **narrowed)


def found(shelf: Shelf, text: str, *owners: str, **narrowed: Any) -> list[Any]:
    """The ids that a text finds, in their order."""
    return [each.title_id for each in everything(shelf, asked(text, *owners, **narrowed))]


def everything(shelf: Shelf, question: Asked, limit: int = 100) -> list[Candidate]:
    """All candidates, page by page."""
    answer: list[Candidate] = []
    while page := shelf.candidates(question, answer[-1].rank if answer else None, limit):
        answer += page
        if len(page) < limit:
            break
    return answer
