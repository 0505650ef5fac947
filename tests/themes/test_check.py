"""What the check of a theme finds."""

import msgspec
import pytest

from tenancy.themes.assets import Assets
from tenancy.themes.check import check
from tenancy.themes.model import Theme, Tokens
from tests.themes.test_shipped import CATALOGUE, ROOT

BASE = CATALOGUE.get("base")
ASSETS = Assets.load(ROOT / "base/static/dist")


def with_light(**values: str) -> Theme:
    tokens = Tokens(BASE.tokens.shared, BASE.tokens.light | values, BASE.tokens.dark)
    return msgspec.structs.replace(BASE, tokens=tokens)


@pytest.mark.parametrize(
    ("theme", "said"),
    [
        (with_light(muted="#999999"), "'muted' on 'bg' has 2.85:1, needs 4.5:1"),
        (with_light(text="nearly black"), "light 'text': not an opaque sRGB colour"),
        (with_light(extra="#123"), "'extra' has a value for one scheme only"),
        (msgspec.structs.replace(BASE, tokens=Tokens()), "light has no 'bg'"),
        (msgspec.structs.replace(BASE, schema={"properties": {}}), "has no setting 'accent'"),
        (msgspec.structs.replace(BASE, schema={"properties": 1}), "is not of type 'object'"),
    ],
)
def test_a_flaw_is_fatal_and_named(theme: Theme, said: str) -> None:
    found = check(theme, ASSETS)
    assert found
    assert any(finding.fatal and said in finding.what for finding in found)


def test_a_file_that_was_not_built_is_found() -> None:
    found = check(BASE, Assets(ROOT, {}))
    assert "base.css was not built" in [finding.what for finding in found]


def test_a_stylesheet_of_a_parent_that_was_not_built_is_found() -> None:
    found = check(CATALOGUE.get("hanabi"), Assets(ROOT, {"hanabi.css": "hanabi-1.css"}))
    assert "base.css was not built" in [finding.what for finding in found]


def test_a_tenants_bad_setting_is_a_note() -> None:
    [finding] = check(BASE, ASSETS, {"accent": "no colour"})
    assert (finding.fatal, finding.where) == (False, "accent")
