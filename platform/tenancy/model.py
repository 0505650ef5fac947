"""What a tenant is: the document that its operator brought, and what the platform adds to it.

Every datetime is naive and means UTC.
"""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec

HoldKind = Literal["billing", "legal", "operator", "contract"]
Serving = Literal["active", "past_due", "suspended"]
STATUSES: Final[tuple[Serving, ...]] = ("active", "past_due", "suspended")
Line = Annotated[str, msgspec.Meta(max_length=200)]
PLANS: Final = ("rev_share", "fixed_fee")


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A reason why a tenant may not serve. At most one of a kind; each is lifted by itself."""

    kind: HoldKind
    reason: str
    since: datetime
    by: str


class PastHold(msgspec.Struct, frozen=True, kw_only=True):
    """A hold that was lifted: bills need to know for how long it stood."""

    kind: HoldKind
    since: datetime
    until: datetime


class Colours(msgspec.Struct, frozen=True, kw_only=True):
    """Two accents as CSS colours; a theme derives the rest. None is the theme's own."""

    accent: str | None = None
    accent2: str | None = None


class Brand(msgspec.Struct, frozen=True, kw_only=True):
    """What viewers see of a tenant; None is the theme's own. `logo_blob` is the id of a blob, `locale` a BCP 47 tag."""

    name: str = ""
    tagline: str | None = None
    logo_blob: str | None = None
    colours: Colours = Colours()
    radius: str | None = None
    density: str | None = None
    font_pair: str | None = None
    hero: str | None = None
    locale: str | None = None


class CataloguePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What a tenant shows of the shared library. An empty allow list allows everything; a block list always wins.

    `shared=False` shows the tenant's own titles alone. Titles are named by their ids.
    """

    media_types: tuple[str, ...] = ()
    content_ratings: tuple[str, ...] = ()
    genres_allow: tuple[str, ...] = ()
    genres_block: tuple[str, ...] = ()
    titles_allow: tuple[Any, ...] = ()
    titles_block: tuple[Any, ...] = ()
    shared: bool = True


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """Who gets the site's own streams, and who may keep its files; `premium` is whose role allows it."""

    streams: Literal["everyone", "premium"] = "everyone"
    downloads: Literal["everyone", "premium", "nobody"] = "premium"


class Takedown(msgspec.Struct, frozen=True, kw_only=True):
    """What this site took down of the shared catalogue: a title by its id, or only a `unit` or a `file` of it."""

    title: str
    unit: str | None = None
    file: str | None = None
    public_reason: str = ""
    case: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether the whole title is gone."""
        return self.unit is None and self.file is None


class AgeGate(msgspec.Struct, frozen=True, kw_only=True):
    """Who gets to see what is for adults: those who say that they are `minimum` years old or, not `enabled`, nobody."""

    enabled: bool = True
    minimum: Annotated[int, msgspec.Meta(ge=10, le=99)] = 18


class Legal(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers for the site, and who takes notices; shown to everybody at /legal.

    `jurisdiction` is the country whose law it answers to, `dsa_contact` the single point of contact of Articles 11 and
    12 of the Digital Services Act. `strikes` infringements of the site close it with a legal hold, as many of one
    viewer exclude the viewer; 0 is never.
    """

    name: Line = ""
    address: Annotated[str, msgspec.Meta(max_length=600)] = ""
    email: Line = ""
    phone: Line = ""
    agent_name: Line = ""
    agent_address: Annotated[str, msgspec.Meta(max_length=600)] = ""
    agent_email: Line = ""
    agent_phone: Line = ""
    agent_registration: Line = ""
    jurisdiction: Line = ""
    dsa_contact: Line = ""
    strikes: Annotated[int, msgspec.Meta(ge=0, le=1_000)] = 10


class Referrals(msgspec.Struct, frozen=True, kw_only=True):
    """What inviting brings: `reward_days` of premium for every `per_sign_ups` people (0: nothing), at most so often."""

    reward_days: Annotated[int, msgspec.Meta(ge=0, le=3_650)] = 0
    per_sign_ups: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 1
    most_rewards: Annotated[int, msgspec.Meta(ge=0, le=1_000)] = 12


class MembershipOffer(msgspec.Struct, frozen=True, kw_only=True):
    """Premium as the site sells it, in minor units of the tenant's currency; a price of 0 is not sold.

    Prices hold the tax of `tax_bps` basis points. `gifts`: whether it is sold for somebody else, too.
    """

    enabled: bool = False
    monthly: Annotated[int, msgspec.Meta(ge=0, le=10**10)] = 0
    yearly: Annotated[int, msgspec.Meta(ge=0, le=10**10)] = 0
    tax_bps: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 0
    tax_name: Line = ""
    gifts: bool = True


class PayoutWay(msgspec.Struct, frozen=True, kw_only=True):
    """How the operator is paid out: to a Connect account of Stripe, else by hand to the account that `to` names."""

    stripe_account: Annotated[str, msgspec.Meta(pattern=r"^(acct_[A-Za-z0-9]{1,64})?$")] = ""
    to: Line = ""


class CommentRules(msgspec.Struct, frozen=True, kw_only=True):
    """Who may comment, and after how many viewers' flags a comment is held back until a moderator has looked."""

    who: Literal["everyone", "signed_in", "nobody"] = "everyone"
    flags: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 3


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """The bot that signs this site's viewers in with Telegram. What is secret of it is in LoginSecrets alone."""

    bot_id: str | None = None
    bot_username: str | None = None
    client_id: str | None = None


class LoginSecrets(msgspec.Struct, frozen=True, kw_only=True):
    """What only signing in reads; it prints as nothing, and no document, command or answer shows it."""

    bot_token: str | None = None
    client_secret: str | None = None

    def __repr__(self) -> str:
        """Which there are, and not what."""
        return f"LoginSecrets({', '.join(name for name in self.__struct_fields__ if getattr(self, name))})"


class Tenant(msgspec.Struct, frozen=True, kw_only=True):
    """A franchise site. The first group of fields is the operator's document, the second lies under `_marquee`.

    `domains` are canonical host names, the primary one first. `status` is derived from `holds` and `past_due`.
    `currency` is an ISO 4217 code. `generation` counts the writes.
    """

    id: str
    domain: str
    owner_email: str = ""
    plan: str = "fixed_fee"
    status: Serving = "active"
    addons: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    subscription: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    stats: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])

    domains: tuple[str, ...] = ()
    brand: Brand = Brand()
    theme: str = "base"
    policy: CataloguePolicy = CataloguePolicy()
    access: Access = Access()
    takedowns: tuple[Takedown, ...] = ()
    age_gate: AgeGate = AgeGate()
    legal: Legal = Legal()
    comments: CommentRules = CommentRules()
    referrals: Referrals = Referrals()
    membership: MembershipOffer = MembershipOffer()
    payouts: PayoutWay = PayoutWay()
    login: Login = Login()
    holds: tuple[Hold, ...] = ()
    past_holds: tuple[PastHold, ...] = ()
    past_due: bool = False
    currency: str = "USD"
    created_at: datetime | None = None
    generation: int = 0


def serving_of(holds: tuple[Hold, ...], *, past_due: bool) -> Serving:
    """What a tenant's status is: any hold suspends it, a missed payment alone does not."""
    if holds:
        return "suspended"
    return "past_due" if past_due else "active"
