"""Whose documents a piece of code may touch, as a value that only the resolver can make.

A scope is a capability: it cannot be called into being in typed code, it cannot be changed, and everything that
reaches MongoDB or Redis takes the predicate or the key prefix from it.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Never, NewType, final

TenantId = NewType("TenantId", str)
Owner = NewType("Owner", str)

PLATFORM: Final = Owner("platform")
_TENANT_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", re.ASCII)


def tenant_id_of(text: str) -> TenantId:
    """The text as a tenant's id: 1 to 64 of `A-Z a-z 0-9 _ . -`, first a letter or digit. Raises ValueError.

    Braces and colons would let one tenant's id reach into another's Redis keys.
    """
    if _TENANT_ID.fullmatch(text) is None:
        raise ValueError(f"not a tenant id: {text!r} (1 to 64 letters, digits, '_', '.', '-')")
    return TenantId(text)


class _Scope:
    __slots__ = ("_key_prefix", "_owner", "_predicate")

    _owner: Owner
    _key_prefix: str
    _predicate: Mapping[str, object]

    def __init__(self, minted: Never) -> None:
        raise TypeError("a scope is minted by the tenant resolver, never constructed")

    def __setattr__(self, name: str, value: object) -> Never:
        raise AttributeError("a scope does not change")

    @property
    def owner(self) -> Owner:
        """`platform` or `tenant:<id>`, as stored in every `_id`."""
        return self._owner

    @property
    def predicate(self) -> Mapping[str, object]:
        """The MongoDB filter that every command of this scope carries."""
        return self._predicate

    @property
    def key_prefix(self) -> str:
        """What every Redis key of this scope starts with."""
        return self._key_prefix

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Scope) and other.owner == self._owner

    def __hash__(self) -> int:
        return hash(self._owner)

    def __repr__(self) -> str:
        return f"<scope {self._owner}>"

    def __reduce__(self) -> Never:
        raise TypeError("a scope stays in the process it was minted in")


@final
class TenantScope(_Scope):
    """One tenant's documents and keys."""

    __slots__ = ()

    @property
    def tenant_id(self) -> TenantId:
        """The tenant's own id."""
        return TenantId(self.owner.removeprefix("tenant:"))


@final
class PlatformScope(_Scope):
    """The documents that all tenants share: the platform's catalogue, its audit, its jobs."""

    __slots__ = ()


def _seal(scope: _Scope, owner: Owner, key_prefix: str) -> None:
    object.__setattr__(scope, "_owner", owner)
    object.__setattr__(scope, "_key_prefix", key_prefix)
    object.__setattr__(scope, "_predicate", MappingProxyType({"_id.owner": owner}))


def mint_tenant_scope(tenant_id: TenantId) -> TenantScope:
    """The scope of a tenant that was found to exist. Raises ValueError for an id that is none.

    Refused by ruff everywhere but in `tenancy/resolver.py` and `storage/system.py`.
    """
    scope = TenantScope.__new__(TenantScope)
    # The braces are a hash tag: a tenant's keys share one slot of a Redis cluster.
    _seal(scope, Owner(f"tenant:{tenant_id_of(tenant_id)}"), f"t:{{{tenant_id}}}:")
    return scope


def mint_platform_scope() -> PlatformScope:
    """The scope of the platform's own documents, under the same ban as `mint_tenant_scope`."""
    scope = PlatformScope.__new__(PlatformScope)
    _seal(scope, PLATFORM, "platform:")
    return scope
