"""The two sites of the storefront's tests, for journeys that need no world of their own."""

from tests.storefront.conftest import two_sites

__all__ = ["two_sites"]
