"""The dependencies `discussions` and `moderation`: the asked site's comments for whoever sends the request."""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation

from accounts.model import Viewer, ViewerId
from accounts.viewers import Viewers
from content.catalogue import Catalogue
from content.comments.errors import NoSuchComment, NoSuchTarget
from content.comments.marking import Marking
from content.comments.model import Comment
from content.comments.moderation import Moderation
from content.comments.naming import Names
from content.comments.reading import Reading
from content.comments.rules import who_may_write
from content.comments.subjects import Subject, subject_of
from content.comments.writing import Writing
from storage.audit import Audit
from storage.limits import Limits
from storage.moments import Clock
from storage.mongo import Database
from storefront.members import address_of
from tenancy.resolver import ResolvedTenant


class Discussions:
    """What can be read and written here by this viewer."""

    def __init__(
        self,
        database: Database,
        tenant: ResolvedTenant,
        catalogue: Catalogue,
        viewer: Viewer | None,
        limits: Limits,
        clock: Clock,
        *,
        address: str,
    ) -> None:
        rules = tenant.tenant.comments
        self.tenant = tenant
        self.viewer = viewer
        self.now = clock
        self.names = Names(database, tenant.scope, clock, [tenant.brand.name, tenant.id, *_labels(tenant.host)])
        self.reading = Reading(database, tenant.scope)
        self.writing = Writing(database, tenant.scope, rules, self.names, limits, clock, address=address)
        self.marking = Marking(database, tenant.scope, rules, limits, clock, address=address)
        self.why_closed = who_may_write(viewer, rules)
        self._catalogue = catalogue

    @property
    def viewer_id(self) -> ViewerId | None:
        """Whose eyes these are."""
        return None if self.viewer is None else self.viewer.id

    async def subject(self, target: str) -> Subject:
        """What a target names here. Raises NoSuchTarget, TitleBanned and AgeGateClosed."""
        return await subject_of(self._catalogue, self.tenant, target)

    async def comment(self, comment_id: str, viewer: Viewer | None) -> Comment:
        """A comment on something that the site shows. Raises NoSuchComment, TitleBanned and AgeGateClosed."""
        found = await self.reading.one(comment_id, viewer=None if viewer is None else viewer.id)
        try:
            await self.subject(found.ours.target)
        except NoSuchTarget:
            raise NoSuchComment("There is no such comment on this site.") from None
        return found


def discussions_of_request(
    request: Request[Any, Any, Any],
    database: NamedDependency[Database],
    tenant: NamedDependency[ResolvedTenant],
    catalogue: NamedDependency[Catalogue],
    viewer: NamedDependency[Viewer | None],
    limits: NamedDependency[Limits],
    clock: NamedDependency[SkipValidation[Clock]],
) -> Discussions:
    """The dependency `discussions`."""
    return Discussions(database, tenant, catalogue, viewer, limits, clock, address=address_of(request))


def moderation_of_site(
    database: NamedDependency[Database],
    tenant: NamedDependency[ResolvedTenant],
    audit: NamedDependency[Audit],
    viewers: NamedDependency[Viewers],
    clock: NamedDependency[SkipValidation[Clock]],
) -> Moderation:
    """The dependency `moderation`."""
    return Moderation(database, tenant.scope, audit, viewers, clock)


MODERATION = {"moderation": Provide(moderation_of_site, sync_to_thread=False)}


def _labels(host: str) -> list[str]:
    """`north` of `north.example`: what people call the site by its address."""
    return [host, *host.removeprefix("www.").split(".")[:1]]
