"""The store's rows as Telegram's objects, seen by one account."""

from typing import Any

from pyrogram import raw

from .model import Channel, Document, Post
from .rpc import read_object
from .world import World


def user(user_id: int, viewer_id: int) -> raw.types.User:
    """A bot account."""
    return raw.types.User(
        id=user_id,
        is_self=user_id == viewer_id or None,
        bot=True,
        bot_info_version=1,
        access_hash=user_id,
        first_name=f"Sandbox bot {user_id}",
        username=f"sandbox_{user_id}_bot",
    )


def channel(world: World, row: Channel, viewer_id: int) -> raw.types.Channel:
    """A broadcast channel in which the viewer is an administrator."""
    rights = raw.types.ChatAdminRights(post_messages=True, edit_messages=True, delete_messages=True)
    return raw.types.Channel(
        id=row.channel_id,
        title=row.title,
        photo=raw.types.ChatPhotoEmpty(),
        date=row.date,
        broadcast=True,
        access_hash=world.access_hash(row.channel_id, viewer_id),
        admin_rights=rights,
    )


def attributes(row: Document) -> list[Any]:
    """A document's attributes as they came with the upload, or its file name alone."""
    if row.attributes:
        return list(read_object(row.attributes))
    return [raw.types.DocumentAttributeFilename(file_name=row.file_name)]


def document(world: World, row: Document, viewer_id: int) -> raw.types.Document:
    """A document with the viewer's own hash and a fresh reference."""
    return raw.types.Document(
        id=row.media_id,
        access_hash=world.access_hash(row.media_id, viewer_id),
        file_reference=world.file_reference(row, viewer_id),
        date=row.date,
        mime_type=row.mime,
        size=row.size_bytes,
        dc_id=row.advertised_dc_id,
        attributes=attributes(row),
    )


def photo(world: World, row: Document, viewer_id: int) -> raw.types.Photo:
    """A photo in its one size."""
    return raw.types.Photo(
        id=row.media_id,
        access_hash=world.access_hash(row.media_id, viewer_id),
        file_reference=world.file_reference(row, viewer_id),
        date=row.date,
        sizes=[raw.types.PhotoSize(type="y", w=row.width, h=row.height, size=row.size_bytes)],
        dc_id=row.advertised_dc_id,
    )


def media(world: World, row: Document, viewer_id: int) -> raw.types.MessageMediaDocument | raw.types.MessageMediaPhoto:
    """A document or photo as a message carries it."""
    if row.kind == "photo":
        return raw.types.MessageMediaPhoto(photo=photo(world, row, viewer_id))
    return raw.types.MessageMediaDocument(document=document(world, row, viewer_id))


def message(world: World, row: Post, viewer_id: int) -> raw.types.Message:
    """A channel's post."""
    stored = world.store.documents.get(row.media_id) if row.media_id is not None else None
    return raw.types.Message(
        id=row.message_id,
        peer_id=raw.types.PeerChannel(channel_id=row.channel_id),
        date=row.date,
        message=row.text,
        out=row.author_id == viewer_id or None,
        post=True,
        media=media(world, stored, viewer_id) if stored is not None else None,
    )
