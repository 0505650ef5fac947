"""The two sites, with people who talk, and with something to take down."""

from tests.storefront.community.conftest import town
from tests.storefront.conftest import two_sites
from tests.storefront.takedowns.conftest import desk

__all__ = ["desk", "town", "two_sites"]
