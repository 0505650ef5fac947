"""`marquee sandbox`: stand-ins for the services that move money, to try everything without any."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import httpx

from runtime.cli.options import home_option, json_option, settings_for
from runtime.cli.output import Output
from runtime.errors import Refused
from runtime.settings import Settings
from sandbox.http.process import run

CARDS = ("visa", "authenticationRequired", "chargeDeclined", "crypto")
COINS = ("BTC-CHAIN", "BTC-LN")


@click.group()
def sandbox() -> None:
    """Try payments on this machine: stand-ins for Stripe and BTCPay, where no money moves."""


@sandbox.command()
@click.option("--port", default=4242, show_default=True, help="Where to listen on 127.0.0.1.")
@click.option("--webhook", help="Where events are posted; to the platform of these settings if left out.")
@click.option("--secret", default="whsec_sandbox", show_default=True, help="What they are signed with.")
@click.option("--data", type=click.Path(path_type=Path), help="Folder that keeps its state; forgotten without.")
@home_option
def stripe(port: int, webhook: str | None, secret: str, data: Path | None, home: Path | None) -> None:
    """Stand in for Stripe until interrupted. Any sk_… or rk_… key may call."""
    from sandbox.stripe import StripeOptions, StripeSandbox

    posts_to = webhook or _webhook(settings_for(home), "stripe")
    options = StripeOptions(data=data, port=port, webhook_url=posts_to, webhook_secret=secret)
    click.echo(f"a stand-in for Stripe on http://127.0.0.1:{port}, posting to {posts_to}")
    run("stripe", lambda: StripeSandbox(options), None)


@sandbox.command()
@click.option("--port", default=23000, show_default=True, help="Where to listen on 127.0.0.1.")
@click.option("--webhook", help="Where events are posted; to the platform of these settings if left out.")
@click.option("--secret", default="sandbox", show_default=True, help="What they are signed with.")
@click.option("--data", type=click.Path(path_type=Path), help="Folder that keeps its state; forgotten without.")
@home_option
def btcpay(port: int, webhook: str | None, secret: str, data: Path | None, home: Path | None) -> None:
    """Stand in for a BTCPay Server until interrupted. Any key may call, and every store is there."""
    from sandbox.btcpay import BtcpayOptions, BtcpaySandbox

    posts_to = webhook or _webhook(settings_for(home), "btcpay")
    options = BtcpayOptions(data=data, port=port, webhook_url=posts_to, webhook_secret=secret)
    click.echo(f"a stand-in for BTCPay on http://127.0.0.1:{port}, posting to {posts_to}")
    run("btcpay", lambda: BtcpaySandbox(options), None)


@sandbox.command()
@click.argument("address", metavar="URL")
@click.option("--card", type=click.Choice(CARDS), default="visa", show_default=True, help="At Stripe: which one.")
@click.option("--amount", help="At BTCPay: so much of it, such as 10.00; all that is left if not given.")
@click.option("--coin", type=click.Choice(COINS), default="BTC-LN", show_default=True, help="At BTCPay: how.")
@json_option
def pay(address: str, card: str, amount: str | None, coin: str, *, as_json: bool) -> None:
    """Pay at URL, a page that a stand-in opened, as its visitor would."""
    server, place = urlsplit(address), urlsplit(address).path.strip("/").split("/")
    match place:
        case ["c", "pay", session]:
            told = {"session": session, "card": card}
        case ["i", invoice]:
            told = {"invoice": invoice, "method": coin, **({"amount": amount} if amount else {})}
        case _:
            raise Refused(f"{address} is no page of a stand-in; marquee billing link … --gateway NAME prints one")
    paid = _told(f"{server.scheme}://{server.netloc}/_sandbox/pay", told)
    Output(as_json=as_json).answer(paid, f"{place[-1]}: {paid['status']}")


def _told(address: str, arguments: dict[str, str]) -> dict[str, Any]:
    try:
        answer = httpx.post(address, json=arguments, trust_env=False)
        said: dict[str, Any] = answer.json()
    except (httpx.HTTPError, ValueError):
        raise Refused(f"no stand-in answers at {address}") from None
    if answer.is_error:
        raise Refused(f"the stand-in says: {said.get('error')}")
    gives: dict[str, Any] = said["gives"]
    return gives


def _webhook(settings: Settings, gateway: str) -> str:
    return f"http://{settings.platform.host}:{settings.listen.port}/webhooks/{gateway}"
