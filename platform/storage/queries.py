"""What a query may say: the rules that keep filters, updates and pipelines within their owner's documents."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast

from storage.errors import QueryRefused

Filter = Mapping[str, Any]
Stage = Mapping[str, Any]

_SCRIPTS: Final = frozenset({"$where", "$function", "$accumulator"})
# Most of what a document is made of; asking whether each is a Mapping would take most of the time of a bulk write.
_PLAIN: Final = frozenset({str, int, float, bool, datetime, type(None)})
_STAGES: Final = frozenset(
    {
        "$addFields",
        "$bucket",
        "$bucketAuto",
        "$count",
        "$facet",
        "$group",
        "$limit",
        "$match",
        "$project",
        "$redact",
        "$replaceRoot",
        "$replaceWith",
        "$sample",
        "$set",
        "$setWindowFields",
        "$skip",
        "$sort",
        "$sortByCount",
        "$unset",
        "$unwind",
    }
)
_OPERATORS: Final = frozenset(
    {
        "$addToSet",
        "$bit",
        "$currentDate",
        "$inc",
        "$max",
        "$min",
        "$mul",
        "$pop",
        "$pull",
        "$pullAll",
        "$push",
        "$rename",
        "$set",
        "$setOnInsert",
        "$unset",
    }
)


def refuse_scripts(value: object) -> None:
    """Raises QueryRefused where JavaScript would run on the server, however deep it stands."""
    if type(value) in _PLAIN:
        return
    if isinstance(value, Mapping):
        for key, inner in cast("Mapping[str, object]", value).items():
            if key in _SCRIPTS:
                raise QueryRefused(f"{key} runs a script on the server")
            refuse_scripts(inner)
    elif isinstance(value, list | tuple):
        for inner in cast("Sequence[object]", value):
            refuse_scripts(inner)


def checked_update(update: Mapping[str, Any]) -> Mapping[str, Any]:
    """The update, if it consists of operators that leave `_id` alone. Raises QueryRefused."""
    if not update:
        raise QueryRefused("an update without an operator would replace the document")
    for operator, changes in update.items():
        if operator not in _OPERATORS:
            raise QueryRefused(f"{operator} is no update operator that is let through")
        for path, value in cast("Mapping[str, Any]", changes).items():
            _refuse_identity(path)
            if operator == "$rename":
                _refuse_identity(str(value))
    refuse_scripts(update)
    return update


def _refuse_identity(path: str) -> None:
    if path == "_id" or path.startswith("_id."):
        raise QueryRefused("the identity of a document does not change")


def checked_stages(stages: Iterable[Stage]) -> list[dict[str, Any]]:
    """The stages, if each of them (those inside `$facet` too) stays within the collection. Raises QueryRefused."""
    checked: list[dict[str, Any]] = []
    for stage in stages:
        if len(stage) != 1:
            raise QueryRefused("a stage has exactly one name")
        ((name, body),) = stage.items()
        if name not in _STAGES:
            raise QueryRefused(f"{name} is no stage that is let through")
        if name == "$facet":
            body = {facet: checked_stages(inner) for facet, inner in body.items()}
        else:
            refuse_scripts(body)
        checked.append({name: body})
    return checked


def within(predicate: Filter, wanted: Filter | None) -> dict[str, Any]:
    """Both filters at once, never a merge of their keys."""
    if not wanted:
        return dict(predicate)
    refuse_scripts(wanted)
    return {"$and": [dict(predicate), wanted]}


def pipeline_within(predicate: Filter, stages: Iterable[Stage]) -> list[dict[str, Any]]:
    """The pipeline behind the predicate. A leading `$match` is joined to it: `$text` must stand in the first stage."""
    checked = checked_stages(stages)
    if checked and "$match" in checked[0]:
        return [{"$match": within(predicate, checked[0]["$match"])}, *checked[1:]]
    return [{"$match": dict(predicate)}, *checked]
