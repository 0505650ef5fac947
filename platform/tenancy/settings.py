"""A tenant's settings by name, as commands and the console set them: `brand.name`, `policy.shared`, `domains`.

Values come as JSON values or as text; text is read as the setting's type, lists from text are parted by commas.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import msgspec

from storage.mongo import Stored
from tenancy.errors import BadDomain, BadTenant
from tenancy.host import canonical_domain
from tenancy.login import LOGIN_SETTINGS
from tenancy.model import (
    PLANS,
    Access,
    AgeGate,
    Brand,
    CataloguePolicy,
    Colours,
    CommentRules,
    Legal,
    MembershipOffer,
    PayoutWay,
    Referrals,
)

_CURRENCY: Final = re.compile(r"[A-Z]{3}", re.ASCII)
_THEME: Final = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)
_EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s]{1,253}")
_ADDON: Final = re.compile(r"addons\.[a-z_]{1,40}(\.[a-z_]{1,40}){1,3}", re.ASCII)
_GROUPS: Final[Mapping[str, type[msgspec.Struct]]] = {
    "brand.colours": Colours,
    "brand": Brand,
    "policy": CataloguePolicy,
    "access": Access,
    "age_gate": AgeGate,
    "legal": Legal,
    "comments": CommentRules,
    "referrals": Referrals,
    "membership": MembershipOffer,
    "payouts": PayoutWay,
}


def setting_names() -> list[str]:
    """Every name that `set_setting` knows, those of add-ons apart."""
    grouped = [f"{group}.{field}" for group, kind in _GROUPS.items() for field in kind.__struct_fields__]
    return [*_PLAIN, *(name for name in grouped if name != "brand.colours")]


def set_setting(name: str, value: object, fields: Stored, ours: Stored) -> None:
    """Sets one setting in an operator's document or in ours. Raises BadTenant naming the setting."""
    if name in _PLAIN:
        _PLAIN[name](value, fields, ours)
        return
    group, _, field = name.rpartition(".")
    if group in _GROUPS and field in _GROUPS[group].__struct_fields__ and name != "brand.colours":
        _set_grouped(group, field, value, ours)
    elif _ADDON.fullmatch(name):
        _nested(fields, group)[field] = value
    else:
        raise BadTenant(f"{name}: there is no such setting")


def _set_grouped(group: str, field: str, value: object, ours: Stored) -> None:
    kind = _GROUPS[group]
    if isinstance(value, str) and isinstance(kind.__struct_defaults__[kind.__struct_fields__.index(field)], tuple):
        value = [each.strip() for each in value.split(",") if each.strip()]
    try:
        read = msgspec.convert({field: value}, kind, strict=False)
    except msgspec.ValidationError as error:
        raise BadTenant(f"{group}.{field}: {error}") from error
    stored: Any = msgspec.to_builtins(getattr(read, field))
    _nested(ours, group)[field] = list(stored) if isinstance(stored, tuple) else stored


def _nested(document: Stored, path: str) -> Stored:
    for part in path.split("."):
        inner: object = document.get(part)
        if not isinstance(inner, dict):
            inner = document[part] = {}
        document = cast("Stored", inner)
    return document


def _set_domain(value: object, fields: Stored, ours: Stored) -> None:
    domain = _domain("domain", value)
    fields["domain"] = value
    ours["domains"] = [domain, *(each for each in ours.get("domains", [])[1:] if each != domain)]


def _set_domains(value: object, fields: Stored, ours: Stored) -> None:
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, list | tuple) or not given:
        raise BadTenant("domains: a list of at least one domain, the primary one first")
    texts: list[Any] = [*given]
    domains = list(dict.fromkeys(_domain("domains", each) for each in texts))
    if domains[0] != ours.get("domains", [None])[0]:
        fields["domain"] = str(texts[0]).strip()
    ours["domains"] = domains


def _domain(name: str, value: object) -> str:
    try:
        return canonical_domain(value if isinstance(value, str) else "")
    except BadDomain as error:
        raise BadTenant(f"{name}: {error}") from error


def _matching(
    name: str, pattern: re.Pattern[str], said: str, *, is_ours: bool
) -> Callable[[object, Stored, Stored], None]:
    def set_it(value: object, fields: Stored, ours: Stored) -> None:
        if not isinstance(value, str) or pattern.fullmatch(value) is None:
            raise BadTenant(f"{name}: {said}")
        (ours if is_ours else fields)[name] = value

    return set_it


_PLAIN: Final[Mapping[str, Callable[[object, Stored, Stored], None]]] = {
    "domain": _set_domain,
    "domains": _set_domains,
    "owner_email": _matching("owner_email", _EMAIL, "not an e-mail address", is_ours=False),
    "plan": _matching("plan", re.compile("|".join(PLANS)), f"one of {', '.join(PLANS)}", is_ours=False),
    "currency": _matching("currency", _CURRENCY, "an ISO 4217 code, such as EUR", is_ours=True),
    "theme": _matching("theme", _THEME, "a theme's name", is_ours=True),
    **LOGIN_SETTINGS,
}
