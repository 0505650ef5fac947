"""channels.* and messages.*: reading posts, and posting what was uploaded."""

from collections.abc import Mapping
from typing import Any, Final

from . import objects, tl
from .faults import Refusal
from .model import Channel, Document, Post
from .rpc import Caller, Handler
from .world import World


def post(
    world: World, channel: Channel, *, text: str, media_id: int | None, author_id: int, random_id: int = 0
) -> Post:
    """Add a message at a channel's end."""
    channel.last_message_id += 1
    row = Post(
        channel_id=channel.channel_id,
        message_id=channel.last_message_id,
        date=int(world.clock()),
        text=text,
        media_id=media_id,
        author_id=author_id,
        random_id=random_id,
    )
    world.store.put_channel(channel)
    world.store.put_post(row)
    return row


def peer_channel(caller: Caller, peer: Any) -> Channel:
    """The channel an input peer or input channel names. Raises Refusal."""
    if not isinstance(peer, tl.types.InputPeerChannel | tl.types.InputChannel):
        raise Refusal(400, "PEER_ID_INVALID")
    return caller.world.channel(peer.channel_id, peer.access_hash, caller.user_id)


def _get_channels(caller: Caller, query: Any) -> tl.Object:
    found = [peer_channel(caller, given) for given in query.id]
    return tl.types.messages.Chats(chats=[objects.channel(caller.world, row, caller.user_id) for row in found])


def _full_channel(caller: Caller, query: Any) -> tl.Object:
    row = peer_channel(caller, query.channel)
    full = tl.types.ChannelFull(
        id=row.channel_id,
        about="",
        read_inbox_max_id=0,
        read_outbox_max_id=0,
        unread_count=0,
        chat_photo=tl.types.PhotoEmpty(id=0),
        notify_settings=tl.types.PeerNotifySettings(),
        bot_info=[],
        pts=row.last_message_id + 1,
    )
    return tl.types.messages.ChatFull(
        full_chat=full, chats=[objects.channel(caller.world, row, caller.user_id)], users=[]
    )


def _get_messages(caller: Caller, query: Any) -> tl.Object:
    channel = peer_channel(caller, query.channel)
    messages: list[Any] = []
    for wanted in query.id:
        if not isinstance(wanted, tl.types.InputMessageID):
            raise Refusal(400, "MSG_ID_INVALID")
        row = caller.world.store.posts.get((channel.channel_id, wanted.id))
        messages.append(
            objects.message(caller.world, row, caller.user_id)
            if row is not None
            else tl.types.MessageEmpty(id=wanted.id, peer_id=tl.types.PeerChannel(channel_id=channel.channel_id))
        )
    return tl.types.messages.ChannelMessages(
        pts=channel.last_message_id + 1,
        count=len(messages),
        messages=messages,
        topics=[],
        chats=[objects.channel(caller.world, channel, caller.user_id)],
        users=[],
    )


def _get_private(caller: Caller, query: Any) -> tl.Object:
    empty: list[Any] = [tl.types.MessageEmpty(id=wanted.id) for wanted in query.id if hasattr(wanted, "id")]
    return tl.types.messages.Messages(messages=empty, topics=[], chats=[], users=[])


def _channel_difference(caller: Caller, query: Any) -> tl.Object:
    channel = peer_channel(caller, query.channel)
    return tl.types.updates.ChannelDifferenceEmpty(pts=channel.last_message_id + 1, final=True)


def _posted(caller: Caller, channel: Channel, row: Post) -> tl.Object:
    new = tl.types.UpdateNewChannelMessage(
        message=objects.message(caller.world, row, caller.user_id), pts=row.message_id + 1, pts_count=1
    )
    return tl.types.Updates(
        updates=[tl.types.UpdateMessageID(id=row.message_id, random_id=row.random_id), new],
        users=[objects.user(caller.user_id, caller.user_id)],
        chats=[objects.channel(caller.world, channel, caller.user_id)],
        date=row.date,
        seq=0,
    )


def _check_random_id(caller: Caller, channel: Channel, random_id: int) -> None:
    recent = range(max(0, channel.last_message_id - 100), channel.last_message_id + 1)
    rows = (caller.world.store.posts.get((channel.channel_id, number)) for number in recent)
    if any(row is not None and row.random_id == random_id and row.author_id == caller.user_id for row in rows):
        raise Refusal(500, "RANDOM_ID_DUPLICATE")


def _send_message(caller: Caller, query: Any) -> tl.Object:
    channel = peer_channel(caller, query.peer)
    if not query.message:
        raise Refusal(400, "MESSAGE_EMPTY")
    _check_random_id(caller, channel, query.random_id)
    row = post(
        caller.world,
        channel,
        text=query.message,
        media_id=None,
        author_id=caller.user_id,
        random_id=query.random_id,
    )
    return _posted(caller, channel, row)


def _media(caller: Caller, given: Any) -> Document:
    from_upload = isinstance(given, tl.types.InputMediaUploadedDocument | tl.types.InputMediaUploadedPhoto)
    if from_upload:
        return caller.world.uploads.finish(caller.user_id, given)
    if not isinstance(given, tl.types.InputMediaDocument | tl.types.InputMediaPhoto):
        raise Refusal(400, "MEDIA_INVALID")
    named = given.id
    row = caller.world.store.documents.get(getattr(named, "id", 0))
    if row is None or named.access_hash != caller.world.access_hash(row.media_id, caller.user_id):
        raise Refusal(400, "MEDIA_INVALID")
    caller.world.check_reference(row, named.file_reference, caller.user_id)
    return row


def _send_media(caller: Caller, query: Any) -> tl.Object:
    channel = peer_channel(caller, query.peer)
    _check_random_id(caller, channel, query.random_id)
    document = _media(caller, query.media)
    row = post(
        caller.world,
        channel,
        text=query.message,
        media_id=document.media_id,
        author_id=caller.user_id,
        random_id=query.random_id,
    )
    return _posted(caller, channel, row)


def _upload_media(caller: Caller, query: Any) -> tl.Object:
    peer_channel(caller, query.peer)
    return objects.media(caller.world, _media(caller, query.media), caller.user_id)


def _delete(caller: Caller, query: Any) -> tl.Object:
    channel = peer_channel(caller, query.channel)
    rows = [caller.world.store.posts.get((channel.channel_id, number)) for number in query.id]
    found = [row for row in rows if row is not None]
    for row in found:
        caller.world.store.drop_post(row)
    return tl.types.messages.AffectedMessages(pts=channel.last_message_id + 1, pts_count=len(found))


HANDLERS: Final[Mapping[type[Any], Handler]] = {
    tl.functions.channels.GetChannels: _get_channels,
    tl.functions.channels.GetFullChannel: _full_channel,
    tl.functions.channels.GetMessages: _get_messages,
    tl.functions.channels.DeleteMessages: _delete,
    tl.functions.messages.GetMessages: _get_private,
    tl.functions.messages.SendMessage: _send_message,
    tl.functions.messages.SendMedia: _send_media,
    tl.functions.messages.UploadMedia: _upload_media,
    tl.functions.updates.GetChannelDifference: _channel_difference,
}
