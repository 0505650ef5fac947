"""Taking a notice in: what the law asks of it, and its receipt.

17 U.S.C. § 512(c)(3)(A) asks for the work, the material and where it is, how to reach the sender, good faith, accuracy
under penalty of perjury, and a signature. Article 16(2) of Regulation (EU) 2022/2065 asks for a substantiated
explanation, the exact location, name and e-mail address (but for the sexual abuse of children), and good faith.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
from typing import Annotated, Any, Final, NamedTuple

from msgspec import Meta, Struct, structs

from content.takedowns.desk import Desk
from content.takedowns.errors import NoSuchNotice, NoticeInvalid
from content.takedowns.mailing import MAIL_RECEIPT
from content.takedowns.model import Event, Kind, Material, Notice, Party
from content.takedowns.naming import NotThisSite, address_of, material_of
from content.takedowns.repository import NoticeRepository
from storage.audit import Actor
from storage.moments import moment
from tenancy.resolver import ResolvedTenant

MOST_URLS: Final = 50
SENDER: Final = Actor("system", "notice-form")
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RECEIPT: Final = re.compile(rf"TD-[{_ALPHABET}]{{12}}", re.ASCII)
_EMAIL: Final = re.compile(r"[^@\s<>\"]{1,64}@[^@\s<>\"]{1,190}\.[^@\s<>\".]{1,60}")
_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
_CONTROLS: Final = frozenset({"Cc", "Cs"})

Line = Annotated[str, Meta(max_length=200)]
Text = Annotated[str, Meta(max_length=4_000)]


class Filing(Struct, frozen=True, kw_only=True):
    """A notice as its sender writes it. `urls` are addresses of this site."""

    kind: Kind = "copyright"
    name: Line = ""
    organisation: Line = ""
    on_behalf_of: Line = ""
    address: Annotated[str, Meta(max_length=600)] = ""
    email: Line = ""
    phone: Line = ""
    work: Text = ""
    urls: Annotated[list[Annotated[str, Meta(max_length=2_048)]], Meta(max_length=MOST_URLS)]
    explanation: Text = ""
    child_abuse: bool = False
    good_faith: bool = False
    accurate: bool = False
    signature: Line = ""


class Receipt(NamedTuple):
    """What the sender keeps: the number, and the secret that looks it up, which is never to be had again."""

    notice: Notice
    secret: str


async def file_notice(desk: Desk, tenant: ResolvedTenant, filing: Filing, *, acknowledged: bool = True) -> Receipt:
    """Stores the notice, and writes to its sender where it is to be acknowledged by letter.

    Raises NoticeInvalid naming every field that lacks something.
    """
    given = _cleaned(filing)
    problems = problems_of(given, tenant)
    if problems:
        raise NoticeInvalid(problems)
    secret = secrets.token_urlsafe(24)
    now = moment(desk.clock())
    notice = Notice(
        id="TD-" + "".join(secrets.choice(_ALPHABET) for _ in range(12)),
        secret=_hash(secret),
        kind=given.kind,
        party=_party(given),
        work=given.work,
        explanation=given.explanation,
        material=await _material(desk, tenant, given.urls),
        signature=given.signature,
        received_at=now,
        history=[Event(at=now, by="sender", what="received")],
    )
    await NoticeRepository(desk.database, tenant.scope).add(notice)
    await desk.audit.record(tenant.scope, SENDER, "takedown.receive", notice.id, {"kind": notice.kind})
    if notice.party.email and acknowledged:
        await desk.jobs.enqueue(tenant.scope, MAIL_RECEIPT, {"receipt": notice.id}, unique_key=notice.id)
    return Receipt(notice, secret)


async def notice_of(desk: Desk, tenant: ResolvedTenant, receipt: str, secret: str) -> Notice:
    """The notice that its sender looks up. Raises NoSuchNotice, whichever of the two is wrong."""
    found = None
    if is_receipt(receipt):
        found = await NoticeRepository(desk.database, tenant.scope).get(receipt)
    if not hmac.compare_digest(_hash(secret), "" if found is None else found.secret) or found is None:
        raise NoSuchNotice(receipt)
    return found


def is_receipt(text: str) -> bool:
    """Whether the text may be a receipt number."""
    return _RECEIPT.fullmatch(text) is not None


def problems_of(filing: Filing, tenant: ResolvedTenant) -> dict[str, str]:
    """What the notice lacks, by field."""
    lacks: dict[str, str] = {}
    needed = {"signature": "type your full name"}
    if filing.kind == "copyright":
        needed |= {
            "name": "who you are",
            "address": "a postal address",
            "work": "which work it is",
            "email": "where to",
        }
    else:
        needed["explanation"] = "why you hold it to be illegal"
        needed |= {} if filing.child_abuse else {"name": "who you are", "email": "where to write to you"}
        needed |= {} if filing.name else {"signature": ""}
    lacks |= {name: f"please say {what}" for name, what in needed.items() if what and not getattr(filing, name)}
    if filing.email and _EMAIL.fullmatch(filing.email) is None:
        lacks["email"] = "this is no e-mail address"
    if not filing.good_faith:
        lacks["good_faith"] = "a notice needs this statement"
    if not filing.accurate:
        lacks["accurate"] = "a notice needs this statement"
    return lacks | _url_problems(filing.urls, tenant)


def _url_problems(urls: list[str], tenant: ResolvedTenant) -> dict[str, str]:
    if not urls:
        return {"urls": "please give the address of each page, one a line"}
    for url in urls:
        try:
            address_of(url, tenant)
        except NotThisSite as error:
            return {"urls": f"{url[:120]}: {error}"}
    return {}


async def _material(desk: Desk, tenant: ResolvedTenant, urls: list[str]) -> list[Material]:
    return [await material_of(url, desk.database, tenant) for url in urls]


def _cleaned(filing: Filing) -> Filing:
    """The same without what cannot be seen: control characters, and marks that turn the direction of text."""
    names = [name for name in filing.__struct_fields__ if isinstance(getattr(filing, name), str)]
    texts: dict[str, Any] = {name: _plain(getattr(filing, name)) for name in names}
    urls = [url for each in filing.urls if (url := " ".join(_plain(each).split()))]
    return structs.replace(filing, **texts, urls=list(dict.fromkeys(urls)))


def _plain(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("".join(mark for mark in line if _is_seen(mark)) for line in lines).strip()


def _is_seen(mark: str) -> bool:
    return mark not in _BIDI and unicodedata.category(mark) not in _CONTROLS


def _party(filing: Filing) -> Party:
    return Party(**{name: getattr(filing, name) for name in Party.__struct_fields__})


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
