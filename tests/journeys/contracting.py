"""The API's own description held against what it answers, by schemathesis: every operation, as every kind of visitor.

https://schemathesis.readthedocs.io
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, Final, cast
from urllib.parse import unquote

import schemathesis
from msgspec import Struct, field
from requests.structures import CaseInsensitiveDict
from schemathesis.config import SchemathesisConfig
from schemathesis.core.transport import Response
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.generation.case import Case
from schemathesis.hooks import HookContext, unregister

from tests.journeys.contract_sites import MARKS, ODD, VISITORS, Sites
from tests.journeys.description import operations_of

CHECKS: Final = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "unsupported_method",
    "allow_header_conformance",
)
_UNAUTHORIZED: Final = 401
_CALLS_BETWEEN: Final = 20
"""Limits are forgotten so often that they are reached now and then, and are not all that is ever answered."""


class Effort(Struct, frozen=True):
    """Examples of an operation, sequences of calls, and one in how many operations each visitor of a site tries.

    `turn` turns the shares: with one in eight and the turns 0, 2, 4 and 6 each kind of visitor has tried everything.
    """

    examples: int
    sequences: int
    share: int = 1
    turn: int = 0


class Findings(Struct):
    """What was asked by phase and visitor, what came back, and what should not have."""

    cases: Counter[str] = field(default_factory=Counter[str])
    visitors: Counter[str] = field(default_factory=Counter[str])
    statuses: Counter[int] = field(default_factory=Counter[int])
    operations: set[str] = field(default_factory=set[str])
    broken: dict[str, str] = field(default_factory=dict[str, str])
    """The first request that showed it, by what it is."""

    @property
    def total(self) -> int:
        """All cases."""
        return self.cases.total()


async def hold_contract(sites: Sites, effort: Effort, *, seed: int) -> Findings:
    """Every visitor of both sites tries the operations.

    In a process of its own: Hypothesis sees to it that nobody else draws from `random` meanwhile.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return await asyncio.get_running_loop().run_in_executor(pool, _hold, sites, effort, seed)


def _hold(sites: Sites, effort: Effort, seed: int) -> Findings:
    findings = Findings()
    for number, (mark, visitor) in enumerate((mark, visitor) for visitor in VISITORS for mark in MARKS):
        _Visit(sites, effort, findings, mark, visitor).run(seed + number, number)
    return findings


