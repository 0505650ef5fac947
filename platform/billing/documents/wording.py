"""The words that every document has."""

from __future__ import annotations

from billing.documents.language import Language
from billing.documents.model import Words


def words_of(language: Language) -> Words:
    """They in this language."""
    return Words(
        sender=language.say("From"),
        recipient=language.say("Bill to"),
        item=language.say("Item"),
        quantity=language.say("Quantity"),
        unit_amount=language.say("Unit price"),
        amount=language.say("Amount"),
        # Its places are filled where pages are counted.
        page=language.say("Page {page} of {pages}"),
        nothing=language.say("Nothing was charged for this period."),
    )
