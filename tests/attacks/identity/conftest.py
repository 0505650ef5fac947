"""The two sites with login bots of their own, and a provider that does what it is told."""

from tests.storefront.account.conftest import signing, world

__all__ = ["signing", "world"]
