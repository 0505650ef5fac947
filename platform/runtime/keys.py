"""The keys that sign stream links and the addresses of bills: from the settings, or made once and kept at home."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from billing.paypage.addresses import PayAddresses
from runtime.engines.home import Home, write_atomically
from runtime.errors import HomeUnusable
from runtime.settings import Links, Settings

KEY_BYTES = 32


class LinkKeys(Struct, frozen=True):
    """Live keys by key id, all of which verify, and the id of the one that signs."""

    keys: Mapping[str, bytes]
    current: str


class _Kept(Struct, frozen=True, forbid_unknown_fields=True):
    keys: dict[str, str]
    current: str


def link_keys(settings: Links, home: Home) -> LinkKeys:
    """The keys to sign with. Two are made on a home's first start: the second is what a rotation signs with next.

    Raises HomeUnusable when the kept ones cannot be read or written.
    """
    if settings.current is not None:
        return LinkKeys(_from_hex(settings.keys), settings.current)
    path = home.keys / "links.json"
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=_Kept)
        return LinkKeys(_from_hex(kept.keys), kept.current)
    except FileNotFoundError:
        fresh = _Kept({name: secrets.token_hex(KEY_BYTES) for name in ("k1", "k2")}, "k1")
        write_atomically(path, msgspec.json.format(msgspec.json.encode(fresh), indent=2))
        return LinkKeys(_from_hex(fresh.keys), fresh.current)
    except OSError as error:
        raise HomeUnusable(f"cannot read {path}: {error.strerror}") from None
    except (msgspec.DecodeError, ValueError) as error:
        raise HomeUnusable(f"{path} does not hold link keys: {error}") from None


def pay_addresses(settings: Settings, home: Home) -> PayAddresses:
    """Where each invoice can be paid. Raises HomeUnusable."""
    keys = link_keys(settings.links, home)
    return PayAddresses(settings.platform.host, keys.keys, keys.current)


def _from_hex(keys: Mapping[str, str]) -> dict[str, bytes]:
    return {name: bytes.fromhex(key) for name, key in keys.items()}
