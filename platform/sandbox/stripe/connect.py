"""Connected accounts and transfers to them, as much as payouts need: https://docs.stripe.com/api/transfers"""

from sandbox.http.store import Document

from .balance import available, booked
from .errors import refused
from .lists import PAGING, listed
from .params import Params
from .terms import currency_told
from .world import World


def create_account(world: World, params: Params) -> Document:
    """A connected account; it takes no money until its owner has been through onboarding."""
    params.only(
        *("type", "country", "email", "capabilities", "controller", "business_type", "metadata", "expand"),
        *("default_currency", "business_profile", "settings"),
    )
    account = world.make(
        "acct",
        business_profile={},
        business_type=params.text("business_type"),
        capabilities={"transfers": "inactive"},
        charges_enabled=False,
        controller=params.plain("controller") or {},
        country=params.text("country") or "US",
        default_currency=params.text("default_currency") or "usd",
        details_submitted=False,
        email=params.text("email"),
        metadata=params.merged(),
        payouts_enabled=False,
        requirements={"currently_due": ["external_account"], "disabled_reason": "requirements.past_due"},
        type=params.one_of("type", "custom", "express", "standard") or "none",
    )
    world.tell("account.updated", account)
    return account


def retrieve_own(world: World, params: Params) -> Document:
    """The account that the key is of: everything is switched on."""
    params.only("expand")
    return {
        "id": "acct_sandbox",
        "object": "account",
        "capabilities": {"card_payments": "active", "crypto_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "country": "US",
        "default_currency": "usd",
        "details_submitted": True,
        "payouts_enabled": True,
    }


def retrieve_account(world: World, params: Params, key: str) -> Document:
    """A connected account."""
    params.only("expand")
    return world.get("account", key)


def list_accounts(world: World, params: Params) -> Document:
    """A page of connected accounts."""
    params.only(*PAGING)
    return listed(world, "account", "/v1/accounts", params)


def create_link(world: World, params: Params) -> Document:
    """The address of the onboarding page; it holds for five minutes at Stripe, for ever here."""
    params.only("account", "refresh_url", "return_url", "type", "collection_options", "expand")
    account = world.get("account", params.needed("account"), "account")
    world.change(account, _return_url=params.needed("return_url"))
    params.needed("refresh_url")
    now = world.now()
    url = f"{world.url}/onboarding/{account['id']}"
    return {"object": "account_link", "created": now, "expires_at": now + 300, "url": url}


def onboarded(world: World, account: Document) -> None:
    """The owner gave all details: the account takes transfers and pays out."""
    former = world.change(
        account,
        capabilities={"transfers": "active"},
        charges_enabled=True,
        details_submitted=True,
        payouts_enabled=True,
        requirements={"currently_due": [], "disabled_reason": None},
    )
    world.tell("account.updated", account, former)


def transfer(world: World, params: Params) -> Document:
    """Move money from the balance to a connected account."""
    params.only(
        *("amount", "currency", "destination", "description", "metadata", "source_transaction", "transfer_group"),
        "expand",
    )
    currency = currency_told(params)
    amount = params.whole("amount") or 0
    account = world.get("account", params.needed("destination"), "destination")
    source = params.text("source_transaction")
    if amount < 1:
        raise refused("This value must be greater than or equal to 1.", param="amount", kept=False)
    if account["capabilities"]["transfers"] != "active":
        raise refused(
            "Your destination account needs to have at least one of the following capabilities enabled: transfers",
            "insufficient_capabilities_for_transfer",
        )
    if source:
        world.get("charge", source, "source_transaction")
    elif available(world, currency) < amount:
        raise refused("You have insufficient available funds in your Stripe account.", "balance_insufficient")
    made = world.make(
        "tr",
        amount=amount,
        amount_reversed=0,
        balance_transaction=None,
        currency=currency,
        description=params.text("description"),
        destination=account["id"],
        destination_payment=None,
        metadata=params.merged(),
        reversals={"object": "list", "data": [], "has_more": False, "url": ""},
        reversed=False,
        source_transaction=source,
        source_type="card",
        transfer_group=params.text("transfer_group"),
    )
    world.change(made, balance_transaction=booked(world, "transfer", made, -amount)["id"])
    world.tell("transfer.created", made)
    return made


def retrieve_transfer(world: World, params: Params, key: str) -> Document:
    """A transfer."""
    params.only("expand")
    return world.get("transfer", key)


def list_transfers(world: World, params: Params) -> Document:
    """A page of transfers."""
    params.only(*PAGING, "destination", "transfer_group")
    wanted = {name: params.text(name) for name in ("destination", "transfer_group")}
    return listed(world, "transfer", "/v1/transfers", params, **wanted)


def reverse(world: World, params: Params, key: str) -> Document:
    """Take a transfer back, or a part of it."""
    params.only("amount", "description", "metadata", "expand")
    made = world.get("transfer", key)
    left = made["amount"] - made["amount_reversed"]
    amount = params.whole("amount") if "amount" in params else left
    if not amount or not 0 < amount <= left:
        raise refused(f"There are {left} left to reverse.", param="amount")
    back = world.make(
        "trr",
        amount=amount,
        balance_transaction=None,
        currency=made["currency"],
        metadata=params.merged(),
        transfer=key,
    )
    world.change(back, balance_transaction=booked(world, "transfer_reversal", back, amount)["id"])
    total = made["amount_reversed"] + amount
    world.change(made, amount_reversed=total, reversed=total == made["amount"])
    world.tell("transfer.reversed", made)
    return back
