"""The longer ones of the requests that workers make."""

from __future__ import annotations

from streaming.settings import TelegramSettings
from streaming.telegram.schema import LAYER, TL, raw


def introduction(api_id: int) -> TL:
    """What every connection opens with; answered by a help.config."""
    return raw.functions.InvokeWithLayer(
        layer=LAYER,
        query=raw.functions.InitConnection(
            api_id=api_id,
            device_model="server",
            system_version="1",
            app_version="1",
            system_lang_code="en",
            lang_pack="",
            lang_code="en",
            query=raw.functions.help.GetConfig(),
        ),
    )


def sign_in(settings: TelegramSettings, bot_token: str) -> TL:
    """Sign a bot in. https://core.telegram.org/method/auth.importBotAuthorization"""
    return raw.functions.auth.ImportBotAuthorization(
        flags=0, api_id=settings.api_id, api_hash=settings.api_hash, bot_auth_token=bot_token
    )
