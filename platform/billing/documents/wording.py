"""The words that every document has."""

from __future__ import annotations

from typing import Final

from billing.documents.language import N_, Language
from billing.documents.model import Words

BILLED: Final = N_("Bill to")
SETTLED: Final = N_("For")


def words_of(language: Language, recipient: str = BILLED) -> Words:
    """They in this language; `recipient` is what whom it is written to is called."""
    return Words(
        sender=language.say("From"),
        recipient=language.say(recipient),
        item=language.say("Item"),
        quantity=language.say("Quantity"),
        unit_amount=language.say("Unit price"),
        amount=language.say("Amount"),
        # Its places are filled where pages are counted.
        page=language.say("Page {page} of {pages}"),
        nothing=language.say("Nothing was charged for this period."),
    )
