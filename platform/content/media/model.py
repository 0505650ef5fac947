"""What is known of a Telegram file id."""

from __future__ import annotations

from msgspec import field

from content.model import Part
from storage.repository import TenantDocument


class MediaFile(TenantDocument, kw_only=True):
    """The file behind a file id of one owner: its documents in order, or why there are none.

    `id` is the file id as the owner's titles write it. `mime` and `file_name` are as its uploader gave them.
    """

    id: str
    documents: list[Part] = field(default_factory=list[Part])
    mime: str | None = None
    file_name: str | None = None
    reason: str | None = None
