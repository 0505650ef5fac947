"""help.*, auth.*, users.* and updates.*: what a bot calls to come in and to know itself."""

import re
from collections.abc import Mapping
from typing import Any, Final

from pyrogram import raw
from pyrogram.raw.core import TLObject, Vector

from . import objects
from .faults import Refusal
from .rpc import Caller, Handler

_TOKEN = re.compile(r"([1-9][0-9]{0,15}):[A-Za-z0-9_-]{8,}")


def _config(caller: Caller, query: raw.functions.help.GetConfig) -> TLObject:
    now = int(caller.world.clock())
    options: list[Any] = [
        raw.types.DcOption(id=dc_id, ip_address=host, port=port, ipv6=":" in host or None)
        for dc_id, (host, port) in caller.world.datacenters.items()
    ]
    return raw.types.Config(
        date=now,
        expires=now + 3600,
        test_mode=False,
        this_dc=caller.dc_id,
        dc_options=options,
        dc_txt_domain_name="",
        chat_size_max=200,
        megagroup_size_max=200_000,
        forwarded_count_max=100,
        online_update_period_ms=210_000,
        offline_blur_timeout_ms=5000,
        offline_idle_timeout_ms=30_000,
        online_cloud_timeout_ms=300_000,
        notify_cloud_delay_ms=30_000,
        notify_default_delay_ms=1500,
        push_chat_period_ms=60_000,
        push_chat_limit=2,
        edit_time_limit=172_800,
        revoke_time_limit=2_147_483_647,
        revoke_pm_time_limit=2_147_483_647,
        rating_e_decay=2_419_200,
        stickers_recent_limit=200,
        channels_read_media_period=604_800,
        call_receive_timeout_ms=20_000,
        call_ring_timeout_ms=90_000,
        call_connect_timeout_ms=30_000,
        call_packet_timeout_ms=10_000,
        me_url_prefix="https://t.me/",
        caption_length_max=1024,
        message_length_max=4096,
        webfile_dc_id=caller.dc_id,
    )


def _nearest(caller: Caller, query: raw.functions.help.GetNearestDc) -> TLObject:
    return raw.types.NearestDc(country="US", this_dc=caller.dc_id, nearest_dc=caller.world.options.home_dc_id)


def _app_config(caller: Caller, query: raw.functions.help.GetAppConfig) -> TLObject:
    return raw.types.help.AppConfig(hash=0, config=raw.types.JsonObject(value=[]))


def _import_bot(caller: Caller, query: raw.functions.auth.ImportBotAuthorization) -> TLObject:
    known = caller.world.bot_tokens
    found = _TOKEN.fullmatch(query.bot_auth_token)
    if found is None or (known is not None and query.bot_auth_token not in known):
        raise Refusal(400, "ACCESS_TOKEN_INVALID")
    if caller.dc_id != caller.world.options.home_dc_id:
        raise Refusal(303, f"USER_MIGRATE_{caller.world.options.home_dc_id}")
    return _signed_in(caller, int(found[1]))


def _signed_in(caller: Caller, user_id: int) -> TLObject:
    caller.world.sign_in(caller.key, user_id)
    return raw.types.auth.Authorization(user=objects.user(user_id, user_id))


def _export(caller: Caller, query: raw.functions.auth.ExportAuthorization) -> TLObject:
    if query.dc_id == caller.dc_id or query.dc_id not in caller.world.datacenters:
        raise Refusal(400, "DC_ID_INVALID")
    token = caller.world.export_authorization(caller.user_id, query.dc_id)
    return raw.types.auth.ExportedAuthorization(id=caller.user_id, bytes=token)


def _import(caller: Caller, query: raw.functions.auth.ImportAuthorization) -> TLObject:
    if not caller.world.import_authorization(query.bytes, query.id, caller.dc_id):
        raise Refusal(400, "AUTH_BYTES_INVALID")
    return _signed_in(caller, query.id)


def _log_out(caller: Caller, query: raw.functions.auth.LogOut) -> TLObject:
    caller.world.sign_in(caller.key, None)
    return raw.types.auth.LoggedOut()


def _user_id(caller: Caller, given: Any) -> int | None:
    if isinstance(given, raw.types.InputUserSelf):
        return caller.user_id
    known = {key.user_id for key in caller.world.store.keys.values()}
    return given.user_id if isinstance(given, raw.types.InputUser) and given.user_id in known else None


def _users(caller: Caller, query: raw.functions.users.GetUsers) -> bytes:
    found = [_user_id(caller, given) for given in query.id]
    return Vector([objects.user(each, caller.user_id) for each in found if each is not None])


def _full_user(caller: Caller, query: raw.functions.users.GetFullUser) -> TLObject:
    user_id = _user_id(caller, query.id)
    if user_id is None:
        raise Refusal(400, "USER_ID_INVALID")
    full = raw.types.UserFull(
        id=user_id,
        settings=raw.types.PeerSettings(),
        notify_settings=raw.types.PeerNotifySettings(),
        common_chats_count=0,
    )
    return raw.types.users.UserFull(full_user=full, chats=[], users=[objects.user(user_id, caller.user_id)])


def _state(caller: Caller, query: raw.functions.updates.GetState) -> TLObject:
    return raw.types.updates.State(pts=1, qts=0, date=int(caller.world.clock()), seq=1, unread_count=0)


def _difference(caller: Caller, query: raw.functions.updates.GetDifference) -> TLObject:
    return raw.types.updates.DifferenceEmpty(date=int(caller.world.clock()), seq=1)


HANDLERS: Final[Mapping[type[Any], Handler]] = {
    raw.functions.help.GetConfig: _config,
    raw.functions.help.GetNearestDc: _nearest,
    raw.functions.help.GetAppConfig: _app_config,
    raw.functions.auth.ImportBotAuthorization: _import_bot,
    raw.functions.auth.ExportAuthorization: _export,
    raw.functions.auth.ImportAuthorization: _import,
    raw.functions.auth.LogOut: _log_out,
    raw.functions.users.GetUsers: _users,
    raw.functions.users.GetFullUser: _full_user,
    raw.functions.updates.GetState: _state,
    raw.functions.updates.GetDifference: _difference,
}
