"""The links that a member gets: for one device on one host, and no longer than the answer says."""

from __future__ import annotations

from collections.abc import Callable

from storefront.members import Member
from streaming.links import Claims, LinkSigner, Purpose, user_claim
from tenancy.resolver import ResolvedTenant


def signer_of(
    links: LinkSigner, tenant: ResolvedTenant, member: Member, slug: str, *, expires_at: int, purpose: Purpose
) -> Callable[[str], str]:
    """From the name of a bucket of the title to the token of a link."""

    def sign(bucket: str) -> str:
        return links.sign(
            Claims(
                tenant=tenant.id,
                host=tenant.host,
                user=user_claim(member.viewer.id),
                device=member.device,
                title=slug,
                bucket=bucket,
                expires_at=expires_at,
                purpose=purpose,
            )
        )

    return sign
