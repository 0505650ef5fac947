"""The templates' world: a sandbox with nothing in it but a few filters, tests and functions."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, cast

from jinja2 import BaseLoader, FileSystemBytecodeCache, StrictUndefined, TemplateNotFound
from jinja2.bccache import Bucket
from jinja2.environment import Environment
from jinja2.sandbox import ImmutableSandboxedEnvironment

from tenancy.themes.model import Theme

FILTERS: Final = frozenset(
    [
        "abs",
        "batch",
        "capitalize",
        "default",
        "d",
        "e",
        "escape",
        "first",
        "float",
        "int",
        "join",
        "last",
        "length",
        "list",
        "lower",
        "replace",
        "round",
        "select",
        "string",
        "trim",
        "truncate",
        "upper",
        "urlencode",
    ]
)
TESTS: Final = frozenset(
    [
        "defined",
        "undefined",
        "none",
        "eq",
        "ne",
        "gt",
        "ge",
        "lt",
        "le",
        "in",
        "odd",
        "even",
        "string",
        "number",
        "true",
        "false",
        "mapping",
        "sequence",
        "sameas",
    ]
)


class LineageLoader(BaseLoader):
    """Finds `home.html` in the theme, else its parent, else base; `base/home.html` names one member of the lineage."""

    def __init__(self, theme: Theme) -> None:
        self._directories = theme.directories

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        member, _, rest = template.partition("/")
        named = [directory for directory in self._directories if directory.name == member and rest]
        wanted = rest if named else template
        if {"", ".", ".."} & set(wanted.split("/")) or "\\" in wanted:
            raise TemplateNotFound(template)
        for directory in named or self._directories:
            file = directory / "templates" / wanted
            if file.is_file():
                return file.read_text("utf-8"), str(file), lambda: True
        raise TemplateNotFound(template)


class _CompiledTemplates(FileSystemBytecodeCache):
    """Does without what a full or failing disk does not take: the page is drawn all the same."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


def sandbox(
    theme: Theme, functions: Mapping[str, Callable[..., object]], bytecode_directory: Path | None
) -> Environment:
    """An environment for one theme. `bytecode_directory` must be private to us: what lies there is executed."""
    cache = None
    with suppress(OSError):
        if bytecode_directory is not None:
            bytecode_directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            cache = _CompiledTemplates(str(bytecode_directory), "%s.jinja")
    environment = ImmutableSandboxedEnvironment(
        loader=LineageLoader(theme),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=cache,
    )
    world = cast("dict[str, Callable[..., object]]", environment.globals)
    world.clear()
    world.update(functions)
    environment.filters = {name: each for name, each in environment.filters.items() if name in FILTERS}
    environment.tests = {name: each for name, each in environment.tests.items() if name in TESTS}
    return environment
