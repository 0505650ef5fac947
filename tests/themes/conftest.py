"""The themes that come with the platform, and tenants made on the spot."""

from collections.abc import Callable
from typing import Any

import pytest

from storage.scope import TenantId, mint_tenant_scope
from tenancy.model import Brand, Colours, Tenant
from tenancy.resolver import ResolvedTenant
from tenancy.themes.renderer import Themes

MakeTenant = Callable[..., ResolvedTenant]


@pytest.fixture(scope="session")
def themes() -> Themes:
    return Themes.installed()


@pytest.fixture
def tenant() -> MakeTenant:
    def make(theme: str = "base", accent: str | None = None, **brand: Any) -> ResolvedTenant:
        fields: dict[str, Any] = {"name": "Kino", "colours": Colours(accent=accent), **brand}
        described = Brand(**fields)
        site = Tenant(id="tenant_a", domain="kino.example", theme=theme, brand=described)
        return ResolvedTenant(site, mint_tenant_scope(TenantId("tenant_a")), "kino.example")

    return make
