"""Whether a site has the add-on, and how it wants it."""

from __future__ import annotations

from typing import Any, Final, cast

from msgspec import Struct

from tenancy.resolver import ResolvedTenant

NAME: Final = "dmca_shield"


class NotSubscribed(Exception):
    """The site does not have the add-on: what it adds is not there."""


class ShieldSettings(Struct, frozen=True, kw_only=True):
    """Hours to acknowledge and to act; whether the transparency page is public."""

    acknowledge_hours: int = 24
    act_hours: int = 72
    is_public: bool = True


def shield_of(tenant: ResolvedTenant) -> ShieldSettings:
    """The settings of a site that has the add-on; odd values are the defaults. Raises NotSubscribed."""
    found = tenant.tenant.addons.get(NAME)
    addon = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    if addon.get("active") is not True:
        raise NotSubscribed(NAME)
    usual = ShieldSettings()
    return ShieldSettings(
        acknowledge_hours=_hours(addon.get("acknowledge_hours"), usual.acknowledge_hours),
        act_hours=_hours(addon.get("act_hours"), usual.act_hours),
        is_public=addon.get("is_public") is not False,
    )


def _hours(value: Any, usual: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 24 * 60 else usual
