"""A scope is minted, never made, and never changes."""

import copy
import pickle
from typing import Any, cast

import pytest

from storage.scope import PlatformScope, TenantId, TenantScope, mint_tenant_scope, tenant_id_of


@pytest.mark.parametrize("kind", [TenantScope, PlatformScope])
def test_a_scope_cannot_be_constructed(kind: Any) -> None:
    with pytest.raises(TypeError):
        kind(cast("Any", "tenant_a"))
    with pytest.raises(TypeError):
        kind()


def test_a_scope_does_not_change(scope_a: TenantScope) -> None:
    for name in ("owner", "_owner", "tenant_id", "anything"):
        with pytest.raises(AttributeError):
            setattr(scope_a, name, "tenant:tenant_b")
    with pytest.raises(TypeError):
        cast("Any", scope_a.predicate)["_id.owner"] = "tenant:tenant_b"


def test_a_scope_stays_in_its_process(scope_a: TenantScope) -> None:
    for leave in (pickle.dumps, copy.copy):
        with pytest.raises(TypeError):
            leave(scope_a)


def test_a_scope_names_its_owner_and_prefix(scope_a: TenantScope, platform: PlatformScope) -> None:
    assert (scope_a.tenant_id, scope_a.owner, scope_a.key_prefix) == ("tenant_a", "tenant:tenant_a", "t:{tenant_a}:")
    assert (platform.owner, platform.key_prefix) == ("platform", "platform:")
    assert scope_a == mint_tenant_scope(TenantId("tenant_a"))
    assert len({scope_a, mint_tenant_scope(TenantId("tenant_a")), platform}) == 2


@pytest.mark.parametrize("text", ["", "a}:t:{b", "a:b", "a b", "ä", ".a", "a\n", "a" * 65, "$ne", "a{"])
def test_an_id_that_could_reach_into_another_tenant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a tenant id"):
        tenant_id_of(text)
    with pytest.raises(ValueError, match="not a tenant id"):
        mint_tenant_scope(TenantId(text))


@pytest.mark.parametrize("text", ["tenant_x99", "a", "A.b-c_9", "0", "a" * 64])
def test_ordinary_ids_are_taken(text: str) -> None:
    assert tenant_id_of(text) == text
