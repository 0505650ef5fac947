"""The public pages of the `dmca_shield` add-on: the counter-notice form and the figures of a year."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.handlers import route
from litestar.params import Body
from msgspec import Meta, Struct

from addons.dmca_shield.counters import CounterFiling, file_counter
from addons.dmca_shield.deadlines import deadlines_of
from addons.dmca_shield.reports import collected, figures_of
from addons.dmca_shield.switch import NotSubscribed, shield_of
from content.takedowns.desk import Desk
from content.takedowns.errors import NoSuchNotice, NotDecidable, NoticeInvalid
from content.takedowns.repository import NoticeRepository
from storage.limits import Limits
from storage.moments import moment
from storefront.pages.browsing import READ, Text
from storefront.pages.request import TheTenant, TheThemes, page
from storefront.takedowns.limits import allow_notice

_PRIVATE: Final = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
_YEAR: Final = timedelta(days=365)
Field = Annotated[str, Meta(max_length=8_000)]


class CounterForm(Struct, frozen=True):
    """All as text; `website` is seen by programs alone."""

    receipt: Field = ""
    name: Field = ""
    address: Field = ""
    email: Field = ""
    phone: Field = ""
    material: Field = ""
    explanation: Field = ""
    mistaken: Field = ""
    jurisdiction: Field = ""
    signature: Field = ""
    website: Field = ""


@route("/legal/counter", http_method=READ)
async def counter_page(tenant: TheTenant, themes: TheThemes, receipt: Text = "") -> Response[str]:
    """The empty form."""
    shield_of(tenant)
    return page(themes, tenant, "legal/counter.html", _context(CounterForm(receipt=receipt), {}, None))


@post("/legal/counter", status_code=200)
async def send_counter(
    request: Request[Any, Any, Any],
    data: Annotated[CounterForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
    tenant: TheTenant,
    themes: TheThemes,
    takedowns: NamedDependency[Desk],
    limits: NamedDependency[Limits],
) -> Response[str]:
    """Says when the material is back, or shows the form again with what it lacks."""
    settings = shield_of(tenant)
    await allow_notice(limits, tenant.scope, request)
    problems: dict[str, str] = {}
    back: str | None = None
    try:
        notice = await file_counter(takedowns, tenant, _filing(data))
        due = deadlines_of(notice, settings, moment(takedowns.clock()))
        back = f"{due.restore_from:%Y-%m-%d}" if due.restore_from else ""
    except NoticeInvalid as error:
        problems = error.problems
    except NoSuchNotice:
        problems = {"receipt": "nothing was taken down under this number"}
    except NotDecidable as error:
        problems = {"receipt": str(error)}
    html = themes.render(tenant, "legal/counter.html", _context(data, problems, back))
    return Response(html, status_code=422 if problems else 200, media_type="text/html", headers=_PRIVATE)


@route("/legal/transparency", http_method=READ)
async def transparency_page(tenant: TheTenant, themes: TheThemes, takedowns: NamedDependency[Desk]) -> Response[str]:
    """Aggregated figures of the last year; nobody is named."""
    if not shield_of(tenant).is_public:
        raise NotSubscribed("transparency")
    now = moment(takedowns.clock())
    notices = NoticeRepository(takedowns.database, tenant.scope).between(now - _YEAR, now + timedelta(seconds=1))
    figures = msgspec.to_builtins(figures_of(await collected(notices)))
    names = {
        "copyright": "Copyright",
        "illegal_content": "Illegal content",
        "received": "Waiting",
        "upheld": "Taken down",
    }
    names |= {"rejected": "Rejected", "escalated": "Handed to the platform", "restored": "Put back"}
    context = {"figures": figures, "names": names, "since": f"{now - _YEAR:%Y-%m-%d}", "until": f"{now:%Y-%m-%d}"}
    return page(themes, tenant, "legal/transparency.html", context)


def _filing(form: CounterForm) -> CounterFiling:
    if form.website:
        raise NoticeInvalid({"website": "leave this field empty"})
    said: dict[str, Any] = {name: getattr(form, name) for name in CounterFiling.__struct_fields__}
    said |= {name: bool(said[name]) for name in ("mistaken", "jurisdiction")}
    said["receipt"] = said["receipt"].strip().upper()
    try:
        return msgspec.convert(said, CounterFiling)
    except msgspec.ValidationError as error:
        name = str(error).rpartition("$.")[2].rstrip("`")
        raise NoticeInvalid({name: "this is too long"}) from None


def _context(form: CounterForm, problems: dict[str, str], back: str | None) -> dict[str, Any]:
    fields = {name: getattr(form, name) for name in form.__struct_fields__}
    return {"form": fields, "problems": problems, "back": back}


SHIELD_PAGES: Final = [counter_page, transparency_page]
SHIELD_FORMS: Final = [send_counter]
