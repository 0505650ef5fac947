"""The store's rows as Telegram's objects, seen by one account."""

from typing import Any

from . import tl
from .model import Channel, Document, Post
from .world import World


def user(user_id: int, viewer_id: int) -> tl.Object:
    """A bot account."""
    return tl.types.User(
        id=user_id,
        is_self=user_id == viewer_id or None,
        bot=True,
        bot_info_version=1,
        access_hash=user_id,
        first_name=f"Sandbox bot {user_id}",
        username=f"sandbox_{user_id}_bot",
    )


def channel(world: World, row: Channel, viewer_id: int) -> tl.Object:
    """A broadcast channel in which the viewer is an administrator."""
    rights = tl.types.ChatAdminRights(post_messages=True, edit_messages=True, delete_messages=True)
    return tl.types.Channel(
        id=row.channel_id,
        title=row.title,
        photo=tl.types.ChatPhotoEmpty(),
        date=row.date,
        broadcast=True,
        access_hash=world.access_hash(row.channel_id, viewer_id),
        admin_rights=rights,
    )


def attributes(row: Document) -> list[Any]:
    """A document's attributes as they came with the upload, or its file name alone."""
    if row.attributes:
        return list(tl.read(row.attributes))
    return [tl.types.DocumentAttributeFilename(file_name=row.file_name)]


def document(world: World, row: Document, viewer_id: int) -> tl.Object:
    """A document with the viewer's own hash and a fresh reference."""
    return tl.types.Document(
        id=row.media_id,
        access_hash=world.access_hash(row.media_id, viewer_id),
        file_reference=world.file_reference(row, viewer_id),
        date=row.date,
        mime_type=row.mime,
        size=row.size_bytes,
        dc_id=row.advertised_dc_id,
        attributes=attributes(row),
    )


def photo(world: World, row: Document, viewer_id: int) -> tl.Object:
    """A photo in its one size."""
    return tl.types.Photo(
        id=row.media_id,
        access_hash=world.access_hash(row.media_id, viewer_id),
        file_reference=world.file_reference(row, viewer_id),
        date=row.date,
        sizes=[tl.types.PhotoSize(type="y", w=row.width, h=row.height, size=row.size_bytes)],
        dc_id=row.advertised_dc_id,
    )


def media(world: World, row: Document, viewer_id: int) -> tl.Object:
    """A document or photo as a message carries it."""
    if row.kind == "photo":
        return tl.types.MessageMediaPhoto(photo=photo(world, row, viewer_id))
    return tl.types.MessageMediaDocument(document=document(world, row, viewer_id))


def message(world: World, row: Post, viewer_id: int) -> tl.Object:
    """A channel's post."""
    stored = world.store.documents.get(row.media_id) if row.media_id is not None else None
    return tl.types.Message(
        id=row.message_id,
        peer_id=tl.types.PeerChannel(channel_id=row.channel_id),
        date=row.date,
        message=row.text,
        out=row.author_id == viewer_id or None,
        post=True,
        media=media(world, stored, viewer_id) if stored is not None else None,
    )
