"""What payments refuse."""


class PaymentError(Exception):
    """A payment or a refund that is not to be."""


class NothingDue(PaymentError):
    """Nothing is to be paid."""


class TooSmall(PaymentError):
    """Less than the gateway takes."""


class NoMethod(PaymentError):
    """No way to pay was saved, or the gateway charges nobody by itself: the payer needs a link."""


class StillOpen(PaymentError):
    """An earlier attempt may still bring the money, so that no other is begun."""


class BadAmount(PaymentError):
    """More than there is, or nothing."""


class BadReference(PaymentError):
    """Longer than what a transfer can carry."""


class NoSuchPayment(LookupError):
    """The tenant has no payment of this id."""
