"""The nine misuses of a scope: each is refused by pyright, and all but the last by mypy as well.

Every snippet is one line in a file of its own; each checker looks at all of them in one run.
"""

import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from tests.support.pyright import pyright_command

ROOT = Path(__file__).parents[2]
PROPER = Path(__file__).parent / "snippets" / "proper.py"
PRELUDE = """\
from storage.mongo import Database
from storage.repository import TenantDocument, TenantRepository
from storage.scope import TenantId, TenantScope
from tenancy.resolver import ResolvedTenant, TenantResolver


class Note(TenantDocument):
    text: str = ""


class Notes(TenantRepository[Note]):
    collection = "notes"
    document = Note

    async def add(self, note: Note) -> bool:
        return await self._put(note.id, {"text": note.text})


async def misuse(
    database: Database, tenant: ResolvedTenant, resolver: TenantResolver, other: TenantScope, notes: Notes
) -> None:
    {line}
"""
MISUSES = {
    "no_scope_given": "Notes(database)",
    "a_raw_id": 'Notes(database, "tenant_a")',
    "a_tenant_id": 'Notes(database, TenantId("tenant_a"))',
    "an_unresolved_none": 'Notes(database, (await resolver.resolve("a.example")).scope)',
    "a_scope_made_outside_the_resolver": 'Notes(database, TenantScope(TenantId("tenant_a")))',
    "a_document_that_names_a_tenant": 'await notes.add(Note(id=1, text="x", tenant_id="tenant_b"))',
    "switching_a_repositorys_tenant": "notes.scope = other",
    "an_unknown_keyword": 'await notes._get(1, tenant="tenant_b")',
    "reaching_the_private_collection": "notes.__collection.find({})",
}
MYPY_MISSES = {"reaching_the_private_collection"}


@pytest.fixture(scope="module")
def snippets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("misuses")
    for name, line in MISUSES.items():
        (folder / f"{name}.py").write_text(PRELUDE.replace("{line}", line))
    (folder / "proper.py").write_text(PROPER.read_text())
    return folder


@pytest.fixture(scope="module")
def found(snippets: Path) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """By checker, by snippet: what was said of its last line. Both run at once."""
    checkers = (_start_mypy(snippets), _start_pyright(snippets))
    said = [checker.communicate(timeout=100) for checker in checkers]
    for checker, (out, error) in zip(checkers, said, strict=True):
        assert checker.returncode in {0, 1}, out + error
    return _of_mypy(said[0][0]), _of_pyright(said[1][0])


def _start_mypy(folder: Path) -> subprocess.Popen[str]:
    # Cached beside the suite's own cache: a warm run takes a second or two.
    cache = ROOT / ".mypy_cache" / "misuses"
    command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(cache)]
    files = sorted(map(str, folder.glob("*.py")))
    return _start([*command, "--no-error-summary", "--hide-error-context", "--no-pretty", *files])


def _start_pyright(folder: Path) -> subprocess.Popen[str]:
    config = {
        "include": [str(folder)],
        "extraPaths": [str(ROOT / "platform")],
        "stubPath": str(ROOT / "typings"),
        "venvPath": str(Path(sys.prefix).parent),
        "venv": Path(sys.prefix).name,
        "pythonVersion": "3.11",
        "typeCheckingMode": "strict",
        "reportMissingModuleSource": False,
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(config))
    return _start([*pyright_command(), "--project", str(folder), "--outputjson"])


def _start(command: list[str]) -> subprocess.Popen[str]:
    environment = {**os.environ, "NO_COLOR": "1"}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def _of_mypy(output: str) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = defaultdict(list)
    for line in output.splitlines():
        match = re.match(r"(.*?)([a-z_]+)\.py:\d+: error: (.*)", line)
        if match is not None:
            errors[match[2]].append(match[3])
    return errors


def _of_pyright(output: str) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = defaultdict(list)
    for each in json.loads(output)["generalDiagnostics"]:
        if each["severity"] == "error":
            errors[Path(each["file"]).stem].append(f"{each['message']} [{each.get('rule')}]")
    return errors


Found = tuple[dict[str, list[str]], dict[str, list[str]]]

# What each must be refused for: a snippet that fails for a slip of its own would prove nothing.
WHY = {
    "no_scope_given": r"[Mm]issing.*scope|Argument missing for parameter \"scope\"",
    "a_raw_id": r"(incompatible type \"str\"|\"Literal\['tenant_a'\]\"|type \"str\")",
    "a_tenant_id": r"TenantId",
    "an_unresolved_none": r"None",
    "a_scope_made_outside_the_resolver": r"Never",
    "a_document_that_names_a_tenant": r"tenant_id",
    "switching_a_repositorys_tenant": r"read-only|\"TenantScope\" is not assignable to \"property\"",
    "an_unknown_keyword": r"tenant",
    "reaching_the_private_collection": r"__collection",
}


@pytest.mark.parametrize("name", MISUSES)
def test_pyright_refuses(found: Found, name: str) -> None:
    said = found[1][name]
    assert any(re.search(WHY[name], each) for each in said), said


@pytest.mark.parametrize("name", sorted(MISUSES.keys() - MYPY_MISSES))
def test_mypy_refuses(found: Found, name: str) -> None:
    said = found[0][name]
    assert any(re.search(WHY[name], each) for each in said), said


def test_both_pass_what_a_room_writes_every_day(found: Found) -> None:
    assert found[0]["proper"] == []
    assert found[1]["proper"] == []
