"""A tenant with something of everything, every word of which says whose it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, cast

from msgspec import structs

from accounts.model import Profile, SignUp
from accounts.referrals.repository import Reward, RewardRepository, SignUpRepository
from accounts.repository import ViewerRepository
from billing.memberships.model import Membership, Purchase
from billing.memberships.repository import MembershipRepository, PurchaseRepository
from billing.settlements.model import Payout
from billing.settlements.repository import PayoutRepository
from content.comments.model import Commenter
from content.comments.people import CommenterRepository, FlagRepository, LikeRepository
from content.importing.target import Target
from content.intro.crowd import Vote
from content.intro.votes import IntroVotes
from content.media.model import MediaFile
from content.media.repository import MediaRepository
from content.notices.model import PendingAddress
from content.notices.repository import ReleaseRepository, WishesRepository, pending_fields
from content.notices.telling import Notices
from content.progress.model import TitleProgress, UnitProgress
from content.progress.repository import ProgressRepository
from content.reports.repository import ReporterRepository
from content.takedowns.filing import Filing, file_notice
from content.takedowns.repository import BannedFileRepository
from content.watchlist.repository import WatchlistRepository
from runtime.stores import Stores
from storage.audit import Actor
from storage.moments import moment
from storage.scope import TenantScope
from tenancy.desk import change_tenant
from tenancy.usage import Booking, UsageRepository
from tests.content.samples import COMMENT, MANGA, MOVIE, REPORT, SERIES, USER, film
from tests.support.platform import ACTOR, Composed, open_site, take_in

FILMS: Final = 40  # more than a page of any list, so that lists have cursors
# Closed sets and forms that the import reads; everything else may carry a mark.
MEANT: Final = {
    "content_rating",
    "file_reference",
    "genres",
    "issue",
    "media_type",
    "mime",
    "moderation_status",
    "role",
    "status",
    "type",
}
_SIZES: Final = {"chat", "size_bytes"}
_LEAST_SECRET_NUMBER: Final = 10_000


def marked(value: object, mark: str, number: int, key: str = "") -> Any:
    """The value with the mark in every free text and the number in front of every large integer.

    `mark` has six letters, so that a short_id can carry it.
    """
    if isinstance(value, dict):
        named = cast("dict[str, object]", value)
        return {
            (f"{mark}-{name}" if key == "history" else name): marked(inner, mark, number, name)
            for name, inner in named.items()
        }
    if isinstance(value, list):
        return [marked(inner, mark, number, key) for inner in cast("list[object]", value)]
    if isinstance(value, str) and key not in MEANT:
        if key == "short_id":
            return mark + value[-1]
        return f"{mark}{' ' if ' ' in value else '-'}{value}"
    if isinstance(value, int) and abs(value) >= _LEAST_SECRET_NUMBER and key not in _SIZES:
        return number * 10**15 + abs(value)
    return value


async def seed(platform: Composed, mark: str, number: int, folder: Path) -> TenantScope:
    """Opens `<mark>.example`, imports a dump of every collection of the contract, and leaves the other traces."""
    stores = platform.stores
    picture = b"\x89PNG " + mark.encode()
    tenant = await open_site(stores, mark, f"{mark}.example", brand__name=f"{mark} Cinema", theme="nocturne")
    films = [film(place, genres=["Drama"], overview="An overview of it") for place in range(FILMS)]
    collections = {
        "library": [MOVIE, SERIES, MANGA, *films],
        "users": [USER, {**USER, "_id": "guest-0badcafe", "type": "guest"}],
        "comments": [COMMENT],
        "reports": [REPORT],
        "collections": [
            {"_id": "picks", "name": "The picks", "overview": "Of it", "titles": ["tmdb_10378", "manga_sample"]}
        ],
    }
    for name, documents in collections.items():
        await take_in(stores, Target.tenant(tenant.scope), name, marked(documents, mark, number), folder / mark)
    await MediaRepository(stores.database, tenant.scope).keep(
        MediaFile(id=f"{mark}-BAACAg", mime="video/mp4", file_name=f"{mark}-episode.mp4", reason=f"{mark} is away")
    )
    await sign_ins(stores, tenant.scope, mark, number)
    await stores.blobs.put(tenant.scope, f"{mark}.png", picture, "image/png")
    await stores.jobs.enqueue(tenant.scope, "medic", {"target_id": f"{mark}-film"}, run_at=stores.clock() + 1e6)
    await stores.audit.record(tenant.scope, Actor("staff", f"{mark}-ann"), "title.hide", f"{mark}-film", {})
    await UsageRepository(stores.database, tenant.scope).book(
        "2027-01-15", Booking(f"{mark}-node", 1, {"0000": number * 10**15}, 1)
    )
    await _follow(platform, tenant.scope, mark)
    await _complain(platform, tenant.scope, mark)
    await _talk(platform, tenant.scope, mark)
    await _sell(platform, tenant.scope, mark, number)
    votes = IntroVotes(stores.database, tenant.scope, stores.clock)
    await votes.cast(f"{mark}-tmdb_10378", f"{mark}-guest-0badcafe", Vote(12, 34), None)
    return tenant.scope


async def _talk(platform: Composed, scope: TenantScope, mark: str) -> None:
    """Somebody with a name who likes, flags and reports, and one of the site's own people."""
    stores = platform.stores
    database, now = stores.database, moment(stores.clock())
    viewer, comment, report = f"{mark}-viewer", f"{mark}-{COMMENT['_id']}", f"{mark}-{REPORT['_id']}"
    name = Commenter(
        id=viewer, nickname=f"{mark} Owl", skeleton=f"{mark}owl", avatar_seed=f"{mark}-seed", created_at=now
    )
    await CommenterRepository(database, scope).add(name)
    await LikeRepository(database, scope).add(comment, viewer, now)
    await FlagRepository(database, scope).add(comment, viewer, now, f"{mark} is rude")
    await ReporterRepository(database, scope).add(report, viewer, 1, f"{mark} breaks off")
    await stores.staff.create(scope, f"{mark} Mod", "moderator", actor=Actor("system", f"{mark}-start"))


