"""Reading theme packages: lineage, merging, and what a broken one says."""

import json
from pathlib import Path
from typing import Any

import pytest

from tenancy.themes.catalogue import ThemeCatalogue
from tenancy.themes.model import ThemeError

BASE = 'name = "base"\ntitle = "Plain"\nversion = "1"\napi = 1\n'
COLOUR = {"type": "string", "default": "#000"}


def package(root: Path, name: str, toml: str = BASE, **files: Any) -> None:
    directory = root / name
    directory.mkdir(parents=True)
    (directory / "theme.toml").write_text(toml)
    for file, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (directory / f"{file.replace('_', '.')}.json").write_text(text)


def child(name: str, extends: str = "base") -> str:
    return f'name = "{name}"\ntitle = "T"\nversion = "1"\napi = 1\nextends = "{extends}"\n'


def test_a_child_has_its_parents_values_with_its_own_over_them(tmp_path: Path) -> None:
    package(
        tmp_path,
        "base",
        tokens={"light": {"bg": "#fff", "text": "#000"}, "dark": {"bg": "#000", "text": "#fff"}},
        settings_schema={"properties": {"accent": COLOUR, "radius": {"enum": ["soft", "round"], "default": "soft"}}},
    )
    package(tmp_path, "warm", child("warm"), tokens={"light": {"bg": "#fed"}})
    package(
        tmp_path, "warmer", child("warmer", "warm"), settings_schema={"properties": {"radius": {"default": "round"}}}
    )
    theme = ThemeCatalogue.load(tmp_path).get("warmer")
    assert theme.lineage == ("warmer", "warm", "base")
    assert theme.tokens.light == {"bg": "#fed", "text": "#000"}
    properties = theme.schema["properties"]
    assert properties == {"accent": COLOUR, "radius": {"enum": ["soft", "round"], "default": "round"}}


def test_an_unknown_theme_is_base(tmp_path: Path) -> None:
    package(tmp_path, "base")
    assert ThemeCatalogue.load(tmp_path).get("gone").name == "base"


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("name = ", "theme.toml"),
        ('name = "x"\n', "theme.toml"),
        (child("other"), "calls it 'other'"),
        (child("x", "nowhere"), "extends 'nowhere'"),
        (child("x", "x"), "extends itself"),
        (BASE.replace("base", "x"), "must extend 'base'"),
        (child("x").replace("api = 1", "api = 2"), "theme api 2"),
        (child("x") + "surprise = 1\n", "surprise"),
    ],
)
def test_a_broken_manifest_is_named(tmp_path: Path, toml: str, said: str) -> None:
    package(tmp_path, "base")
    package(tmp_path, "x", toml)
    with pytest.raises(ThemeError, match=said) as refused:
        ThemeCatalogue.load(tmp_path)
    assert refused.value.theme == "x"


@pytest.mark.parametrize(
    ("file", "content"), [("tokens", "{"), ("tokens", {"light": {"bg": 1}}), ("settings_schema", [])]
)
def test_a_broken_file_is_named(tmp_path: Path, file: str, content: Any) -> None:
    package(tmp_path, "base")
    package(tmp_path, "x", child("x"), **{file: content})
    with pytest.raises(ThemeError, match=file.replace("_", r"\.")):
        ThemeCatalogue.load(tmp_path)


def test_more_than_twenty_settings_are_too_many(tmp_path: Path) -> None:
    package(tmp_path, "base", settings_schema={"properties": {f"s{number}": COLOUR for number in range(21)}})
    with pytest.raises(ThemeError, match="21 settings"):
        ThemeCatalogue.load(tmp_path)


def test_a_directory_without_base_is_no_catalogue(tmp_path: Path) -> None:
    with pytest.raises(ThemeError, match="not found"):
        ThemeCatalogue.load(tmp_path)
