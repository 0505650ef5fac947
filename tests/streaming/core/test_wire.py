"""What comes over the wire: framing, encryption, and messages read by hand."""

import asyncio
import gzip
import itertools
import os
import struct
import sys
from collections.abc import Callable
from hashlib import sha1, sha256
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.telegram import crypto, messages
from streaming.telegram.envelope import Envelope, Opened
from streaming.telegram.faults import Kind, RpcFault, Verdict, WrongAnswer, verdict
from streaming.telegram.schema import PROVIDER, raw, read_object
from streaming.telegram.wire import Wire

KEY, SESSION = bytes(range(256)), b"session!"


def _framed(packet: bytes) -> bytes:
    words = len(packet) // 4
    return (bytes((words,)) if words < 127 else b"\x7f" + words.to_bytes(3, "little")) + packet


class _Transport(asyncio.Transport):
    aborted = False

    def write(self, data: object) -> None: ...

    def abort(self) -> None:
        self.aborted = True

    def is_closing(self) -> bool:
        return False


@given(
    st.lists(st.integers(1, 200) | st.integers(15_000, 70_000), max_size=4),
    st.lists(st.sampled_from([1, 2, 3, 5, 1000, 65_536, 1 << 20]), min_size=1, max_size=9),
)
def test_packets_come_out_whole_however_the_stream_is_cut(words: list[int], steps: list[int]) -> None:
    packets = [bytes([n % 251]) * (4 * count) for n, count in enumerate(words)]
    got: list[bytes] = []

    def take(packet: bytes | memoryview) -> None:
        got.append(bytes(packet))
        if isinstance(packet, memoryview):
            wire.recycle(packet)

    wire = Wire(take, lambda _: None)
    stream = memoryview(b"".join(map(_framed, packets)))
    for step in itertools.cycle([*steps, 65_536]):
        buffer = wire.get_buffer(-1)
        count = min(len(buffer), len(stream), step)
        buffer[:count] = stream[:count]
        wire.buffer_updated(count)
        stream = stream[count:]
        if not stream:
            break
    assert got == packets


@pytest.mark.parametrize("head", [b"\x00", b"\x7f\xff\xff\xff"])
def test_an_impossible_length_ends_the_connection(head: bytes) -> None:
    transport = _Transport()
    wire = Wire(lambda _: None, lambda _: None)
    wire.connection_made(transport)
    wire.get_buffer(-1)[: len(head)] = head
    wire.buffer_updated(len(head))
    assert transport.aborted


def _sealed(plain: bytes) -> bytes:
    """A packet as the server seals it."""
    msg_key = sha256(KEY[96:128] + plain).digest()[8:24]
    a, b = sha256(msg_key + KEY[8:44]).digest(), sha256(KEY[48:84] + msg_key).digest()
    key, iv = a[:8] + b[8:24] + a[24:32], b[:8] + a[8:24] + b[24:32]
    return sha1(KEY, usedforsecurity=False).digest()[-8:] + msg_key + PROVIDER.encrypt(plain, key, iv)


def _plain(body: bytes, *, session: bytes = SESSION, msg_id: int = 5, length: int | None = None) -> bytes:
    head = struct.pack("<q8sqii", 1, session, msg_id, 1, len(body) if length is None else length)
    return head + body + bytes(-(len(head) + len(body) + 12) % 16 + 12)


def test_a_genuine_packet_opens() -> None:
    opened = Envelope(KEY, SESSION, PROVIDER).open(memoryview(_sealed(_plain(b"body" * 4))))
    assert opened.plain[opened.start : opened.end] == b"body" * 4


def _flip(at: int) -> Callable[[bytes], bytes]:
    return lambda packet: packet[:at] + bytes([packet[at] ^ 1]) + packet[at + 1 :]


@pytest.mark.parametrize(
    "packet",
    [
        _flip(0)(_sealed(_plain(b"body"))),
        _flip(9)(_sealed(_plain(b"body"))),
        _flip(60)(_sealed(_plain(b"body"))),
        _sealed(_plain(b"body"))[:-16],
        _sealed(_plain(b"body"))[:-1],
        _sealed(_plain(b"body", session=b"another!")),
        _sealed(_plain(b"body", msg_id=4)),
        _sealed(_plain(b"body", length=8)),
        _sealed(_plain(b"body" * 500, length=4)),
        _sealed(_plain(b"body", length=-4)),
        b"",
        bytes(1024),
    ],
)
def test_a_packet_that_is_not_genuinely_the_sessions_is_refused(packet: bytes) -> None:
    with pytest.raises(WrongAnswer):
        Envelope(KEY, SESSION, PROVIDER).open(packet)


def _upload_file(payload: bytes) -> bytes:
    file: bytes = raw.types.upload.File(type=raw.types.storage.FileMp4(), mtime=1, bytes=payload).write()
    return file


def _result(inner: bytes) -> memoryview:
    return memoryview(struct.pack("<Iq", messages.RPC_RESULT, 1) + inner)


@pytest.mark.parametrize("size", [0, 1, 253, 254, 255, 4096, 1 << 20])
def test_a_files_bytes_are_found_where_the_schema_puts_them(size: int) -> None:
    payload = os.urandom(size)
    assert messages.file_bytes(messages.result_of(_result(_upload_file(payload)))) == payload


def test_a_packed_answer_is_unpacked() -> None:
    packed = gzip.compress(_upload_file(b"x" * 1000))
    inner = struct.pack("<I", messages.GZIP) + b"\xfe" + len(packed).to_bytes(3, "little") + packed
    assert messages.file_bytes(messages.result_of(_result(inner))) == b"x" * 1000


