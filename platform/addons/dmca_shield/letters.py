"""Letters of the workflow, as plain text to be sent. Ours are templates; what a site adds is text and never a program.

A site's own words (`addons.dmca_shield.letters.<kind>`) take the place of a letter's body. In them `{{ receipt }}` and
the other names of FIELDS are replaced; everything else stays as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Literal, cast, get_args

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from addons.dmca_shield.deadlines import Deadlines
from addons.dmca_shield.switch import NAME
from content.takedowns.model import Notice
from tenancy.resolver import ResolvedTenant

LetterKind = Literal["acknowledgement", "upheld", "rejected", "counter_forwarded", "restored"]
KINDS: Final[tuple[LetterKind, ...]] = get_args(LetterKind)
LONGEST: Final = 8_000
_PLACEHOLDER: Final = re.compile(r"\{\{\s*([a-z_]{1,40})\s*\}\}", re.ASCII)
_BODIES: Final[Mapping[LetterKind, str]] = {
    "acknowledgement": (
        "We received your notice {{ receipt }} of {{ received }}. It is decided by {{ act_by }}.\n\n{{ urls }}"
    ),
    "upheld": (
        "Following your notice {{ receipt }}, this was taken down on {{ decided }}:\n\n{{ urls }}\n\n{{ reason }}"
    ),
    "rejected": "We looked at your notice {{ receipt }} and did not take the material down.\n\n{{ reason }}",
    "counter_forwarded": (
        "In answer to your notice {{ receipt }} we received a counter-notice. A copy is attached.\n\n"
        "Unless you tell us that you filed an action in court, we put the material back between {{ restore_from }} and "
        "{{ restore_by }} (17 U.S.C. § 512(g)(2)(C))."
    ),
    "restored": "What was taken down for notice {{ receipt }} was put back.\n\n{{ reason }}",
}
_FRAME: Final = """To: {{ to }}

{% if name %}Dear {{ name }},

{% endif %}{{ body }}

{{ agent }}
{{ site }}
"""
_ENVIRONMENT: Final = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


def letter(kind: LetterKind, tenant: ResolvedTenant, notice: Notice, deadlines: Deadlines) -> str:
    """The letter to the sender of the notice."""
    fields = _fields(tenant, notice, deadlines)
    own = own_words(tenant, kind)
    body = _filled(own, fields) if own is not None else _ENVIRONMENT.from_string(_BODIES[kind]).render(fields)
    framed = {**fields, "to": notice.party.email, "name": notice.party.name, "body": body.strip()}
    return _ENVIRONMENT.from_string(_FRAME).render(framed)


def own_words(tenant: ResolvedTenant, kind: LetterKind) -> str | None:
    """What the site put in the place of a letter's body."""
    addon: Any = tenant.tenant.addons.get(NAME)
    letters: Any = cast("dict[str, Any]", addon).get("letters") if isinstance(addon, dict) else None
    text: Any = cast("dict[str, Any]", letters).get(kind) if isinstance(letters, dict) else None
    return text[:LONGEST] if isinstance(text, str) and text.strip() else None


def _filled(text: str, fields: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: fields.get(found[1], found[0]), text)


def _fields(tenant: ResolvedTenant, notice: Notice, deadlines: Deadlines) -> dict[str, str]:
    decision, legal = notice.decision, tenant.tenant.legal
    return {
        "receipt": notice.id,
        "received": f"{notice.received_at:%Y-%m-%d}",
        "decided": "" if decision is None else f"{decision.at:%Y-%m-%d}",
        "reason": "" if decision is None else decision.public_reason,
        "urls": "\n".join(each.url for each in notice.material),
        "act_by": f"{deadlines.act_by:%Y-%m-%d %H:%M} UTC",
        "restore_from": "" if deadlines.restore_from is None else f"{deadlines.restore_from:%Y-%m-%d}",
        "restore_by": "" if deadlines.restore_by is None else f"{deadlines.restore_by:%Y-%m-%d}",
        "site": tenant.brand.name or tenant.host,
        "agent": legal.agent_name or legal.name or tenant.brand.name,
    }
