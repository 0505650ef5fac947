"""Settings are set by name, read as their type, and refused by name."""

from typing import Any

import pytest

from tenancy.errors import BadTenant
from tenancy.settings import set_setting


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("nonsense", 1),
        ("brand", {"name": "x"}),
        ("brand.nonsense", "x"),
        ("brand.name", 5),
        ("brand.colours", "red"),
        ("policy.shared", "perhaps"),
        ("plan", "free"),
        ("currency", "euro"),
        ("theme", "../base"),
        ("owner_email", "nobody"),
        ("domains", []),
        ("domains", ["a b"]),
        ("domain", "127.0.0.1"),
        ("addons.x", 1),
        ("holds", []),
        ("generation", 5),
        ("status", "active"),
        ("stats.bandwidth_used_gb", 0),
        ("_marquee.holds", []),
    ],
)
def test_a_setting_that_cannot_be_taken_is_named(name: str, value: object) -> None:
    fields: dict[str, Any] = {"domain": "a.example"}
    ours: dict[str, Any] = {"domains": ["a.example"]}
    with pytest.raises(BadTenant, match=name.partition(".")[0]):
        set_setting(name, value, fields, ours)
    assert (fields, ours) == ({"domain": "a.example"}, {"domains": ["a.example"]})


@pytest.mark.parametrize(
    ("name", "value", "fields", "ours"),
    [
        ("brand.name", "Hub", {}, {"brand": {"name": "Hub"}}),
        ("brand.tagline", None, {}, {"brand": {"tagline": None}}),
        ("brand.colours.accent2", "#0f0", {}, {"brand": {"colours": {"accent2": "#0f0"}}}),
        ("policy.shared", "false", {}, {"policy": {"shared": False}}),
        ("policy.genres_block", "Horror, , War", {}, {"policy": {"genres_block": ["Horror", "War"]}}),
        ("policy.titles_allow", [1, "x"], {}, {"policy": {"titles_allow": [1, "x"]}}),
        ("plan", "rev_share", {"plan": "rev_share"}, {}),
        ("currency", "EUR", {}, {"currency": "EUR"}),
        ("addons.capacity.tier", 2, {"addons": {"capacity": {"tier": 2}}}, {}),
        ("domain", "A.example", {"domain": "A.example"}, {"domains": ["a.example"]}),
        ("domains", "A.example,b.example,a.example.", {"domain": "A.example"}, {"domains": ["a.example", "b.example"]}),
    ],
)
def test_a_setting_goes_to_its_place(name: str, value: object, fields: dict[str, Any], ours: dict[str, Any]) -> None:
    document: dict[str, Any] = {}
    added: dict[str, Any] = {}
    set_setting(name, value, document, added)
    assert (document, added) == (fields, ours)
