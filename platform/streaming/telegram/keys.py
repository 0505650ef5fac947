"""Authorisation keys of one worker and where they are kept."""

from __future__ import annotations

import hashlib
import logging
import os
from pathlib import Path

import msgspec

log = logging.getLogger(__name__)

_HOME_AT_FIRST = 2


class AuthKey(msgspec.Struct):
    """A key agreed with one datacenter; all sessions there share it, and the server's salt and clock with it.

    `authorisations`: how often the worker has signed in with it, or imported its authorisation; 0: not yet.
    `clock_offset`: seconds that the server's clock is ahead of ours.
    """

    dc_id: int
    secret: bytes
    authorisations: int = 0
    salt: int = 0
    clock_offset: float = 0.0


class Keyring(msgspec.Struct):
    """A worker's keys by datacenter. `home` is the datacenter it signs in to."""

    home: int = _HOME_AT_FIRST
    keys: dict[int, AuthKey] = msgspec.field(default_factory=dict)


class KeyStore:
    """Keeps a worker's keyring in a file that its owner alone can read; without a folder, in memory."""

    def __init__(self, folder: str | None, bot_token: str) -> None:
        name = hashlib.sha256(bot_token.encode()).hexdigest()[:32]
        self._path = Path(folder) / f"{name}.telegram" if folder is not None else None

    def load(self) -> Keyring:
        """The keyring; an empty one where there is none or it cannot be read: signing in makes a new one."""
        if self._path is None:
            return Keyring()
        try:
            return msgspec.msgpack.decode(self._path.read_bytes(), type=Keyring)
        except FileNotFoundError:
            return Keyring()
        except (OSError, msgspec.MsgspecError) as error:
            log.warning("the Telegram session at %s cannot be read (%s): signing in anew", self._path, error)
            return Keyring()

    def save(self, keyring: Keyring) -> None:
        """Replace the file as a whole. A folder that cannot be written costs a sign-in at the next start, no more."""
        if self._path is None:
            return
        temporary = self._path.with_suffix(f".{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(msgspec.msgpack.encode(keyring))
            temporary.replace(self._path)
        except OSError as error:
            log.warning("the Telegram session at %s cannot be kept: %s", self._path, error)