class _Visit:
    """One visitor of one site."""

    def __init__(self, sites: Sites, effort: Effort, findings: Findings, mark: str, visitor: str) -> None:
        self._sites, self._effort, self._findings = sites, effort, findings
        self._mark, self._visitor = mark, visitor
        self._foreign = next(other for other in MARKS if other != mark)
        self._headers = sites.headers(mark, visitor)
        self._calls = 0

    def run(self, seed: int, number: int) -> None:
        """This visitor's share of the operations one by one, and sequences over all of them."""
        share = {
            operation
            for place, operation in enumerate(sorted(operations_of(self._sites.document)))
            if (place + number + self._effort.turn) % self._effort.share == 0
        }
        self._run(seed, share)
        # What leads on from an operation lies in any of the shares.
        self._run(seed, None)

    def _run(self, seed: int, share: set[str] | None) -> None:
        config = SchemathesisConfig.from_dict(self._settings(seed, in_sequences=share is None))
        schema = schemathesis.openapi.from_dict(self._sites.document, config=config)

        @schemathesis.hook
        def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
            self._before(case)

        @schema.hook
        def after_call(context: HookContext, case: Case[Any], response: Response) -> None:
            self._after(case, response)

        chosen = schema if share is None else schema.include(name=sorted(share))
        try:
            for event in from_schema(chosen).execute():
                self._read(event)
        finally:
            unregister(before_call)

    def _settings(self, seed: int, *, in_sequences: bool) -> dict[str, Any]:
        known = self._sites.known
        return {
            "seed": seed,
            "base-url": self._sites.address,
            "request-timeout": 30,
            "continue-on-failure": True,
            "output": {"sanitization": {"enabled": False}},
            "dictionaries": {
                **{name: {"values": values} for name, values in known.items()},
                "odd": {"values": list(ODD)},
            },
            "parameters": {name: {"dictionary": name, "probability": 0.6} for name in known},
            "generation": {
                "deterministic": True,
                "no-shrink": True,
                "database": "none",
                "max-examples": self._effort.examples,
                "with-security-parameters": False,
                "dictionaries": {"string": {"dictionary": "odd", "probability": 0.05}},
            },
            "checks": {"enabled": False, **{name: {"enabled": True} for name in CHECKS}},
            "phases": {
                "examples": {"enabled": False},
                "coverage": {"enabled": not in_sequences, "generate-duplicate-query-parameters": True},
                "fuzzing": {"enabled": not in_sequences},
                "stateful": {
                    "enabled": in_sequences,
                    "generation": {"max-examples": self._effort.sequences},
                    "max-steps": 8,
                },
            },
        }

    def _before(self, case: Case[Any]) -> None:
        self._calls += 1
        if self._calls % _CALLS_BETWEEN == 0:
            self._sites.forget_limits()
        own = {"Host": f"{self._mark}.example", **self._headers}
        case.headers = CaseInsensitiveDict[str]({**(case.headers or CaseInsensitiveDict[str]()), **own})

    def _after(self, case: Case[Any], response: Response) -> None:
        phase = case.meta.phase.name.value if case.meta is not None else "stateful"
        self._findings.cases[phase] += 1
        self._findings.visitors[self._visitor] += 1
        self._findings.statuses[response.status_code] += 1
        self._findings.operations.add(case.operation.label)
        if self._visitor in {"guest", "viewer"} and (response.status_code == _UNAUTHORIZED or _ends(case)):
            self._headers = self._sites.headers(self._mark, self._visitor)
        said = f"{dict(response.headers)} {response.text}".lower()
        for asked in _asked(response):
            said = said.replace(asked, "…")
        if self._foreign in said:
            self._complain(f"{case.operation.label}: tells {self._visitor} of another site", said[:2_000])

    def _read(self, event: events.EngineEvent) -> None:
        if isinstance(event, events.FatalError):
            raise event.exception
        if isinstance(event, events.NonFatalError):
            self._complain(f"{event.label}: the test itself failed", str(event.info.format()))
        if isinstance(event, events.ScenarioFinished):
            self._judge(event.recorder)

    def _judge(self, recorder: ScenarioRecorder) -> None:
        for case_id, checks in recorder.checks.items():
            for check in checks:
                if check.failure_info is not None:
                    failure, answer = check.failure_info.failure, recorder.interactions[case_id].response
                    status, said = (answer.status_code, answer.text[:600]) if answer is not None else (0, "")
                    title = f"{failure.operation} as {self._visitor}: {check.name}: {status}"
                    self._complain(title, f"{failure.message[:900]}\n{said}\n{check.failure_info.code_sample[:900]}")

    def _complain(self, what: str, shown: str) -> None:
        self._findings.broken.setdefault(what, shown)


def _ends(case: Case[Any]) -> bool:
    """Whether it may have ended the session that it was sent with."""
    return case.operation.path.startswith("/api/v1/me") and case.method == "DELETE"


def _asked(response: Response) -> list[str]:
    """What the request itself said, in every spelling that an answer may repeat it in."""
    request = response.request
    body = request.body.decode("utf-8", "replace") if isinstance(request.body, bytes) else str(request.body or "")
    parts = [
        unquote(part) for part in str(request.url).replace("?", "/").replace("&", "/").replace("=", "/").split("/")
    ]
    try:
        parts += _texts(json.loads(body)) if body else []
    except ValueError:
        parts.append(body)
    told = {
        spelled
        for part in parts
        for spelled in (part, json.dumps(part)[1:-1], json.dumps(part, ensure_ascii=False)[1:-1])
    }
    return sorted({each.lower() for each in told if any(mark in each.lower() for mark in MARKS)}, key=len, reverse=True)


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        named = cast("dict[str, object]", value)
        return [*named, *(text for inner in named.values() for text in _texts(inner))]
    if isinstance(value, list):
        return [text for inner in cast("list[object]", value) for text in _texts(inner)]
    return [value] if isinstance(value, str) else []
