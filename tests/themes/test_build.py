"""The asset build: what makes it run, and what it leaves."""

import json
import shutil
from pathlib import Path

import pytest

import hatch_build

ROOT = Path(hatch_build.__file__).parent


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the build reads, with the installed packages linked in."""
    ignored = shutil.ignore_patterns("dist", "dist.*", "__pycache__")
    shutil.copytree(ROOT / "themes", tmp_path / "themes", ignore=ignored)
    for name in ("package.json", "package-lock.json", "hatch_build.py"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    return tmp_path


def test_a_build_makes_hashed_files_once_and_again_after_a_change(checkout: Path) -> None:
    assert hatch_build.build(checkout)
    dist = checkout / hatch_build.DIST
    files = json.loads((dist / "manifest.json").read_bytes())["files"]
    assert {"base.css", "nocturne.css", "hanabi.css", "site.js", "player.js", "licenses.txt"} <= set(files)
    assert {path.name for path in dist.iterdir()} == {"manifest.json", *files.values()}
    assert not hatch_build.build(checkout)
    source = checkout / "themes/base/static/site.js"
    source.write_text(source.read_text() + "\nconsole.log(1);\n")
    assert hatch_build.build(checkout)
    again = json.loads((dist / "manifest.json").read_bytes())["files"]
    assert again["site.js"] != files["site.js"]
    assert again["player.js"] == files["player.js"]
    assert not (dist / files["site.js"]).exists()


def test_a_lost_file_is_built_again(checkout: Path) -> None:
    hatch_build.build(checkout)
    next((checkout / hatch_build.DIST).glob("site-*.js")).unlink()
    assert hatch_build.build(checkout)


def test_a_broken_source_fails_with_esbuilds_words(checkout: Path) -> None:
    (checkout / "themes/base/static/site.js").write_text("import './gone.js';")
    with pytest.raises(hatch_build.AssetBuildFailed, match=r"gone\.js"):
        hatch_build.build(checkout)


def test_a_source_distribution_needs_no_build(tmp_path: Path) -> None:
    dist = tmp_path / hatch_build.DIST
    dist.mkdir(parents=True)
    (dist / "site-1.js").write_text("x")
    (dist / "manifest.json").write_text(json.dumps({"sources": "other", "files": {"site.js": "site-1.js"}}))
    assert not hatch_build.build(tmp_path)
