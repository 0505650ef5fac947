"""Two sites that sell premium, and the counter where operators pay."""

from tests.runtime.counter import counter
from tests.storefront.membership.conftest import market

__all__ = ["counter", "market"]
