"""pyright from package-lock.json, on the machine's node or the wheel's: `python -m tests.support.pyright`."""

import subprocess
import sys
from pathlib import Path

from hatch_build import node_command

ROOT = Path(__file__).parents[2]


def pyright_command() -> list[str]:
    """The command line; `make test` and `make check` install what it names."""
    node, _, _ = node_command()
    return [*node, str(ROOT / "node_modules" / "pyright" / "index.js")]


if __name__ == "__main__":
    sys.exit(subprocess.run([*pyright_command(), *sys.argv[1:]], cwd=ROOT, check=False).returncode)
