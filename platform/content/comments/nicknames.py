"""Which nicknames there are: generated ones, and the rules for those that viewers choose."""

import re
import secrets
import unicodedata
from collections.abc import Iterable
from typing import Final

from content.comments.errors import NicknameRefused
from content.comments.skeletons import mixes_scripts, skeleton
from content.comments.words import ADJECTIVES, NOUNS

LEAST: Final = 3
MOST: Final = 24
_LEAST_BRAND: Final = 4
_PARTS: Final = re.compile(r"[A-ZÀ-Þ]?[^\W\d_A-ZÀ-Þ]+|[A-ZÀ-Þ]+(?![^\W\d_A-ZÀ-Þ])")
_FORM: Final = re.compile(r"[^\W_](?:[ _.-]?[^\W_])*")
_WORDS: Final = (
    "admin administrator administration moderator mod mods moderation staff support official owner operator system "
    "root webmaster sysop security helpdesk service team editor platform bot deleted former anonymous everyone here "
    "null undefined администратор админ модератор administrador administrateur moderateur moderador moderatore "
    "管理员 管理者"
)
# Also inside a longer word: nothing honest begins or ends with them.
_STRONG: Final = tuple(skeleton(word) for word in ("admin", "administrator", "moderator", "official", "webmaster"))
_RESERVED: Final = frozenset(skeleton(word) for word in _WORDS.split())


def generated(site_names: Iterable[str] = ()) -> str:
    """A nickname nobody chose: adjective, noun, number. It does not sound like the site either."""
    names = [*site_names]
    while _speaks_for(skeleton(name := _drawn()), names):
        pass
    return name


def _drawn() -> str:
    return f"{secrets.choice(ADJECTIVES)}{secrets.choice(NOUNS)}{10 + secrets.randbelow(9_990)}"


def checked(name: str, site_names: Iterable[str]) -> str:
    """The nickname without blanks around it, if a viewer may have it here. Raises NicknameRefused.

    `site_names` are the brand's and the tenant's: nobody may speak as the site.
    """
    name = unicodedata.normalize("NFC", name[: MOST * 8].strip(" "))
    if not LEAST <= len(name) <= MOST:
        raise NicknameRefused(f"A nickname has {LEAST} to {MOST} characters.")
    if unicodedata.normalize("NFKC", name) != name or _FORM.fullmatch(_without_marks(name)) is None:
        raise NicknameRefused("A nickname is made of letters and digits, with single blanks, dots, - or _ in between.")
    if mixes_scripts(name):
        raise NicknameRefused("A nickname keeps to one script.")
    looks = skeleton(name)
    if len(looks) < LEAST - 1 or not any(each.isalpha() for each in name):
        raise NicknameRefused("A nickname needs some letters.")
    if _is_reserved(name, looks) or _speaks_for(looks, site_names):
        raise NicknameRefused("This nickname is reserved.")
    return name


def _without_marks(name: str) -> str:
    """Marks that belong to a letter don't count, up to two of them."""
    kept = ""
    marks = 0
    for each in name:
        marks = marks + 1 if unicodedata.category(each) in ("Mn", "Mc") else 0
        if not marks or marks > 2 or not kept:
            kept += each
    return kept


def _is_reserved(name: str, looks: str) -> bool:
    parts = {skeleton(part) for part in [*_PARTS.findall(name), *re.split(r"[\d _.-]+", name)]}
    without_digits = skeleton(re.sub(r"\d+", "", name))
    whole = {looks, without_digits, skeleton(name.strip("0123456789 _.-"))}
    return bool((parts | whole) & _RESERVED) or any(looks.startswith(each) or looks.endswith(each) for each in _STRONG)


def _speaks_for(looks: str, site_names: Iterable[str]) -> bool:
    own = {skeleton(each) for each in site_names}
    return any(each and (looks == each or (len(each) >= _LEAST_BRAND and each in looks)) for each in own)
