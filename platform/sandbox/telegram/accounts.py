"""help.*, auth.*, users.* and updates.*: what a bot calls to come in and to know itself."""

import re
from collections.abc import Mapping
from typing import Any, Final

from . import objects, tl
from .faults import Refusal
from .rpc import Caller, Handler

_TOKEN = re.compile(r"([1-9][0-9]{0,15}):[A-Za-z0-9_-]{8,}")


def _config(caller: Caller, query: Any) -> tl.Object:
    now = int(caller.world.clock())
    options: list[Any] = [
        tl.types.DcOption(id=dc_id, ip_address=host, port=port, ipv6=":" in host or None)
        for dc_id, (host, port) in caller.world.datacenters.items()
    ]
    return tl.types.Config(
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


def _nearest(caller: Caller, query: Any) -> tl.Object:
    return tl.types.NearestDc(country="US", this_dc=caller.dc_id, nearest_dc=caller.world.options.home_dc_id)


def _app_config(caller: Caller, query: Any) -> tl.Object:
    return tl.types.help.AppConfig(hash=0, config=tl.types.JsonObject(value=[]))


def _import_bot(caller: Caller, query: Any) -> tl.Object:
    found = _TOKEN.fullmatch(query.bot_auth_token)
    if found is None or not caller.world.takes_token(query.bot_auth_token):
        raise Refusal(400, "ACCESS_TOKEN_INVALID")
    if caller.dc_id != caller.world.options.home_dc_id:
        raise Refusal(303, f"USER_MIGRATE_{caller.world.options.home_dc_id}")
    return _signed_in(caller, int(found[1]))


def _signed_in(caller: Caller, user_id: int) -> tl.Object:
    caller.world.sign_in(caller.key, user_id)
    return tl.types.auth.Authorization(user=objects.user(user_id, user_id))


def _export(caller: Caller, query: Any) -> tl.Object:
    if query.dc_id == caller.dc_id or query.dc_id not in caller.world.datacenters:
        raise Refusal(400, "DC_ID_INVALID")
    token = caller.world.export_authorization(caller.user_id, query.dc_id)
    return tl.types.auth.ExportedAuthorization(id=caller.user_id, bytes=token)


def _import(caller: Caller, query: Any) -> tl.Object:
    if not caller.world.import_authorization(query.bytes, query.id, caller.dc_id):
        raise Refusal(400, "AUTH_BYTES_INVALID")
    return _signed_in(caller, query.id)


def _log_out(caller: Caller, query: Any) -> tl.Object:
    caller.world.sign_in(caller.key, None)
    return tl.types.auth.LoggedOut()


def _user_id(caller: Caller, given: Any) -> int | None:
    if isinstance(given, tl.types.InputUserSelf):
        return caller.user_id
    known = {key.user_id for key in caller.world.store.keys.values()}
    return given.user_id if isinstance(given, tl.types.InputUser) and given.user_id in known else None


def _users(caller: Caller, query: Any) -> bytes:
    found = [_user_id(caller, given) for given in query.id]
    return tl.vector([objects.user(each, caller.user_id) for each in found if each is not None])


def _full_user(caller: Caller, query: Any) -> tl.Object:
    user_id = _user_id(caller, query.id)
    if user_id is None:
        raise Refusal(400, "USER_ID_INVALID")
    full = tl.types.UserFull(
        id=user_id,
        settings=tl.types.PeerSettings(),
        notify_settings=tl.types.PeerNotifySettings(),
        common_chats_count=0,
    )
    return tl.types.users.UserFull(full_user=full, chats=[], users=[objects.user(user_id, caller.user_id)])


def _state(caller: Caller, query: Any) -> tl.Object:
    return tl.types.updates.State(pts=1, qts=0, date=int(caller.world.clock()), seq=1, unread_count=0)


def _difference(caller: Caller, query: Any) -> tl.Object:
    return tl.types.updates.DifferenceEmpty(date=int(caller.world.clock()), seq=1)


HANDLERS: Final[Mapping[type[Any], Handler]] = {
    tl.functions.help.GetConfig: _config,
    tl.functions.help.GetNearestDc: _nearest,
    tl.functions.help.GetAppConfig: _app_config,
    tl.functions.auth.ImportBotAuthorization: _import_bot,
    tl.functions.auth.ExportAuthorization: _export,
    tl.functions.auth.ImportAuthorization: _import,
    tl.functions.auth.LogOut: _log_out,
    tl.functions.users.GetUsers: _users,
    tl.functions.users.GetFullUser: _full_user,
    tl.functions.updates.GetState: _state,
    tl.functions.updates.GetDifference: _difference,
}
