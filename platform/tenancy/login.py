"""The settings of a tenant's login bot. Its secrets lie beside the tenant's fields, where nothing that shows looks."""

import re
from collections.abc import Callable, Mapping
from typing import Final, cast

from storage.mongo import Stored
from tenancy.errors import BadTenant

SECRETS: Final = "login_secrets"
"""Where a tenant's document keeps them, below `_marquee`."""
_LOGIN: Final = "login"
_HIDDEN: Final = "(set)"

_BOT_ID: Final = re.compile(r"[1-9][0-9]{4,15}", re.ASCII)
_BOT_TOKEN: Final = re.compile(r"([1-9][0-9]{4,15}):[A-Za-z0-9_-]{30,64}", re.ASCII)
_USERNAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}", re.ASCII)
_CLIENT_SECRET: Final = re.compile(r"[\x21-\x7e]{8,256}", re.ASCII)

_OPEN: Final[Mapping[str, tuple[re.Pattern[str], str]]] = {
    "bot_id": (_BOT_ID, "a bot's number"),
    "bot_username": (_USERNAME, "a bot's user name, without @"),
    "client_id": (_BOT_ID, "the client id that BotFather gives, a number"),
}
_SECRET: Final[Mapping[str, tuple[re.Pattern[str], str]]] = {
    "bot_token": (_BOT_TOKEN, "a token as BotFather gives it"),
    "client_secret": (_CLIENT_SECRET, "the secret that BotFather gives"),
}

Setter = Callable[[object, Stored, Stored], None]


def without_secrets(settings: Mapping[str, object]) -> dict[str, object]:
    """The settings as a book may show them."""
    return {name: _HIDDEN if name.removeprefix(f"{_LOGIN}.") in _SECRET else value for name, value in settings.items()}


def _setter(place: str, name: str, pattern: re.Pattern[str], said: str) -> Setter:
    def set_it(value: object, _: Stored, ours: Stored) -> None:
        kept = cast("Stored", ours.setdefault(place, {}))
        if value in ("", None):
            kept.pop(name, None)
            return
        # The value itself is not repeated: it may be a secret with a typing error.
        if not isinstance(value, str) or pattern.fullmatch(value) is None:
            raise BadTenant(f"{_LOGIN}.{name}: not {said}")
        kept[name] = value
        if name == "bot_token":
            _belong_together(value, cast("Stored", ours.setdefault(_LOGIN, {})))

    return set_it


def _belong_together(token: str, login: Stored) -> None:
    """A token begins with its bot's number, which signed data names too."""
    login["bot_id"] = token.partition(":")[0]


LOGIN_SETTINGS: Final[Mapping[str, Setter]] = {
    **{f"{_LOGIN}.{name}": _setter(_LOGIN, name, *rule) for name, rule in _OPEN.items()},
    **{f"{_LOGIN}.{name}": _setter(SECRETS, name, *rule) for name, rule in _SECRET.items()},
}
"""What sets each of them in a tenant's document; an empty value takes it away."""
