"""The pages that a payer sees: Checkout, 3-D Secure, the wallet, and a payee's onboarding."""

from collections.abc import Callable
from html import escape
from typing import Final
from urllib.parse import urlencode, urlsplit

from sandbox.http.exchange import Answer, Request, page, sent_on
from sandbox.http.routing import Router
from sandbox.http.store import Document

from .cashier import authenticated, paid
from .connect import onboarded
from .errors import StripeError
from .world import World

_WHOLE: Final = {
    *("bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga"),
    *("pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"),
}
_THREE: Final = {"bhd", "jod", "kwd", "omr", "tnd"}
_CHOICES: Final = {
    "visa": "Pay with a card that works",
    "authenticationRequired": "Pay with a card that asks for 3-D Secure",
    "chargeDeclined": "Pay with a card that is declined",
    "chargeCustomerFail": "Pay with a card that is declined later on",
    "crypto": "Pay with stablecoins",
}


class Pages:
    """Pages over a world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._router: Router[Callable[[Request, str], Answer]] = Router(
            {
                "GET /c/pay/{id}": lambda request, key: self._session(key),
                "POST /c/pay/{id}": self._submitted,
                "GET /3d_secure/{id}": lambda request, key: self._question(key, "Is it you who is paying?"),
                "POST /3d_secure/{id}": self._answered,
                "GET /crypto/{id}": lambda request, key: self._question(key, "Send the stablecoins?"),
                "POST /crypto/{id}": self._answered,
                "GET /onboarding/{id}": lambda request, key: self._onboarding(key),
                "POST /onboarding/{id}": lambda request, key: self._onboarded(key),
                "GET /receipts/{id}": lambda request, key: self._receipt(key),
            }
        )

    def answer(self, request: Request) -> Answer:
        """The page, or where the browser goes next."""
        found = self._router.find(request.method, request.path)
        if found is None:
            return page(_html("There is no such page", ""), 404)
        _, deed, segments = found
        try:
            return deed(request, segments["id"])
        except StripeError as error:
            return page(_html("That did not work", f"<p role=alert>{escape(str(error))}</p>"), error.status)

    def _session(self, key: str, alert: str = "") -> Answer:
        session = self._world.get("checkout.session", key)
        if session["status"] != "open":
            return page(_html(f"This Checkout Session is {session['status']}", ""), 410)
        lines = "".join(
            f"<li>{escape(each['description'])} &times; {each['quantity']}: "
            f"{in_major(each['amount_total'], each['currency'])}</li>"
            for each in session["_lines"]
        )
        title = f"Pay {in_major(session['amount_total'], session['currency'])}" if lines else "Save a payment method"
        buttons = "".join(
            f'<p><button name="card" value="{name}">{text if lines else text.replace("Pay with", "Save")}</button></p>'
            for name, text in _CHOICES.items()
            if (name == "crypto") <= ("crypto" in session["payment_method_types"])
        )
        known = session["customer"] or session["customer_email"]
        email = "" if known else '<p><label>E-mail <input type="email" name="email"></label></p>'
        back = session["cancel_url"]
        cancel = f'<p><a id="cancel" href="{escape(back)}">Cancel</a></p>' if back else ""
        told = f"<p role=alert>{escape(alert)}</p>" if alert else ""
        return page(_html(title, f'{told}<ul>{lines}</ul><form method="post">{email}{buttons}</form>{cancel}'))

    def _submitted(self, request: Request, key: str) -> Answer:
        session = self._world.get("checkout.session", key)
        form = request.form
        try:
            paid(self._world, session, form.get("card", "visa"), form.get("email"))
        except StripeError as error:
            return self._session(key, str(error))
        return self._onwards(session)

    def _onwards(self, session: Document) -> Answer:
        if session["status"] == "complete":
            return sent_on(session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"]))
        intent = self._intent(session["payment_intent"] or session["setup_intent"])
        if intent["status"] == "requires_action":
            return sent_on(intent["next_action"]["redirect_to_url"]["url"])
        failure = intent.get("last_payment_error") or intent.get("last_setup_error") or {}
        return self._session(session["id"], failure.get("message", ""))

    def _question(self, key: str, title: str) -> Answer:
        intent = self._intent(key)
        if intent["status"] != "requires_action":
            return page(_html("Nothing is asked for", ""), 410)
        amount = f"<p>{in_major(intent['amount'], intent['currency'])}</p>" if "amount" in intent else ""
        yes = '<p><button name="outcome" value="complete">Complete</button></p>'
        no = '<p><button name="outcome" value="fail">Fail</button></p>'
        return page(_html(title, f'{amount}<form method="post">{yes}{no}</form>'))

    def _answered(self, request: Request, key: str) -> Answer:
        intent = self._intent(key)
        authenticated(self._world, intent, well=request.form.get("outcome") == "complete")
        if session := intent.get("_session"):
            return self._onwards(self._world.get("checkout.session", session))
        back = intent["_return_url"]
        if back is None:
            return page(_html("Done", ""))
        went = "failed" if intent["status"] == "requires_payment_method" else intent["status"]
        name = intent["object"]
        told = {name: key, f"{name}_client_secret": intent["client_secret"], "redirect_status": went}
        return sent_on(f"{back}{'&' if urlsplit(back).query else '?'}{urlencode(told)}")

    def _onboarding(self, key: str) -> Answer:
        self._world.get("account", key)
        return page(_html("Tell who you are", '<form method="post"><button>Submit</button></form>'))

    def _onboarded(self, key: str) -> Answer:
        account = self._world.get("account", key)
        onboarded(self._world, account)
        back = account.get("_return_url")
        return sent_on(back) if back else page(_html("Done", ""))

    def _receipt(self, key: str) -> Answer:
        intent = self._intent(key)
        return page(_html("Receipt", f"<p>{in_major(intent['amount_received'], intent['currency'])}</p>"))

    def _intent(self, key: str) -> Document:
        return self._world.get("setup_intent" if key.startswith("seti_") else "payment_intent", key)


def in_major(amount: int, currency: str) -> str:
    """An amount as a person reads it."""
    digits = 0 if currency in _WHOLE else 3 if currency in _THREE else 2
    whole, rest = divmod(amount, 10**digits)
    return f"{whole}{f'.{rest:0{digits}}' if digits else ''} {currency.upper()}"


def _html(title: str, content: str) -> str:
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>body{{font:16px/1.5 system-ui;max-width:30rem;margin:3rem auto;"
        "padding:0 1rem}button{font:inherit;padding:.5rem 1rem}</style>"
        f"<h1>{escape(title)}</h1><p>A stand-in for Stripe: no money moves.</p>{content}</html>"
    )
