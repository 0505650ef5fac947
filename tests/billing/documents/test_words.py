"""The catalogues: every text of the code in every language, with the same places to fill."""

import string
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from billing.documents.language import LANGUAGES, language_of

ROOT = Path(__file__).parents[3] / "platform" / "billing"
KEYWORDS: Any = {"say": None, "N_": None, "count": (1, 2)}


def texts() -> set[str | tuple[str, ...]]:
    found: set[str | tuple[str, ...]] = set()
    for room in ("documents", "dunning", "paypage"):
        extracted = extract_from_dir(ROOT / room, keywords=KEYWORDS, method_map=[("**.py", "python")])
        found |= {text for _, _, text, _, _ in extracted}
    return found


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_a_catalogue_is_whole(language: str) -> None:
    with (ROOT / "documents" / "catalogues" / f"{language}.po").open("rb") as source:
        catalogue = read_po(source, locale=language)
    translated = {message.id: message for message in catalogue if message.id}
    assert set(translated) == texts()
    for text, message in translated.items():
        known = text if isinstance(text, str) else text[0]
        spoken = [message.string] if isinstance(message.string, str) else list(message.string or ())
        assert spoken, text
        for each in spoken:
            assert each, text
            assert places(each) == places(known), text


def test_there_are_the_promised_languages() -> None:
    assert {"en", "de", "es", "fr"} <= set(LANGUAGES)


@pytest.mark.parametrize(("sales", "said"), [(0, "0 sales"), (1, "1 sale,"), (2, "2 sales"), (1_234, "1,234 sales")])
def test_numbers_have_their_plural(sales: int, said: str) -> None:
    assert said in language_of("en").count("{number} sale, without tax", "{number} sales, without tax", sales)


def test_french_says_none_in_the_singular() -> None:
    assert (
        language_of("fr").count("{number} sale, without tax", "{number} sales, without tax", 0).startswith("0 vente,")
    )
