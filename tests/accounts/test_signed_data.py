"""What the widget and Mini Apps bring counts if Telegram signed it for this bot, just now, in one reading."""

import base64
import json
from urllib.parse import parse_qsl, urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accounts.errors import SignInRefused
from accounts.sign_in.mini_app import verify_by_signature, verify_by_token
from accounts.sign_in.widget import verify_widget
from tests.support.signing import BOT_TOKEN, OTHER_TOKEN, init_data, widget_data

NOW = 1_800_000_000.0


def test_the_widget_vouches_for_a_person() -> None:
    identity = verify_widget(widget_data(NOW, last_name="Ferro"), bot_token=BOT_TOKEN, now=NOW)
    assert (identity.id, identity.profile.name, identity.profile.username) == (700000001, "Ada Ferro", "ada_f")


def test_a_mini_app_vouches_for_a_person() -> None:
    identity = verify_by_token(init_data(NOW), bot_token=BOT_TOKEN, now=NOW)
    assert (identity.id, identity.profile.name, identity.profile.username) == (700000001, "Ada", "ada_f")


@pytest.mark.parametrize(
    "data",
    [
        "",
        "hash=",
        "&&&",
        "id=1",
        "a" * 5000,
        widget_data(NOW, token=OTHER_TOKEN),
        widget_data(NOW).replace("Ada", "Eve"),
        widget_data(NOW) + "&id=1",
        "id=1&" + widget_data(NOW),
        widget_data(NOW) + "&last_name=x",
        widget_data(NOW) + "&evil=x",
        widget_data(NOW, evil="x"),
        widget_data(NOW).replace("hash=", "Hash="),
        widget_data(NOW)[:-1],
        widget_data(NOW).upper(),
        widget_data(NOW, auth_date=int(NOW) - 601),
        widget_data(NOW, auth_date=int(NOW) + 61),
        widget_data(NOW, auth_date="soon"),
        widget_data(NOW, auth_date="-5"),
        widget_data(NOW, auth_date="١٨٠٠٠٠٠٠٠٠"),
        widget_data(NOW, auth_date=None),
        widget_data(NOW, id=None),
        widget_data(NOW, id="0"),
        widget_data(NOW, id="-7"),
        widget_data(NOW, id="7.0"),
        widget_data(NOW, id=str(2**60)),
        widget_data(NOW, first_name="Ada\nid=666"),
        widget_data(NOW, first_name="%ff").replace("%25ff", "%ff"),
        init_data(NOW),
    ],
)
def test_what_the_widget_did_not_send_is_refused(data: str) -> None:
    with pytest.raises(SignInRefused):
        verify_widget(data, bot_token=BOT_TOKEN, now=NOW)


@pytest.mark.parametrize(
    "data",
    [
        "",
        "user={}",
        init_data(NOW, token=OTHER_TOKEN),
        init_data(NOW).replace("Ada", "Eve"),
        init_data(NOW) + "&user=%7B%22id%22%3A5%7D",
        init_data(NOW) + "&auth_date=1",
        init_data(NOW, auth_date=int(NOW) - 301),
        init_data(NOW, auth_date=int(NOW) + 61),
        init_data(NOW, auth_date=None),
        init_data(NOW, user=[]),
        init_data(NOW, user="x"),
        init_data(NOW, user={"id": "seven"}),
        init_data(NOW, user={"id": True}),
        init_data(NOW, user={"first_name": "Ada"}),
        init_data(NOW, user={"id": 7, "is_bot": True}),
        init_data(NOW, **{"user\nid": "7"}),
        "&".join(f"x{number}=1" for number in range(50)),
        widget_data(NOW),
    ],
)
def test_what_is_no_mini_apps_data_is_refused(data: str) -> None:
    with pytest.raises(SignInRefused):
        verify_by_token(data, bot_token=BOT_TOKEN, now=NOW)


def test_clocks_may_be_a_minute_apart() -> None:
    for offset in (-299, 59):
        verify_by_token(init_data(NOW + offset), bot_token=BOT_TOKEN, now=NOW)


def test_names_bring_no_controls_and_no_directions_along() -> None:
    identity = verify_widget(
        widget_data(NOW, first_name="A\u202eda\u200b\t<b>", username="x" * 500), bot_token=BOT_TOKEN, now=NOW
    )
    assert identity.profile.name == "A da <b>"
    assert len(identity.profile.username or "") == 128


def by_signature(key: Ed25519PrivateKey, bot_id: str, **fields: object) -> str:
    said = {"user": json.dumps({"id": 7, "first_name": "Ada"}), "auth_date": str(int(NOW)), **fields}
    lines = "\n".join(f"{name}={said[name]}" for name in sorted(said))
    signature = key.sign(f"{bot_id}:WebAppData\n{lines}".encode())
    return urlencode({**said, "signature": base64.urlsafe_b64encode(signature).rstrip(b"=").decode(), "hash": "0"})


def test_telegrams_own_signature_vouches_for_the_bot_it_was_made_for() -> None:
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    data = by_signature(key, "7654321")
    assert verify_by_signature(data, bot_id="7654321", public_key=public, now=NOW).id == 7
    fields = dict(parse_qsl(data))
    for bad in (
        data + "&user=x",
        urlencode({**fields, "user": '{"id":8}'}),
        urlencode({**fields, "signature": "A" * 86}),
        urlencode({**fields, "signature": "ä" * 86}),
        urlencode({**fields, "signature": ""}),
        by_signature(Ed25519PrivateKey.generate(), "7654321"),
        by_signature(key, "7654322"),
        by_signature(key, "7654321", auth_date=str(int(NOW) - 400)),
    ):
        with pytest.raises(SignInRefused):
            verify_by_signature(bad, bot_id="7654321", public_key=public, now=NOW)


def test_one_text_is_one_proof_whichever_of_its_signatures_is_shown() -> None:
    one = verify_by_token(init_data(NOW, signature="a"), bot_token=BOT_TOKEN, now=NOW)
    other = verify_by_token(init_data(NOW, signature="b"), bot_token=BOT_TOKEN, now=NOW)
    assert one.proof == other.proof
