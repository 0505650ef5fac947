"""Kurigram's TL schema, loaded with our crypto behind it. Everything of pyrogram that this room uses comes from here.

Importing it takes half a second: only the Telegram source does.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any, TypeAlias

from streaming.telegram import crypto

PROVIDER = crypto.install()

import pyrogram.crypto.rsa as rsa  # noqa: E402 - the provider must stand before pyrogram is loaded
import pyrogram.raw as _raw  # noqa: E402 - as above
from pyrogram import Client  # noqa: E402 - as above
from pyrogram import file_id as _file_id  # noqa: E402 - as above
from pyrogram.raw.all import layer as LAYER  # noqa: E402, N812 - as above; a constant
from pyrogram.raw.core import TLObject  # noqa: E402 - as above
from pyrogram.session import Auth as _Auth  # noqa: E402 - as above

TL: TypeAlias = Any
"""A TL object. Kurigram's are generated and re-exported untyped."""

raw: Any = _raw
Auth: Any = _Auth
file_id: Any = _file_id

__all__ = ["LAYER", "PROVIDER", "TL", "Auth", "Client", "file_id", "raw", "read_object", "rsa"]


def read_object(body: bytes | memoryview) -> TL:
    """One TL object. Raises KeyError for a constructor outside the layer, ValueError or IndexError for a torn one."""
    # kurigram tells a bare vector of numbers from one of objects by the bytes left; an odd count of them says objects
    return TLObject.read(BytesIO(bytes(body) + b"\0"))
