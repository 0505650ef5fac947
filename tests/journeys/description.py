"""The API's OpenAPI document: whether it is one, whether it says enough, and whether an answer is as it says.

https://spec.openapis.org/oas/v3.1.1
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

import httpx
from jsonschema_rs import Draft202012Validator, ValidationError
from schemathesis.specs.openapi.definitions import OPENAPI_31

Document = Mapping[str, Any]


def operations_of(document: Document) -> dict[str, dict[str, Any]]:
    """The operations by method and path."""
    paths = cast("Mapping[str, Mapping[str, dict[str, Any]]]", document["paths"])
    return {f"{method.upper()} {path}": said for path, item in paths.items() for method, said in item.items()}


def faults_of(document: Document) -> list[str]:
    """Where the document is no OpenAPI 3.1."""
    return [_told(error) for error in Draft202012Validator(OPENAPI_31).iter_errors(document)]


def gaps_of(document: Document) -> Iterator[str]:
    """What operations do not say: an id of their own, a summary, tags, an example of each good answer and body."""
    tags = {tag["name"] for tag in document["tags"]}
    seen: set[str] = set()
    for label, operation in operations_of(document).items():
        if operation["operationId"] in seen:
            yield f"{label}: operationId {operation['operationId']} is another's"
        seen.add(operation["operationId"])
        yield from (f"{label}: no {name}" for name in ("summary", "tags") if not operation.get(name))
        yield from (f"{label}: the tag {tag} is not described" for tag in operation.get("tags", []) if tag not in tags)
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "path" and not parameter["name"].endswith("_id"):
                yield f"{label}: {parameter['name']} is not named as the id of something"
        for status, response in operation["responses"].items():
            for media in response.get("content", {}).values():
                yield from (f"{label}: {status}: {fault}" for fault in _example_faults(document, media))


def complaint_about(document: Document, label: str, answer: httpx.Response) -> str | None:
    """Why this is no answer that the operation declares; None where it is one."""
    declared = operations_of(document)[label]["responses"].get(str(answer.status_code))
    if declared is None:
        return f"{answer.status_code} is not declared: {answer.text[:300]}"
    content = declared.get("content", {})
    if not content:
        return None if not answer.content else f"{answer.status_code} has a body: {answer.text[:300]}"
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if kind not in content:
        return f"{answer.status_code} is {kind!r}: {answer.text[:300]}"
    if kind.endswith("json"):
        errors = _errors(document, content[kind].get("schema", {}), json.loads(answer.content))
        return f"{answer.status_code}: {errors[0]}" if errors else None
    return None


def _example_faults(document: Document, media: Mapping[str, Any]) -> Iterator[str]:
    examples = media.get("examples", {})
    if not examples:
        yield "no example"
    for name, example in examples.items():
        yield from (f"{name}: {error}" for error in _errors(document, media.get("schema", {}), example["value"]))


def _errors(document: Document, schema: Mapping[str, Any], value: object) -> list[str]:
    whole = {**schema, "components": document.get("components", {})}
    return [_told(error) for error in Draft202012Validator(whole).iter_errors(value)]


def _told(error: ValidationError) -> str:
    place = "/".join(str(step) for step in error.instance_path)
    return f"{place or 'all of it'}: {error.message[:300]}"
