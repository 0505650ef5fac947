"""Two sites that sell premium, the counter where operators pay, and the desk that writes to them."""

from tests.billing.conftest import stage
from tests.billing.dunning.conftest import collector
from tests.runtime.counter import counter
from tests.storefront.membership.conftest import market

__all__ = ["collector", "counter", "market", "stage"]
