"""`marquee doctor`: is everything there that this machine needs to serve?"""

from __future__ import annotations

import shutil
import socket
import sys
import time
from collections.abc import AsyncGenerator
from pathlib import Path

import click
import httpx
from msgspec import Struct

from runtime.address import Address
from runtime.cli.options import home_option, json_option, run_async, settings_for
from runtime.cli.output import Output
from runtime.engines.home import ROOM_BYTES, Home
from runtime.errors import Refused
from runtime.settings import Settings
from runtime.stores import Stores

MARKS = {"ok": "✓", "note": "·", "bad": "✗"}


class Finding(Struct, frozen=True):
    """One thing that was looked at. `verdict`: ok, note (works, but mind it) or bad (will not serve)."""

    what: str
    verdict: str
    said: str


@click.command()
@home_option
@json_option
def doctor(home: Path | None, *, as_json: bool) -> int:
    """Check settings, home, engines, themes, Telegram, gateways, prices, ports; exit 1 if one stops the product."""
    output = Output(as_json=as_json)
    settings = settings_for(home)
    findings = run_async(_examine(settings))
    if as_json:
        output.answer(findings, "")
    else:
        width = max(len(finding.what) for finding in findings)
        for finding in findings:
            click.echo(f"{MARKS[finding.verdict]} {finding.what:<{width}}  {finding.said}")
    return 1 if any(finding.verdict == "bad" for finding in findings) else 0


async def _examine(settings: Settings) -> list[Finding]:
    return [finding async for finding in _findings(settings)]


async def _findings(settings: Settings) -> AsyncGenerator[Finding]:
    yield Finding("python", "ok", f"{sys.version.split()[0]} on {sys.platform}")
    home = Home(settings.home)
    try:
        home.prepare()
        free_bytes = shutil.disk_usage(home.root).free
        verdict = "ok" if free_bytes >= ROOM_BYTES + settings.cache.disk_bytes else "note"
        yield Finding("home", verdict, f"{home.root}, {free_bytes >> 30} GiB left")
    except Refused as refusal:
        yield Finding("home", "bad", str(refusal))
        return
    serving = home.addresses()
    if serving is not None:
        yield Finding("owner", "ok", f"process {serving.pid} serves from this home")
    async for finding in _engines(settings):
        yield finding
    yield _themes()
    yield _telegram(settings)
    async for finding in _gateways(settings):
        yield finding
    yield _proxy(settings)
    if serving is None:
        yield port_finding("listen", settings.listen, settings.platform.host)
        yield port_finding("internal", settings.internal.listen, settings.platform.host)


async def _engines(settings: Settings) -> AsyncGenerator[Finding]:
    from runtime.cli.session import stores_for

    try:
        async with stores_for(settings) as stores:
            for name, ping in (("mongodb", stores.database.ping), ("redis", stores.cache.ping)):
                started = time.perf_counter()
                await ping()
                yield Finding(name, "ok", f"answers in {(time.perf_counter() - started) * 1000:.1f} ms")
            yield await _search(stores)
            for finding in await _prices(stores):
                yield finding
    except Refused as refusal:
        yield Finding("engines", "bad", str(refusal))
        return
    if not (settings.mongodb.uri and settings.redis.url):
        yield Finding("engines", "note", "embedded: for evaluation; set MONGODB_URI and REDIS_URL in production")


async def _search(stores: Stores) -> Finding:
    from content.search.state import Place
    from storage.feed import Feed, FeedLost

    try:
        await Feed(stores.database, "library").now()
    except FeedLost:
        return Finding("search", "note", "MongoDB gives no change streams (no replica set): no typo is forgiven")
    state = Place(stores.home.search).read()
    if state is None:
        return Finding("search", "note", "no index yet: serve makes it, and finds whole words alone until then")
    return Finding("search", "ok", f"{state.titles:,} titles in this home's index")


async def _prices(stores: Stores) -> list[Finding]:
    from billing.plans.repository import Plans
    from runtime.billing import gateways_of
    from runtime.prices import price_remarks

    gateways = gateways_of(stores.settings)
    try:
        plans = await Plans(stores.database).every()
        remarks = price_remarks(gateways, await stores.tenants.selling(), list(plans.values()))
    finally:
        for gateway in gateways:
            await gateway.close()
    found = [Finding("prices", remark.verdict, remark.said) for remark in remarks]
    by_transfer_alone = not any(each.pages or each.charges for each in gateways)
    return found or (
        [] if by_transfer_alone else [Finding("prices", "ok", "every price of sites and plans can be charged")]
    )


def _themes() -> Finding:
    from tenancy.themes.renderer import Themes

    try:
        flaws = Themes.installed().flaws()
    except Exception as error:  # noqa: BLE001 - whatever is wrong with them is what is to be said
        return Finding("themes", "bad", " ".join(str(error).split()))
    if flaws:
        more = f" (and {len(flaws) - 1} more)" if len(flaws) > 1 else ""
        return Finding("themes", "bad", flaws[0] + more)
    return Finding("themes", "ok", "installed with their assets")


def _telegram(settings: Settings) -> Finding:
    telegram = settings.telegram
    if not telegram.configured:
        return Finding("telegram", "note", "not set up: only films on disk play")
    missing = [str(path) for path in telegram.public_keys if not path.is_file()]
    if missing:
        return Finding("telegram", "bad", f"setting telegram.public_keys: no file {missing[0]}")
    bots, channels = len(telegram.bot_tokens), len(telegram.storage_channels)
    verdict = "ok" if channels else "note"
    return Finding("telegram", verdict, f"{bots} bot(s), {channels} storage channel(s)")


async def _gateways(settings: Settings) -> AsyncGenerator[Finding]:
    from runtime.billing import gateways_of

    gateways = [each for each in gateways_of(settings) if each.pages]
    for gateway in gateways:
        try:
            for remark in await gateway.examine(f"https://{settings.platform.host}/webhooks/{gateway.name}"):
                yield Finding(gateway.name, remark.verdict, remark.said)
        finally:
            await gateway.close()
    if not gateways:
        yield Finding("payments", "note", "by bank transfer alone: neither Stripe nor BTCPay is set up")


def _proxy(settings: Settings) -> Finding:
    if settings.proxy.trusted:
        return Finding("proxy", "ok", f"X-Forwarded-* believed from {', '.join(settings.proxy.trusted)}")
    return Finding("proxy", "note", "none trusted: behind one, set proxy.trusted and switch its buffering off")


def port_finding(name: str, address: Address, host: str) -> Finding:
    """Whether there is room to listen, or Marquee does so already; `host` is the platform's."""
    with socket.socket(socket.AF_INET6 if ":" in address.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            if _marquee_answers(address, host):
                return Finding(name, "ok", f"Marquee serves on {address}")
            return Finding(name, "bad", f"cannot listen on {address}: {error.strerror}")
    return Finding(name, "ok", f"{address} is free")


def _marquee_answers(address: Address, host: str) -> bool:
    try:
        return httpx.get(f"http://{address}/-/live", headers={"Host": host}, trust_env=False).is_success
    except httpx.HTTPError:
        return False
