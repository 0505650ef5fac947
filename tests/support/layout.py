"""What no linter knows about this repository; run by `make check` and before each commit."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMELESS = {"utils.py", "util.py", "helpers.py", "helper.py", "common.py", "misc.py", "manager.py"}
GENERATED = re.compile(r"(\.min\.(js|css)|/node_modules/|/vendor/|\.woff2?|\.mp4|\.webm|\.so)$")
ADDRESS = re.compile(r'"resolved": *"http|^ *--?(extra-)?index-url|https?://[^ "]+\.(whl|tgz)\b', re.MULTILINE)
LONGEST_FILE_LINES = 300
LONGEST_TEST_LINES = 400


def findings(root: Path = ROOT) -> list[str]:
    """One line for every broken rule among the tracked files; empty when the house is in order."""
    listing = subprocess.run(["git", "ls-files"], cwd=root, check=True, capture_output=True, text=True).stdout
    tracked = [root / name for name in listing.splitlines() if (root / name).is_file()]
    return [problem for path in tracked for problem in _problems(path, path.relative_to(root).as_posix())]


def _problems(path: Path, name: str) -> list[str]:
    problems: list[str] = []
    if name == "platform/__init__.py":
        problems.append(f"{name}: platform/ is a source root; as a package it hides the standard library's platform")
    if path.name in NAMELESS:
        problems.append(f"{name}: a name that says what is in it, please")
    if GENERATED.search(name):
        problems.append(f"{name}: third-party or generated files come from the registries at build time")
    if path.suffix in {".json", ".txt", ".lock", ".toml"} and ADDRESS.search(path.read_text()):
        problems.append(f"{name}: a download address (locks carry hashes alone)")
    longest = LONGEST_TEST_LINES if name.startswith("tests/") else LONGEST_FILE_LINES
    if path.suffix == ".py" and (lines := path.read_text().count("\n")) > longest:
        problems.append(f"{name}: {lines} lines; split it by what it does (at most {longest})")
    return problems


if __name__ == "__main__":
    sys.exit("\n".join(findings()) or 0)