@pytest.mark.parametrize(
    "packed",
    [b"nothing", gzip.compress(bytes(64 << 20))[: 1 << 20], gzip.compress(b"x")[:-9]],
    ids=["nothing", "bomb", "torn"],
)
def test_a_packed_answer_that_is_torn_or_a_bomb_is_refused(packed: bytes) -> None:
    inner = struct.pack("<I", messages.GZIP) + b"\xfe" + len(packed).to_bytes(3, "little") + packed
    with pytest.raises(WrongAnswer):
        messages.result_of(_result(inner))


@pytest.mark.parametrize("cut", [0, 3, 8, 11, 13, 40])
def test_a_torn_file_answer_is_refused(cut: int) -> None:
    with pytest.raises(WrongAnswer):
        messages.file_bytes(memoryview(_upload_file(b"x" * 100))[:cut])


def test_a_cdn_redirect_is_no_file() -> None:
    redirect = raw.types.upload.FileCdnRedirect(
        dc_id=203, file_token=b"t", encryption_key=b"k", encryption_iv=b"i", file_hashes=[]
    )
    with pytest.raises(WrongAnswer, match="answered by"):
        messages.file_bytes(memoryview(redirect.write()))


def test_an_error_answer_is_raised_with_code_and_message() -> None:
    inner = raw.types.RpcError(error_code=420, error_message="FLOOD_WAIT_3").write()
    with pytest.raises(RpcFault) as caught:
        messages.result_of(_result(inner))
    assert (caught.value.code, caught.value.message) == (420, "FLOOD_WAIT_3")


def _opened(body: bytes) -> Opened:
    return Opened(5, 1, body, 0, len(body))


def test_a_container_is_taken_apart() -> None:
    one, two = messages.acks([1]), messages.ping(1, 60)
    items = b"".join(struct.pack("<qii", n, n, len(body)) + body for n, body in ((7, one), (9, two)))
    found = list(messages.messages_in(_opened(struct.pack("<II", messages.CONTAINER, 2) + items)))
    assert [(each.msg_id, bytes(each.body)) for each in found] == [(7, one), (9, two)]


@pytest.mark.parametrize("length", [-4, 0, 3, 5, 1 << 30])
def test_a_container_whose_lengths_lie_is_refused(length: int) -> None:
    body = struct.pack("<II", messages.CONTAINER, 2) + struct.pack("<qii", 7, 7, length) + b"1234"
    with pytest.raises(WrongAnswer):
        list(messages.messages_in(_opened(body)))


def test_a_vector_of_objects_is_not_taken_for_one_of_numbers() -> None:
    answer = read_object(struct.pack("<III", messages.VECTOR, 1, 0xBC799737))
    assert list(answer) == [False]


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        (420, "FLOOD_WAIT_7", Verdict(Kind.PAUSE, 7)),
        (420, "FLOOD_PREMIUM_WAIT_3", Verdict(Kind.PAUSE, 3)),
        (420, "SOMETHING_NEW", Verdict(Kind.PAUSE, 5)),
        (303, "FILE_MIGRATE_4", Verdict(Kind.MIGRATE, 4)),
        (303, "USER_MIGRATE_2", Verdict(Kind.MIGRATE, 2)),
        (400, "FILE_REFERENCE_EXPIRED", Verdict(Kind.REFERENCE)),
        (400, "FILE_REFERENCE_0_EXPIRED", Verdict(Kind.REFERENCE)),
        (400, "FILE_REFERENCE_EMPTY", Verdict(Kind.REFERENCE)),
        (401, "AUTH_KEY_UNREGISTERED", Verdict(Kind.UNAUTHORISED)),
        (401, "SESSION_REVOKED", Verdict(Kind.UNAUTHORISED)),
        (400, "CHANNEL_PRIVATE", Verdict(Kind.NO_ACCESS)),
        (400, "LOCATION_INVALID", Verdict(Kind.NO_ACCESS)),
        (500, "RANDOM_ID_DUPLICATE", Verdict(Kind.FINAL)),
        (500, "No workers running", Verdict(Kind.TRANSIENT)),
        (-503, "Timeout", Verdict(Kind.TRANSIENT)),
        (400, "LIMIT_INVALID", Verdict(Kind.FINAL)),
    ],
)
def test_each_error_has_its_remedy(code: int, message: str, expected: Verdict) -> None:
    assert verdict(RpcFault(code, message)) == expected


def test_warpcrypto_stands_behind_kurigram() -> None:
    aes = sys.modules["pyrogram.crypto.aes"]
    data, key, iv = os.urandom(64), os.urandom(32), os.urandom(32)
    assert crypto.install().name == "warpcrypto"
    assert aes.tgcrypto.ige256_encrypt is sys.modules["warpcrypto"].ige256_encrypt
    assert aes.ige256_decrypt(aes.ige256_encrypt(data, key, iv), key, iv) == data


def test_tgcrypto_serves_where_warpcrypto_has_no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = ModuleType("tgcrypto")
    stand_in.__dict__.update(dict.fromkeys(("ige256_encrypt", "ige256_decrypt"), len))
    monkeypatch.setitem(sys.modules, "warpcrypto", None)
    monkeypatch.setitem(sys.modules, "tgcrypto", stand_in)
    assert crypto.install().name == "tgcrypto"
    monkeypatch.setitem(sys.modules, "tgcrypto", None)
    with pytest.raises(crypto.CryptoMissing, match="warpcrypto or tgcrypto"):
        crypto.install()
