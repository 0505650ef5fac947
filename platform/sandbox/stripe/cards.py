"""Test cards and what becomes of them: https://docs.stripe.com/testing"""

from typing import Literal

from msgspec import Struct

from sandbox.http.store import Document

from .errors import StripeError


class Card(Struct, frozen=True, kw_only=True):
    """A card by its number and its behaviour.

    decline: decline code of every attempt, `attaches` whether it can be saved all the same. authentication: when
    3-D Secure is asked for. refund: what becomes of refunds.
    """

    name: str
    number: str
    brand: str = "visa"
    decline: str | None = None
    attaches: bool = True
    authentication: Literal["never", "unless_set_up", "unless_off_session", "always"] = "never"
    dispute: str | None = None
    refund: Literal["succeeded", "failed", "pending"] = "succeeded"
    available_at_once: bool = False


def _declined(name: str, number: str, code: str) -> Card:
    return Card(name=name, number=number, decline=code, attaches=False)


_ALL = (
    Card(name="visa", number="4242424242424242"),
    Card(name="visa_debit", number="4000056655665556"),
    Card(name="mastercard", number="5555555555554444", brand="mastercard"),
    Card(name="amex", number="378282246310005", brand="amex"),
    _declined("chargeDeclined", "4000000000000002", "generic_decline"),
    _declined("chargeDeclinedInsufficientFunds", "4000000000009995", "insufficient_funds"),
    _declined("chargeDeclinedLostCard", "4000000000009987", "lost_card"),
    _declined("chargeDeclinedStolenCard", "4000000000009979", "stolen_card"),
    _declined("chargeDeclinedExpiredCard", "4000000000000069", "expired_card"),
    _declined("chargeDeclinedIncorrectCvc", "4000000000000127", "incorrect_cvc"),
    _declined("chargeDeclinedProcessingError", "4000000000000119", "processing_error"),
    _declined("chargeDeclinedVelocityLimitExceeded", "4000000000006975", "card_velocity_exceeded"),
    Card(name="chargeCustomerFail", number="4000000000000341", decline="generic_decline"),
    Card(name="authenticationRequired", number="4000002760003184", authentication="always"),
    Card(name="authenticationRequiredOnSetup", number="4000002500003155", authentication="unless_set_up"),
    Card(
        name="authenticationRequiredSetupForOffSession", number="4000003800000446", authentication="unless_off_session"
    ),
    Card(
        name="authenticationRequiredChargeDeclinedInsufficientFunds",
        number="4000008260003178",
        authentication="always",
        decline="insufficient_funds",
    ),
    Card(name="createDispute", number="4000000000000259", dispute="fraudulent"),
    Card(name="createDisputeProductNotReceived", number="4000000000002685", dispute="product_not_received"),
    Card(name="pendingRefund", number="4000000000007726", refund="pending"),
    Card(name="refundFail", number="4000000000005126", refund="failed"),
    Card(name="bypassPending", number="4000000000000077", available_at_once=True),
)
BY_NAME = {card.name: card for card in _ALL} | {f"visa_{card.name}": card for card in _ALL if card.decline}
BY_NUMBER = {card.number: card for card in _ALL}
_OWN_CODES = {"expired_card", "incorrect_cvc", "processing_error"}
_MESSAGES = {
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "authentication_required": "Your card was declined. This transaction requires authentication.",
}


def card_error(decline_code: str, **about: str) -> StripeError:
    """A card that was declined: 402, with the decline code where Stripe gives one."""
    own = decline_code in _OWN_CODES or decline_code == "authentication_required"
    told = None if decline_code in _OWN_CODES else decline_code
    message = _MESSAGES.get(decline_code, "Your card was declined.")
    code = decline_code if own else "card_declined"
    return StripeError(402, "card_error", message, code=code, kept=True, decline_code=told, **about)


def described(card: Card, month: int, year: int) -> Document:
    """The `card` of a payment method."""
    return {
        "brand": card.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "country": "US",
        "display_brand": card.brand,
        "exp_month": month,
        "exp_year": year,
        "fingerprint": f"sandbox{card.number[-8:]}",
        "funding": "debit" if card.name == "visa_debit" else "credit",
        "generated_from": None,
        "last4": card.number[-4:],
        "networks": {"available": [card.brand], "preferred": None},
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }
