"""Reading settings: the file, then the environment, then one strict conversion that names what is wrong."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect

from runtime.address import Address, parse_address
from runtime.errors import SettingsError
from runtime.settings import Settings, default_home

PREFIX = "MARQUEE_"
CONFIG = "MARQUEE_CONFIG"
FOREIGN = {"MONGODB_URI": ("mongodb", "uri"), "REDIS_URL": ("redis", "url")}
Tree = dict[str, Any]


def load_settings(environ: Mapping[str, str], overrides: Mapping[str, object] | None = None) -> Settings:
    """Settings from file and environment; `overrides` (command-line options, by field name) win. Or SettingsError."""
    tree: Tree = {"home": str(default_home(environ))}
    tree.update(read_file(environ[CONFIG]) if environ.get(CONFIG) else {})
    for name, path, value in from_environment(environ):
        _place(tree, path, value, name)
    tree.update({name: value for name, value in (overrides or {}).items() if value is not None})
    try:
        settings = msgspec.convert(tree, Settings, strict=False, str_keys=True, dec_hook=_decode)
    except msgspec.ValidationError as error:
        raise SettingsError(_explain(str(error))) from None
    return msgspec.structs.replace(settings, home=settings.home.expanduser().absolute())


def read_file(path: str) -> Tree:
    """The settings file as a tree. SettingsError with the line of a TOML mistake."""
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{CONFIG}: {path} is not valid TOML: {error}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{CONFIG}: {path} is not UTF-8 text") from None
    except OSError as error:
        raise SettingsError(f"{CONFIG}: cannot read {path}: {error.strerror}") from None


def from_environment(environ: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, ...], object]]:
    """(variable, path in the tree, value) of each variable that is set; an empty one counts as not set."""
    seen: dict[tuple[str, ...], str] = {}
    for name, text in sorted(environ.items()):
        if not text or name == CONFIG or not _is_ours(name):
            continue
        path, kind, from_file = _locate(name)
        if path in seen:
            raise SettingsError(f"{seen[path]} and {name} set the same thing; keep one")
        seen[path] = name
        yield name, path, _value(name, kind, _read_secret(name, text) if from_file else text)


def _is_ours(name: str) -> bool:
    return name.startswith(PREFIX) or name.removesuffix("_FILE") in FOREIGN


def _locate(name: str) -> tuple[tuple[str, ...], inspect.Type, bool]:
    """The path that a variable sets, its type, and whether the value is the name of a file that holds it."""
    bare = name.removesuffix("_FILE")
    for candidate, from_file in ((name, False), (bare, True)):
        path = FOREIGN.get(candidate) or tuple(candidate.removeprefix(PREFIX).lower().split("__"))
        kind = _type_at(path)
        if kind is None or (from_file and (candidate == name or not _is_secret(kind))):
            continue
        return path, kind, from_file
    known = [PREFIX + "__".join(path).upper() for path in _leaves(_settings_type())]
    close = difflib.get_close_matches(name, known, n=1)
    raise SettingsError(f"{name} is not a setting" + (f"; did you mean {close[0]}?" if close else ""))


def _leaves(kind: inspect.Type) -> Iterator[tuple[str, ...]]:
    if not isinstance(kind, inspect.StructType):
        yield ()
        return
    for member in kind.fields:
        for rest in _leaves(member.type):
            yield (member.encode_name, *rest)


@cache
def _settings_type() -> inspect.Type:
    # Looking all of them through takes 30 ms, and every variable asks.
    return inspect.type_info(Settings)


def _type_at(path: tuple[str, ...]) -> inspect.Type | None:
    kind: inspect.Type = _settings_type()
    for step in path:
        if isinstance(kind, inspect.StructType):
            member = next((field for field in kind.fields if field.encode_name == step), None)
            if member is None:
                return None
            kind = member.type
        elif isinstance(kind, inspect.DictType) and step:
            kind = kind.value_type
        else:
            return None
    return None if isinstance(kind, inspect.StructType) else kind


def _is_secret(kind: inspect.Type) -> bool:
    match kind:
        case inspect.Metadata(extra=extra):
            return bool(extra and extra.get("secret"))
        case inspect.UnionType(types=types):
            return any(_is_secret(one) for one in types)
        case inspect.VarTupleType(item_type=item):
            return _is_secret(item)
        case inspect.DictType(value_type=value):
            return _is_secret(value)
        case _:
            return False


def _read_secret(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise SettingsError(f"{name}: cannot read {path}: {reason}") from None


def _value(name: str, kind: inspect.Type, text: str) -> object:
    if isinstance(kind, inspect.DictType) or (isinstance(kind, inspect.VarTupleType) and text.lstrip().startswith("[")):
        try:
            return msgspec.json.decode(text.encode())
        except msgspec.DecodeError:
            raise SettingsError(f"{name}: expected JSON") from None
    if isinstance(kind, inspect.VarTupleType):
        return [part.strip() for part in re.split(r"[,\n]", text) if part.strip()]
    return text


def _place(tree: Tree, path: tuple[str, ...], value: object, name: str) -> None:
    for step in path[:-1]:
        below = tree.setdefault(step, {})
        if not isinstance(below, dict):
            raise SettingsError(f"{name}: {step} in the settings file is not a table")
        tree = below
    tree[path[-1]] = value


def _decode(kind: type, written: object) -> object:
    if kind is Address:
        return parse_address(written)
    if kind is Path and isinstance(written, str | Path):
        return Path(written)
    raise TypeError(f"settings cannot hold {kind.__name__}")


def _explain(message: str) -> str:
    """msgspec's message with the setting's name in front: `setting role (MARQUEE_ROLE): invalid enum value`."""
    what, _, where = message.partition(" - at `")
    path = where.rstrip("`").removeprefix("key in ").removeprefix("$").lstrip(".")
    if unknown := re.search(r"unknown field `(.+)`", what):
        path, what = ".".join(filter(None, (path, unknown[1]))), "there is no such setting"
    variable = PREFIX + re.sub(r"\[.*?\]", "", path).replace(".", "__").upper()
    return f"setting {path} ({variable}): {what[:1].lower()}{what[1:]}"
