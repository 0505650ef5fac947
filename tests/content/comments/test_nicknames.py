"""Nobody is called like somebody else, like the site, or like those who run it."""
# ruff: noqa: RUF001 - letters that look like others are what is tested

import pytest

from content.comments.errors import NicknameRefused
from content.comments.nicknames import MOST, checked, generated
from content.comments.skeletons import skeleton

SITE = ["North Cinema", "north", "north.example"]


@pytest.mark.parametrize(
    "name",
    [
        "admin", "Admin", "ADMIN_42", "Adm1n", "ad-min", "a.d.m.i.n", "ádmin", "TheAdmin", "administrator", "sysadmin",
        "moderator", "m0derator", "rnoderator", "Mod", "mods", "The Mods", "staff", "Staff Bob", "Official Bob",
        "support", "owner", "system", "root", "Модератор", "администратор", "管理员", "deleted", "Former viewer",
        "аdmin", "Аdмin", "admιn", "аԁміп", "ɑdmin", "ａｄｍｉｎ", "ⓐdmin", "𝖆𝖉𝖒𝖎𝖓", "ad\u200bmin", "ad\u202emin",
        "North Cinema", "NorthCinema", "N0RTH_CINEMA", "NorthCinemaTeam", "north", "nоrth",
        "ab", "x" * 25, "", "   ", "123456", "a__b", "a  b", "_ab", "ab_", "a\nb", "a/b", "<b>x</b>", "a@b", "a\x00b",
        "Ωmega", "раypal", "日本語абв", "😀😀😀", "a\u0301\u0301\u0301\u0301b", "\u2066abc\u2069", "null", "me\u00adow",
    ],
)  # fmt: skip
def test_what_could_be_taken_for_another_is_refused(name: str) -> None:
    with pytest.raises(NicknameRefused):
        checked(name, SITE)


@pytest.mark.parametrize(
    "name",
    ["Ann", "Film Friend", "bob.smith-2", "Badminton", "Falstaff", "Staffan", "Modest Cat", "Иван", "日本語カナ",
     "Ünsal", "José", "O_o1", "مريم", "mc2"],
)  # fmt: skip
def test_honest_names_are_taken(name: str) -> None:
    assert checked(f" {name} ", SITE) == name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("paypal", "раура1"), ("Bill", "B1LL"), ("modern", "modem"), ("Zoë", "zoe"), ("wave", "vvave"),
        ("Film Friend", "film_friend"), ("Scope", "ѕсоре"), ("O0o", "ooo"), ("ＡＢＣ", "abc"),
    ],
)  # fmt: skip
def test_names_that_look_alike_are_one(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


def test_generated_names_keep_the_rules_that_people_keep() -> None:
    names = {generated(SITE) for _ in range(300)}
    assert len(names) > 290
    for name in names:
        assert len(name) <= MOST
        assert checked(name, SITE) == name
