"""What stands in for TgCrypto is TgCrypto, byte for byte and state for state."""

import random
import subprocess
import sys

import pytest

from streaming.telegram.crypto import ctr256

# TgCrypto has no wheel from Python 3.12 on; there is nothing to compare with there.
HAS_TGCRYPTO = sys.version_info < (3, 12)
THEIRS = """
import json, sys, tgcrypto
key, iv, state = bytes(range(32)), bytearray(b"\\xff" * 15 + b"\\xfe"), bytearray(1)
for size in json.load(sys.stdin):
    print(tgcrypto.ctr256_encrypt(bytes(size), key, iv, state).hex(), iv.hex(), state[0])
"""


@pytest.mark.skipif(not HAS_TGCRYPTO, reason="TgCrypto has no wheel for this Python")
def test_ctr_goes_on_where_it_stopped_as_tgcrypto_does() -> None:
    sizes = [1, 15, 16, 17, 33, *random.sample(range(1, 200), 20)]
    told = subprocess.run([sys.executable, "-c", THEIRS], input=str(sizes), capture_output=True, text=True, check=True)
    key, iv, state = bytes(range(32)), bytearray(b"\xff" * 15 + b"\xfe"), bytearray(1)
    ours = [f"{ctr256(bytes(size), key, iv, state).hex()} {iv.hex()} {state[0]}" for size in sizes]
    assert ours == told.stdout.splitlines()


def test_kurigram_loads_where_tgcrypto_is_missing() -> None:
    code = "import sys; sys.modules['tgcrypto'] = None; import sandbox; import pyrogram.crypto.aes"
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": "platform"})
