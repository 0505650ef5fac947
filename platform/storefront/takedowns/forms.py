"""The notice form: what a browser sends, and what the page shows of it again when something is missing."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from content.takedowns.errors import NoticeInvalid
from content.takedowns.filing import MOST_URLS, Filing

Field = Annotated[str, Meta(max_length=8_000)]
_TEXTS: Final = (
    *("name", "organisation", "on_behalf_of", "address", "email", "phone"),
    *("work", "explanation", "signature"),
)
_CHECKS: Final = ("child_abuse", "good_faith", "accurate")
_KIND: Final = "copyright"


class NoticeForm(Struct, frozen=True):
    """All as text: what is too long or odd is told beside its field. `website` is seen by programs alone."""

    kind: Field = _KIND
    name: Field = ""
    organisation: Field = ""
    on_behalf_of: Field = ""
    address: Field = ""
    email: Field = ""
    phone: Field = ""
    work: Field = ""
    urls: Annotated[str, Meta(max_length=40_000)] = ""
    explanation: Field = ""
    child_abuse: Field = ""
    good_faith: Field = ""
    accurate: Field = ""
    signature: Field = ""
    website: Field = ""


def filing_of(form: NoticeForm) -> Filing:
    """What the form says. Raises NoticeInvalid for what is too long, and for what no person filled in."""
    if form.website:
        raise NoticeInvalid({"website": "leave this field empty"})
    urls = [line.strip() for line in form.urls.splitlines() if line.strip()]
    if len(urls) > MOST_URLS:
        raise NoticeInvalid({"urls": f"at most {MOST_URLS} addresses a notice"})
    said: dict[str, object] = {name: getattr(form, name) for name in _TEXTS}
    said |= {name: bool(getattr(form, name)) for name in _CHECKS}
    too_long: dict[str, str] = {}
    for name, value in {**said, "kind": form.kind, "urls": urls}.items():
        try:
            msgspec.convert({"urls": [], name: value}, Filing)
        except msgspec.ValidationError:
            too_long[name] = "this is too long" if name != "kind" else "choose one of the two"
    if too_long:
        raise NoticeInvalid(too_long)
    return msgspec.convert({**said, "kind": form.kind, "urls": urls}, Filing)


def shown_again(form: NoticeForm) -> dict[str, str]:
    """The fields as they were filled in."""
    return {name: getattr(form, name) for name in form.__struct_fields__}
