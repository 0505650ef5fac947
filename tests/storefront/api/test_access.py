"""Who gets a site's own streams, and who may keep its files: a table."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from accounts.model import Ban, Viewer, ViewerOurs
from storage.scope import TenantScope
from storefront.api.playing import allow_streams
from storefront.archive.linking import bucket_named, may_download
from storefront.refusals import PremiumOnly
from tenancy.errors import BadTenant
from tenancy.model import Access, Tenant
from tenancy.resolver import ResolvedTenant
from tenancy.settings import set_setting

ROLES: list[Any] = [None, "free", "premium", "admin"]


def site(scope: TenantScope, **access: Any) -> ResolvedTenant:
    return ResolvedTenant(Tenant(id="t", domain="t.example", access=Access(**access)), scope, "t.example")


def viewer(role: Any) -> Viewer | None:
    return None if role is None else Viewer(id=1, role=role)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("rule", ["everyone", "premium"])
def test_streams(scope_a: TenantScope, role: Any, rule: str) -> None:
    if rule == "everyone" or role in {"premium", "admin"}:
        allow_streams(site(scope_a, streams=rule), viewer(role))
    else:
        with pytest.raises(PremiumOnly):
            allow_streams(site(scope_a, streams=rule), viewer(role))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("rule", ["everyone", "premium", "nobody"])
def test_downloads(scope_a: TenantScope, role: Any, rule: str) -> None:
    expected = rule == "everyone" or (rule == "premium" and role in {"premium", "admin"})
    assert may_download(site(scope_a, downloads=rule), viewer(role)) is expected


@pytest.mark.parametrize(
    ("text", "bucket"),
    [("0", "0"), ("007", "7"), ("s1e2-0", "s1e2/0"), ("pack-1", "pack/1"), ("pack-01", "pack/1")]
    + [(text, None) for text in ("", "-1", "s1e2", "s1e2/0", "pack/1", "c1-0", "٣", "1" * 7, "0\n")],
)
def test_downloads_by_name(text: str, bucket: str | None) -> None:
    assert bucket_named(text) == bucket


def test_the_rules_are_settings() -> None:
    ours: dict[str, Any] = {}
    set_setting("access.streams", "premium", {}, ours)
    set_setting("access.downloads", "nobody", {}, ours)
    assert ours == {"access": {"streams": "premium", "downloads": "nobody"}}
    for name, value in (("access.streams", "nobody"), ("access.downloads", "x"), ("access.more", "everyone")):
        with pytest.raises(BadTenant):
            set_setting(name, value, {}, {})


def test_a_banned_viewer_has_no_role(scope_a: TenantScope) -> None:
    ban = Ban(reason="spam", since=datetime(2026, 1, 1), by="ann")  # noqa: DTZ001 - stored naive
    banned = Viewer(id=1, role="premium", ours=ViewerOurs(ban=ban))
    assert not may_download(site(scope_a), banned)
