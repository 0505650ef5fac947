from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from runtime.address import Address, parse_address
from runtime.errors import SettingsError
from runtime.loading import load_settings

_TOML = re.compile(r"```toml\n(.*?)```", re.DOTALL)


def written(directory: Path, text: str) -> dict[str, str]:
    path = directory / "marquee.toml"
    path.write_text(text, encoding="utf-8")
    return {"MARQUEE_CONFIG": str(path)}


def refusal(environ: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(environ)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_an_empty_environment_gives_the_defaults() -> None:
    settings = load_settings({"HOME": "/nowhere"})
    assert settings.home == Path("/nowhere/.local/share/marquee")
    assert settings.listen == Address("127.0.0.1", 8080)
    assert settings.mongodb.uri is None
    assert settings.role == "all"
    assert not settings.telegram.configured


def test_the_file_that_the_documentation_shows_is_a_good_one(tmp_path: Path) -> None:
    docs = Path(__file__).parents[2] / "docs/operations"
    page, billing = ((docs / name).read_text(encoding="utf-8") for name in ("running.md", "billing.md"))
    gateways = [block for block in _TOML.findall(billing) if block.startswith(("[stripe]", "[btcpay]"))]
    shown = "\n".join([*_TOML.findall(page), *gateways])
    tokens, secret, keys = (tmp_path / name for name in ("tokens", "hash", "keys"))
    tokens.write_text("1:a\n2:b\n", encoding="utf-8")
    secret.write_text("0123456789abcdef\n", encoding="utf-8")
    keys.write_text(json.dumps({"2026a": "ab" * 32}), encoding="utf-8")
    files = {
        "MAIL__PASSWORD": secret,
        "TELEGRAM__BOT_TOKENS": tokens,
        "TELEGRAM__API_HASH": secret,
        "LINKS__KEYS": keys,
        "STRIPE__SECRET_KEY": secret,
        "STRIPE__WEBHOOK_SECRETS": tokens,
        "BTCPAY__API_KEY": secret,
        "BTCPAY__WEBHOOK_SECRET": secret,
    }
    variables = {f"MARQUEE_{name}_FILE": str(path) for name, path in files.items()}
    assert all(name in page for name in variables)
    settings = load_settings(written(tmp_path, shown) | variables)
    assert settings.links.current in settings.links.keys
    assert settings.telegram.configured


def test_the_environment_wins_over_the_file_and_options_over_both(tmp_path: Path) -> None:
    environ = written(tmp_path, 'role = "web"\nlisten = "0.0.0.0:80"\n[limits]\nstreams_free = 2\nidle_seconds = 5\n')
    environ |= {"MARQUEE_LIMITS__STREAMS_FREE": "9", "MARQUEE_ROLE": "stream"}
    settings = load_settings(environ, {"role": "jobs", "home": None})
    assert settings.limits.streams_free == 9
    assert settings.limits.idle_seconds == 5
    assert settings.listen == Address("0.0.0.0", 80)
    assert settings.role == "jobs"


def test_engine_addresses_go_by_their_common_names(tmp_path: Path) -> None:
    secret = tmp_path / "redis"
    secret.write_text("redis://:pw@cache:6379/0\n", encoding="utf-8")
    settings = load_settings({"MONGODB_URI": "mongodb://db/", "REDIS_URL_FILE": str(secret)})
    assert settings.mongodb.uri == "mongodb://db/"
    assert settings.redis.url == "redis://:pw@cache:6379/0"


def test_telegram_is_read_from_file_and_from_environment(tmp_path: Path) -> None:
    tokens = tmp_path / "tokens"
    tokens.write_text("1:a\n2:b\n", encoding="utf-8")
    environ = written(
        tmp_path,
        '[telegram]\napi_id = 5\napi_hash = "h"\npublic_keys = ["/k.pem"]\n'
        '[telegram.datacenters]\n1 = "127.0.0.1:1"\n2 = ["127.0.0.1", 2]\n3 = {host = "::1", port = 3}\n'
        '[telegram.storage_channels]\n-1001 = "platform"\n',
    )
    settings = load_settings(
        environ | {"MARQUEE_TELEGRAM__BOT_TOKENS_FILE": str(tokens), "MARQUEE_TELEGRAM__DATACENTERS__4": "h:4"}
    )
    assert settings.telegram.bot_tokens == ("1:a", "2:b")
    assert settings.telegram.storage_channels == {-1001: "platform"}
    assert settings.telegram.public_keys == (Path("/k.pem"),)
    assert settings.telegram.datacenters == {
        1: Address("127.0.0.1", 1),
        2: Address("127.0.0.1", 2),
        3: Address("::1", 3),
        4: Address("h", 4),
    }


def test_tables_and_lists_are_written_as_json_or_commas_in_the_environment() -> None:
    settings = load_settings(
        {
            "MARQUEE_TELEGRAM__STORAGE_CHANNELS": '{"-100": "tenant:acme"}',
            "MARQUEE_PROXY__TRUSTED": "10.0.0.0/8, ::1/128",
            "MARQUEE_TELEGRAM__API_ID": "",
        }
    )
    assert settings.telegram.storage_channels == {-100: "tenant:acme"}
    assert settings.proxy.trusted == ("10.0.0.0/8", "::1/128")


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("MARQUEE_LISTEN", "8080", "setting listen (MARQUEE_LISTEN): expected host:port"),
        ("MARQUEE_LISTEN", "h:99999", "port 99999 is outside 0-65535"),
        ("MARQUEE_LISTEN", "h:٣", "the port is not a number"),
        ("MARQUEE_ROLE", "king", "setting role (MARQUEE_ROLE)"),
        ("MARQUEE_TELEGRAM__API_ID", "x", "setting telegram.api_id (MARQUEE_TELEGRAM__API_ID): expected `int"),
        ("MARQUEE_TELEGRAM__API_ID", "5", "belong together"),
        ("MARQUEE_TELEGRAM__DATACENTERS__2", "nowhere", "expected host:port"),
        ("MARQUEE_TELEGRAM__STORAGE_CHANNELS", '{"-1": "acme"}', "telegram.storage_channels"),
        ("MARQUEE_TELEGRAM__STORAGE_CHANNELS", "{", "MARQUEE_TELEGRAM__STORAGE_CHANNELS: expected JSON"),
        ("MARQUEE_LIMITS__IDLE_SECONDS", "0", "setting limits.idle_seconds"),
        ("MARQUEE_PROXY__TRUSTED", "everyone", "setting proxy"),
        ("MARQUEE_LINKS__KEYS__A", "short", "every key is 64 hex digits"),
        (
            "MARQUEE_TELEGRAM__API_IDD",
            "5",
            "MARQUEE_TELEGRAM__API_IDD is not a setting; did you mean MARQUEE_TELEGRAM__API_ID?",
        ),
        ("MARQUEE_TELEGRAM", "5", "MARQUEE_TELEGRAM is not a setting"),
        ("MARQUEE_", "5", "MARQUEE_ is not a setting"),
        ("MARQUEE_ROLE_FILE", "/etc/hostname", "MARQUEE_ROLE_FILE is not a setting"),
        (
            "MARQUEE_TELEGRAM__API_HASH_FILE",
            "/nonexistent",
            "MARQUEE_TELEGRAM__API_HASH_FILE: cannot read /nonexistent",
        ),
        (
            "MARQUEE_CONFIG",
            "/nonexistent.toml",
            "MARQUEE_CONFIG: cannot read /nonexistent.toml: No such file or directory",
        ),
    ],
)
def test_a_bad_variable_stops_the_start_with_its_name(variable: str, value: str, says: str) -> None:
    message = refusal({variable: value})
    assert says in message
    assert variable.split("__")[0] in message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("role = \n", "line 1"),
        ("[listne]\n", "setting listne (MARQUEE_LISTNE): there is no such setting"),
        ('[platform]\nhots = "x"\n', "setting platform.hots (MARQUEE_PLATFORM__HOTS): there is no such setting"),
        ('platform = "x"\n', "setting platform"),
        ('[links]\ncurrent = "k9"\n', "current must be one of links.keys"),
    ],
)
def test_a_bad_file_stops_the_start_with_the_line_or_the_setting(tmp_path: Path, text: str, says: str) -> None:
    assert says in refusal(written(tmp_path, text))


def test_a_value_and_its_file_together_are_refused() -> None:
    message = refusal({"MARQUEE_TELEGRAM__API_HASH": "a", "MARQUEE_TELEGRAM__API_HASH_FILE": "/x"})
    assert "MARQUEE_TELEGRAM__API_HASH and MARQUEE_TELEGRAM__API_HASH_FILE" in message


def test_a_variable_below_what_the_file_made_a_plain_value_is_refused(tmp_path: Path) -> None:
    environ = written(tmp_path, 'platform = "x"\n') | {"MARQUEE_PLATFORM__HOST": "y"}
    assert "MARQUEE_PLATFORM__HOST: platform in the settings file is not a table" in refusal(environ)


def test_a_secret_never_shows_in_the_refusal() -> None:
    assert "hunter2" not in refusal({"MARQUEE_LINKS__KEYS__A": "hunter2", "MARQUEE_LINKS__CURRENT": "A"})


def test_addresses_print_as_they_are_written() -> None:
    assert [str(parse_address(text)) for text in ("a:1", "[::1]:2")] == ["a:1", "[::1]:2"]
    with pytest.raises(ValueError, match="host"):
        parse_address(":80")
