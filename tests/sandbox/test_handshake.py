"""The key exchange refuses what does not follow, and takes both paddings."""

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
import warpcrypto
from pyrogram.crypto.prime import CURRENT_DH_PRIME, decompose

from sandbox.telegram import tl
from sandbox.telegram.handshake import BadHandshake, Handshake
from sandbox.telegram.rsa_key import ServerKey, fingerprint

NONCE = 12345
NEW_NONCE = 67890


@pytest.fixture(scope="module")
def server_key(tmp_path_factory: pytest.TempPathFactory) -> ServerKey:
    return ServerKey(tmp_path_factory.mktemp("key"))


@pytest.fixture
def handshake(server_key: ServerKey) -> Handshake:
    return Handshake(2, server_key, lambda: 1_700_000_000.0)


def begin(handshake: Handshake) -> Any:
    return tl.read(handshake.answer(tl.serialise(tl.functions.ReqPqMulti(nonce=NONCE))))


def inner_data(begun: Any, **changes: Any) -> bytes:
    pq = int.from_bytes(begun.pq, "big")
    # kurigram's factoring is random: now and then it finds nothing
    found = next(factor for factor in iter(lambda: decompose(pq), 0) if 1 < factor < pq)
    p, q = sorted((found, pq // found))
    fields = {
        "pq": begun.pq,
        "p": p.to_bytes(4, "big"),
        "q": q.to_bytes(4, "big"),
        "nonce": NONCE,
        "server_nonce": begun.server_nonce,
        "new_nonce": NEW_NONCE,
    }
    return tl.serialise(tl.types.PQInnerDataDc(**{**fields, "dc": 2, **changes}))


def encrypt(key: ServerKey, block: bytes) -> bytes:
    return pow(int.from_bytes(block, "big"), key.exponent, key.modulus).to_bytes(256, "big")


def rsa_pad(key: ServerKey, data: bytes) -> bytes:
    """RSA_PAD(data, key) as https://core.telegram.org/mtproto/auth_key has it."""
    padded = data + os.urandom(192 - len(data))
    while True:
        secret = os.urandom(32)
        sealed = warpcrypto.ige256_encrypt(padded[::-1] + hashlib.sha256(secret + padded).digest(), secret, bytes(32))
        masked = bytes(a ^ b for a, b in zip(secret, hashlib.sha256(sealed).digest(), strict=True))
        if int.from_bytes(masked + sealed, "big") < key.modulus:
            return encrypt(key, masked + sealed)


def sha1_pad(key: ServerKey, data: bytes) -> bytes:
    block = hashlib.sha1(data).digest() + data
    return encrypt(key, block + os.urandom(255 - len(block)))


def request_params(begun: Any, encrypted: bytes, **changes: Any) -> bytes:
    fields = {
        "nonce": NONCE,
        "server_nonce": begun.server_nonce,
        "p": b"\0\0\0\1",
        "q": b"\0\0\0\1",
        "public_key_fingerprint": 0,
        "encrypted_data": encrypted,
    }
    return tl.serialise(tl.functions.ReqDHParams(**{**fields, **changes}))


def temporary_keys(begun: Any) -> tuple[bytes, bytes]:
    new, server = NEW_NONCE.to_bytes(32, "little"), begun.server_nonce.to_bytes(16, "little", signed=True)
    mixed = hashlib.sha1(server + new).digest()
    return (
        hashlib.sha1(new + server).digest() + mixed[:12],
        mixed[12:] + hashlib.sha1(new + new).digest() + new[:4],
    )


def set_params(begun: Any, g_b: int, *, damage: bool = False) -> bytes:
    data = tl.serialise(
        tl.types.ClientDHInnerData(
            nonce=NONCE, server_nonce=begun.server_nonce, retry_id=0, g_b=g_b.to_bytes(256, "big")
        )
    )
    hashed = hashlib.sha1(data + b"x" * damage).digest() + data
    sealed = warpcrypto.ige256_encrypt(hashed + bytes(-len(hashed) % 16), *temporary_keys(begun))
    return tl.serialise(
        tl.functions.SetClientDHParams(nonce=NONCE, server_nonce=begun.server_nonce, encrypted_data=sealed)
    )


@pytest.mark.parametrize("pad", [rsa_pad, sha1_pad])
def test_both_paddings_lead_to_one_key(handshake: Handshake, server_key: ServerKey, pad: Any) -> None:
    begun = begin(handshake)
    assert begun.server_public_key_fingerprints == [server_key.fingerprint]
    params = tl.read(handshake.answer(request_params(begun, pad(server_key, inner_data(begun)))))
    opened = warpcrypto.ige256_decrypt(params.encrypted_answer, *temporary_keys(begun))
    answer = tl.read(opened[20:])
    assert opened[:20] == hashlib.sha1(tl.serialise(answer)).digest()
    b = int.from_bytes(os.urandom(256), "big")
    handshake.answer(set_params(begun, pow(answer.g, b, CURRENT_DH_PRIME)))
    shared = pow(int.from_bytes(answer.g_a, "big"), b, CURRENT_DH_PRIME).to_bytes(256, "big")
    assert handshake.made is not None
    assert handshake.made.secret == shared
    assert handshake.made.key_id == hashlib.sha1(shared).digest()[-8:]


def test_the_fingerprint_is_telegrams_own() -> None:
    # Telegram's production key, published with its fingerprint
    from pyrogram.crypto import rsa

    for name, key in rsa.server_public_keys.items():
        if key.m.bit_length() == 2048 and name == 0xC3B42B026CE86B21 - (1 << 64):
            assert fingerprint(key.m, key.e) == name


@pytest.mark.parametrize(
    "changes", [{"nonce": 1}, {"server_nonce": 1}, {"encrypted_data": b"\xff" * 256}, {"encrypted_data": b"short"}]
)
def test_what_belongs_to_no_exchange_is_refused(
    handshake: Handshake, server_key: ServerKey, changes: dict[str, Any]
) -> None:
    begun = begin(handshake)
    with pytest.raises(BadHandshake):
        handshake.answer(request_params(begun, rsa_pad(server_key, inner_data(begun)), **changes))


@pytest.mark.parametrize("changes", [{"nonce": 1}, {"server_nonce": 1}, {"pq": b"\x0f"}])
def test_inner_data_of_another_exchange_is_refused(
    handshake: Handshake, server_key: ServerKey, changes: dict[str, Any]
) -> None:
    begun = begin(handshake)
    with pytest.raises(BadHandshake):
        handshake.answer(request_params(begun, rsa_pad(server_key, inner_data(begun, **changes))))


def test_a_wrong_hash_is_refused(handshake: Handshake, server_key: ServerKey) -> None:
    begun = begin(handshake)
    block = bytes(20) + inner_data(begun)
    with pytest.raises(BadHandshake):
        handshake.answer(request_params(begun, encrypt(server_key, block + bytes(255 - len(block)))))


def test_steps_out_of_turn_are_refused(handshake: Handshake) -> None:
    with pytest.raises(BadHandshake):
        handshake.answer(tl.serialise(tl.functions.help.GetConfig()))
    begun = begin(handshake)
    with pytest.raises(BadHandshake):
        handshake.answer(set_params(begun, 5))
    with pytest.raises(BadHandshake):
        handshake.answer(b"\1\2\3")


@pytest.mark.parametrize(("g_b", "damage"), [(1, False), (CURRENT_DH_PRIME - 1, False), (3**500, True)])
def test_a_bad_last_step_makes_no_key(handshake: Handshake, server_key: ServerKey, g_b: int, damage: bool) -> None:
    begun = begin(handshake)
    handshake.answer(request_params(begun, rsa_pad(server_key, inner_data(begun))))
    with pytest.raises(BadHandshake):
        handshake.answer(set_params(begun, g_b, damage=damage))
    assert handshake.made is None


def test_the_key_is_kept(tmp_path: Path) -> None:
    assert ServerKey(tmp_path).modulus == ServerKey(tmp_path).modulus
    assert b"BEGIN RSA PUBLIC KEY" in ServerKey(tmp_path).pem_path.read_bytes()
