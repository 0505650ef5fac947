"""Channels and documents of a sandbox: putting them there, and what a test asks about them."""

import hashlib
import secrets
from pathlib import Path
from typing import Literal

from . import messages
from .downloads import stored_bytes
from .model import Channel, Document, DocumentInfo, bare_channel_id
from .world import World


class Stock:
    """What is stored, over one world."""

    def __init__(self, world: World) -> None:
        self.world = world

    def add_channel(self, channel_id: int, title: str = "Storage") -> int:
        """Make a channel, or leave the one that is there; bots may read and post. Gives its -100… id."""
        bare = bare_channel_id(channel_id)
        row = self.world.store.channels.get(bare)
        if row is None:
            row = Channel(channel_id=bare, title=title, date=int(self.world.clock()))
            self.world.store.put_channel(row)
        return row.chat_id

    def add_document(
        self,
        chat_id: int,
        size_bytes: int | None = None,
        *,
        seed: str | None = None,
        path: Path | None = None,
        dc_id: int | None = None,
        advertised_dc_id: int | None = None,
        mime: str = "video/mp4",
        file_name: str = "film.mp4",
        kind: Literal["document", "photo"] = "document",
        text: str = "",
    ) -> DocumentInfo:
        """Post a document in a channel: `size_bytes` of computed content (its id follows from `seed`), or the file at
        `path`, read where it lies. `advertised_dc_id`: what the message says where `dc_id` is to come as a surprise.
        """
        if (size_bytes is None) == (path is None):
            raise ValueError("give either size_bytes or path")
        at = dc_id if dc_id is not None else self.world.options.home_dc_id
        row = Document(
            media_id=_media_id(seed),
            kind=kind,
            size_bytes=path.stat().st_size if path is not None else size_bytes or 0,
            dc_id=at,
            advertised_dc_id=advertised_dc_id if advertised_dc_id is not None else at,
            mime=mime,
            file_name=file_name,
            path=str(path.resolve()) if path is not None else None,
            date=int(self.world.clock()),
            width=1280,
            height=720,
        )
        self.world.store.put_document(row)
        channel = self.world.store.channels[bare_channel_id(chat_id)]
        post = messages.post(self.world, channel, text=text, media_id=row.media_id, author_id=0)
        return self._describe(row, channel, post.message_id, 0)

    def document(self, media_id: int, *, user_id: int = 0) -> DocumentInfo:
        """Describe a document as `user_id` (a bot's id) would name it now, by its first message. Raises KeyError."""
        post = next(post for post in self.world.store.posts.values() if post.media_id == media_id)
        return self._describe(
            self.world.store.documents[media_id], self.world.store.channels[post.channel_id], post.message_id, user_id
        )

    def content(self, media_id: int, start: int, end: int) -> bytes:
        """Bytes [start, end) of any document, cut at its end."""
        return stored_bytes(self.world, self.world.store.documents[media_id], start, end)

    def move_document(self, media_id: int, dc_id: int, *, advertise: bool = False) -> None:
        """Move a document to another datacenter; the messages go on naming the old one unless told to `advertise`."""
        row = self.world.store.documents[media_id]
        row.dc_id = dc_id
        row.advertised_dc_id = dc_id if advertise else row.advertised_dc_id
        self.world.store.put_document(row)

    def expire_references(self, media_id: int) -> None:
        """End every file reference to a document handed out so far."""
        self.world.expire_references(self.world.store.documents[media_id])

    def delete_message(self, chat_id: int, message_id: int) -> None:
        """Delete a message; its document can be fetched no longer than its references live."""
        self.world.store.drop_post(self.world.store.posts[bare_channel_id(chat_id), message_id])

    def _describe(self, row: Document, channel: Channel, message_id: int, user_id: int) -> DocumentInfo:
        return DocumentInfo(
            media_id=row.media_id,
            access_hash=self.world.access_hash(row.media_id, user_id),
            file_reference=self.world.file_reference(row, user_id),
            size_bytes=row.size_bytes,
            dc_id=row.dc_id,
            chat_id=channel.chat_id,
            message_id=message_id,
            mime=row.mime,
            file_name=row.file_name,
        )


def _media_id(seed: str | None) -> int:
    if seed is None:
        return secrets.randbits(62)
    return int.from_bytes(hashlib.blake2b(seed.encode(), digest_size=8).digest(), "big") >> 2
