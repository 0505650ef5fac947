"""The two sites with login bots of their own and a provider that does what it is told; and two plain ones."""

from tests.storefront.account.conftest import signing, world
from tests.storefront.conftest import two_sites

__all__ = ["signing", "two_sites", "world"]
