"""Signed links: one spelling, every field bound, two live keys."""

import base64

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.links import Claims, LinkExpired, LinkInvalid, LinkSigner, user_claim

OLD, NEW = b"o" * 32, b"n" * 32
NOW = 1_800_000_000
CLAIMS = Claims(
    tenant="t1", host="films.example", user="42", device="d" * 64, title="tmdb_10378", bucket="1080p",
    expires_at=NOW + 60, purpose="play",
)  # fmt: skip
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.fixture
def signer() -> LinkSigner:
    return LinkSigner({"a": OLD, "b": NEW}, "b")


def verify(signer: LinkSigner, token: str, tenant: str = "t1", host: str = "films.example", now: float = NOW) -> Claims:
    return signer.verify(token, tenant=tenant, host=host, now=now)


def test_a_link_gives_back_its_claims(signer: LinkSigner) -> None:
    token = signer.sign(CLAIMS)
    assert verify(signer, token) == CLAIMS
    assert set(token) <= set(ALPHABET)


def test_a_link_of_the_older_live_key_still_counts_and_one_of_a_retired_key_does_not(signer: LinkSigner) -> None:
    token = LinkSigner({"a": OLD}, "a").sign(CLAIMS)
    assert verify(signer, token) == CLAIMS
    with pytest.raises(LinkInvalid):
        verify(LinkSigner({"b": NEW}, "b"), token)
    with pytest.raises(LinkInvalid):
        verify(LinkSigner({"a": NEW}, "a"), token)


@pytest.mark.parametrize(("tenant", "host"), [("t2", "films.example"), ("t1", "other.example"), ("", "")])
def test_a_link_counts_for_its_tenant_and_host_alone(signer: LinkSigner, tenant: str, host: str) -> None:
    with pytest.raises(LinkInvalid):
        verify(signer, signer.sign(CLAIMS), tenant, host)


def test_a_link_ends_at_its_second(signer: LinkSigner) -> None:
    token = signer.sign(CLAIMS)
    assert verify(signer, token, now=NOW + 59.9) == CLAIMS
    with pytest.raises(LinkExpired):
        verify(signer, token, now=NOW + 60)


@pytest.mark.parametrize(
    ("field", "value"),
    [("tenant", "t2"), ("host", "x"), ("user", "43"), ("device", "y"), ("title", "z"), ("bucket", "4K"),
     ("expires_at", NOW + 61), ("purpose", "external")],
)  # fmt: skip
def test_an_altered_field_breaks_the_link(signer: LinkSigner, field: str, value: object) -> None:
    altered = msgspec.structs.replace(CLAIMS, **{field: value})
    forged = _raw(signer.sign(altered))[:-32] + _raw(signer.sign(CLAIMS))[-32:]
    with pytest.raises(LinkInvalid):
        verify(signer, _token(forged), tenant=altered.tenant, host=altered.host)


def test_every_altered_bit_breaks_the_link(signer: LinkSigner) -> None:
    raw = _raw(signer.sign(CLAIMS))
    for position in range(len(raw)):
        for bit in range(8):
            forged = bytearray(raw)
            forged[position] ^= 1 << bit
            with pytest.raises(LinkInvalid):
                verify(signer, _token(bytes(forged)))


def test_characters_cannot_move_between_fields(signer: LinkSigner) -> None:
    one = signer.sign(msgspec.structs.replace(CLAIMS, title="ab", bucket="c"))
    other = signer.sign(msgspec.structs.replace(CLAIMS, title="a", bucket="bc"))
    assert _raw(one)[-32:] != _raw(other)[-32:]


def test_a_link_has_one_spelling(signer: LinkSigner) -> None:
    token = next(t for n in range(3) if len(t := signer.sign(msgspec.structs.replace(CLAIMS, user="4" * (n + 1)))) % 4)
    last = ALPHABET.index(token[-1])
    spellings = [
        token + "=" * (-len(token) % 4),
        token + "=",
        token + "\n",
        " " + token,
        token + "A",
        token[:-1],
        token + token[-4:],
    ]
    spellings += [
        token[:-1] + ALPHABET[last ^ 1],
        token[:5] + "\n" + token[5:],
        "." + token,
        token.replace("-", "+").replace("_", "/") + "=",
    ]
    for spelling in spellings:
        with pytest.raises(LinkInvalid):
            verify(signer, spelling)


@given(st.text(max_size=200) | st.text(alphabet=ALPHABET, max_size=300))
def test_no_text_passes_or_raises_anything_else(text: str) -> None:
    with pytest.raises(LinkInvalid):
        verify(LinkSigner({"b": NEW}, "b"), text)


def test_an_overlong_token_is_refused_unread(signer: LinkSigner) -> None:
    with pytest.raises(LinkInvalid):
        verify(signer, "A" * 100_000)


@given(st.text(max_size=60), st.text(max_size=60), st.integers(NOW + 1, 253402300799))
def test_any_text_survives_the_round(title: str, user: str, expires_at: int) -> None:
    signer = LinkSigner({"b": NEW}, "b")
    claims = msgspec.structs.replace(CLAIMS, title=title, user=user, expires_at=expires_at)
    assert verify(signer, signer.sign(claims)) == claims


@pytest.mark.parametrize(
    ("keys", "current"), [({}, "a"), ({"a": OLD}, "b"), ({"a": b"short"}, "a"), ({"a": OLD, "b": NEW, "c": OLD}, "a")]
)
def test_keys_that_cannot_sign_are_refused(keys: dict[str, bytes], current: str) -> None:
    with pytest.raises(ValueError, match=r"live keys|bytes"):
        LinkSigner(keys, current)


def test_claims_that_fit_no_link_are_refused(signer: LinkSigner) -> None:
    for fields in ({"title": "x" * 3000}, {"title": "x" * 70_000}, {"expires_at": -1}, {"expires_at": 10**15}):
        with pytest.raises(ValueError, match=r"claim"):
            signer.sign(msgspec.structs.replace(CLAIMS, **fields))


def test_a_telegram_id_and_a_guest_of_the_same_letters_are_two_users() -> None:
    assert user_claim(42) != user_claim("42")


def _raw(token: str) -> bytes:
    return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))


def _token(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
