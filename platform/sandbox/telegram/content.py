"""The bytes of a computed document: a pure function of its id and the offset, at some GB/s, from any offset."""

import hashlib
import os
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

_BLOCK = 16
_ZEROS = memoryview(bytes(1 << 20))


def content(media_id: int, start: int, end: int) -> bytes:
    """Give bytes [start, end) of computed document `media_id`: an AES-128-CTR key stream keyed by the id.

    No two blocks are alike, so a byte served from the wrong offset or document shows. The document's size is the
    caller's business: the stream has no end.
    """
    first = start // _BLOCK
    key = hashlib.blake2b(
        media_id.to_bytes(8, "little", signed=True), digest_size=16, person=b"sandbox content"
    ).digest()
    stream = Cipher(AES(key), CTR(first.to_bytes(_BLOCK, "big"))).encryptor()
    skip = start - first * _BLOCK
    length = max(end - start, 0) + skip
    if length <= len(_ZEROS):
        made = stream.update(_ZEROS[:length])
    else:
        made = b"".join(stream.update(_ZEROS[: min(len(_ZEROS), length - at)]) for at in range(0, length, len(_ZEROS)))
    return made[skip:] if skip else made


def file_bytes(path: Path, start: int, end: int) -> bytes:
    """Give bytes [start, end) of the file at `path`, fewer at its end."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.pread(descriptor, max(end - start, 0), start)
    finally:
        os.close(descriptor)