async def _follow(platform: Composed, scope: TenantScope, mark: str) -> None:
    """Somebody who watches, keeps a list, is told, has an address and a feed, and was invited."""
    stores = platform.stores
    database, now = stores.database, moment(stores.clock())
    viewer, title = f"{mark}-viewer", f"{mark}-film_001"
    place = UnitProgress(at=now, position=60, duration=600, session=f"{mark}-tab", seq=1)
    seen = TitleProgress(id=None, viewer=viewer, title=title, unit="", at=now, last=place, live=True)
    await ProgressRepository(database, scope).write(seen, {"": place}, None)
    await WatchlistRepository(database, scope).add(viewer, title, now, notify=True)
    await ReleaseRepository(database, scope).claim(title, "s1e1", f"{mark}-batch", now)
    pending = PendingAddress(email=f"{mark}-new@mail.example", token=f"{mark}-pending", expires_at=now)
    fields = {"email": f"{mark}@mail.example", "confirmed_at": now, "feed": f"{mark}-feed", "stop": f"{mark}-stop"}
    wishes = WishesRepository(database, scope)
    await wishes.set(viewer, {**fields, "pending": pending_fields(pending), "site": f"https://{mark}.example"})
    notices = Notices(database, stores.jobs, stores.clock)
    await notices.tell(scope, viewer, "report", key=mark, text=f"{mark} was mended", url=f"/title/{mark}")
    await SignUpRepository(database, scope).first(f"{mark}-guest", f"{mark}-inviter", now)
    reward_id = {"inviter": f"{mark}-inviter", "number": 1}
    await RewardRepository(database, scope).add(
        Reward(id=reward_id, inviter=f"{mark}-inviter", number=1, until=now, given=True)
    )


async def _sell(platform: Composed, scope: TenantScope, mark: str, number: int) -> None:
    """Somebody who bought premium and a gift, and what the operator has of it."""
    stores = platform.stores
    database, now = stores.database, moment(stores.clock())
    await change_tenant(stores.desk, mark, {"membership.enabled": True, "membership.monthly": 499}, actor=ACTOR)
    bought = Purchase(
        id=f"{mark}-purchase",
        plan="monthly",
        buyer=f"{mark}-viewer",
        holder=f"{mark}-viewer",
        series=f"{mark}-purchase",
        amount=number * 10**15,
        tax=0,
        currency="USD",
        gateway="stripe",
        state="paid",
        created_at=now,
        paid_at=now,
    )
    purchases = PurchaseRepository(database, scope)
    await purchases.add(bought)
    await purchases.add(structs.replace(bought, id=f"{mark}-gift", gift=True, holder=None, code=f"{mark}-GIFT-CODE"))
    membership = Membership(
        id=f"{mark}-viewer",
        plan="monthly",
        series=f"{mark}-purchase",
        customer=f"{mark}-customer",
        method=f"{mark}-card",
        currency="USD",
        paid_until=now,
    )
    await MembershipRepository(database, scope).put(membership)
    payout = Payout(id="0", amount=number * 10**15, currency="USD", to=f"{mark} Bank", created_at=now)
    await PayoutRepository(database, scope).add(payout)


async def _complain(platform: Composed, scope: TenantScope, mark: str) -> None:
    """A notice that was taken in, and a file that is remembered."""
    stores = platform.stores
    tenant = await stores.resolver.by_id(scope.tenant_id)
    assert tenant is not None
    filing = Filing(
        name=f"{mark} Ada",
        address=f"{mark} Street",
        email=f"{mark}@rights.example",
        work=f"{mark} work",
        urls=[f"https://{mark}.example/title/{mark}-film_001"],
        explanation=f"{mark} explanation",
        good_faith=True,
        accurate=True,
        signature=f"{mark} Ada",
    )
    await file_notice(stores.takedowns, tenant, filing)
    files = BannedFileRepository(stores.database, scope)
    now = moment(stores.clock())
    await files.remember(
        f"hash:{mark}-gone", case=f"{mark}-case", whole=True, public_reason=f"{mark} reason", now=now, bearers=[]
    )


async def sign_ins(stores: Stores, scope: TenantScope, mark: str, number: int) -> None:
    """A login bot, somebody with a token and a grant, and a guest with a recovery code."""
    bot = {
        "login.bot_id": str(number * 10**6),
        "login.bot_username": f"{mark}_bot",
        "login.client_id": str(number * 10**6),
    }
    secrets = {"login.client_secret": f"{mark}-client-secret"}
    await change_tenant(stores.desk, mark, {**bot, **secrets}, actor=ACTOR)
    viewer_id = number * 10**15 + 7
    repository = ViewerRepository(stores.database, scope)
    now = moment(stores.clock())
    await repository.add_telegram(viewer_id, Profile(f"{mark} Ferro", f"{mark}_f"), SignUp(f"{mark}-code"), now)
    await stores.viewers.grant(scope, viewer_id, "premium", None, f"{mark} gift", actor=ACTOR, key=f"{mark}-gift")
    await stores.sessions.mint_token(scope, viewer_id, f"{mark} reader")
    opened = await stores.sessions.open_guest_session(scope, f"{mark}/1.0")
    await stores.recovery.make(scope, opened.viewer)
