"""Built files: found by the names that the manifest has, and by no other spelling."""

import json
from pathlib import Path

import pytest

from tenancy.themes.assets import Assets, AssetsNotBuilt


@pytest.fixture
def assets(tmp_path: Path) -> Assets:
    (tmp_path / "site-ABCD1234.js").write_text("x")
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "link-ABCD1234.js").symlink_to("secret.txt")
    files = {"site.js": "site-ABCD1234.js", "link.js": "link-ABCD1234.js"}
    (tmp_path / "manifest.json").write_text(json.dumps({"files": files}))
    return Assets.load(tmp_path)


def test_a_source_name_has_a_url_and_the_url_a_file(assets: Assets) -> None:
    assert assets.url("site.js") == "/assets/site-ABCD1234.js"
    found = assets.file("site-ABCD1234.js")
    assert found is not None
    assert (found.body, found.mime, found.etag) == (b"x", "text/javascript", "abcd1234")


@pytest.mark.parametrize(
    "name",
    [
        "site.js",
        "secret.txt",
        "manifest.json",
        "../secret.txt",
        "./site-ABCD1234.js",
        "site-abcd1234.js",
        "",
        "/etc/passwd",
    ],
)
def test_no_other_name_is_served(assets: Assets, name: str) -> None:
    assert assets.file(name) is None


def test_a_symbolic_link_is_not_followed(assets: Assets) -> None:
    assert assets.file("link-ABCD1234.js") is None


def test_a_file_that_a_later_build_took_away_is_not_there(assets: Assets, tmp_path: Path) -> None:
    (tmp_path / "site-ABCD1234.js").unlink()
    assert assets.file("site-ABCD1234.js") is None


def test_a_checkout_without_assets_says_how_to_build_them(tmp_path: Path) -> None:
    with pytest.raises(AssetsNotBuilt, match=r"hatch_build\.py"):
        Assets.load(tmp_path)
