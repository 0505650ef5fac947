"""The words of a bill's lines: what each is for, for how long, and why it is what it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from billing.documents.language import N_, Language
from billing.documents.model import Row
from billing.rating.model import Line, LineKind

_ADDONS: Final = {"android_app": N_("Android app"), "dmca_shield": N_("DMCA Shield")}
_Words = Callable[[Line, Language, str], tuple[str, tuple[str, ...]]]


def row_of(line: Line, language: Language, currency: str) -> Row:
    """The line as it is shown."""
    text, details = _WORDS[line.kind](line, language, currency)
    return Row(
        text=text,
        details=tuple(each for each in details if each),
        mark=language.say("Late usage") if line.kind == "late" else "",
        quantity=_quantity(line, language),
        unit_amount="" if line.unit_amount is None else language.money(line.unit_amount, currency),
        amount=language.money(line.amount, currency),
    )


def _quantity(line: Line, language: Language) -> str:
    if line.kind in {"bandwidth", "late"}:
        return f"{language.number(line.quantity)} GB"
    return language.number(line.quantity) if line.kind in {"base", "addon", "capacity"} else ""


def _base(line: Line, language: Language, currency: str) -> tuple[str, tuple[str, ...]]:
    return str(line.params.get("name", "")) or language.say("Base fee"), _held(line, language)


def _addon(line: Line, language: Language, currency: str) -> tuple[str, tuple[str, ...]]:
    key = str(line.params.get("key", ""))
    name = language.say(_ADDONS[key]) if key in _ADDONS else key.replace("_", " ").capitalize()
    return language.say("Add-on: {name}", name=name), _held(line, language)


def _capacity(line: Line, language: Language, currency: str) -> tuple[str, tuple[str, ...]]:
    return language.say("Capacity tier {tier}", tier=line.params.get("key", "")), _held(line, language)


def _held(line: Line, language: Language) -> tuple[str, ...]:
    """When it was held and, where that is not the whole period, what of it is charged: changes and holds show here."""
    seconds, whole = int(line.params.get("seconds", 0)), int(line.params.get("of_seconds", 0))
    held = language.span(line.start, line.end)
    if seconds == whole:
        return (held,)
    return (
        held,
        language.say(
            "Charged for {days} of {whole} days: only time in use counts.",
            days=language.days(seconds),
            whole=language.days(whole),
        ),
    )


def _bandwidth(line: Line, language: Language, currency: str) -> tuple[str, tuple[str, ...]]:
    return language.say("Bandwidth beyond what is included"), (
        _sent(line, language),
        language.span(line.start, line.end),
    )


def _late(line: Line, language: Language, currency: str) -> tuple[str, tuple[str, ...]]:
    return (
        language.say("Bandwidth of an earlier period"),
        (
            language.say("Counted after the bill of {period} was closed.", period=language.span(line.start, line.end)),
            _sent(line, language),
        ),
    )


def _sent(line: Line, language: Language) -> str:
    return language.say(
        "{used} sent, {included} included",
        used=language.gigabytes(int(line.params.get("used_bytes", 0))),
        included=language.gigabytes(int(line.params.get("included_bytes", 0))),
    )


def _share(line: Line, language: Language, currency: str) -> tuple[str, tuple[str, ...]]:
    revenue = language.money(int(line.params.get("revenue", 0)), currency)
    if "share_bps" in line.params:
        percent = language.percent(int(line.params["share_bps"]))
        text = language.say("Share of revenue: {percent} of {revenue}", percent=percent, revenue=revenue)
    else:
        text = language.say("Share of revenue of {revenue}", revenue=revenue)
    return text, (language.span(line.start, line.end),)


def _minimum(line: Line, language: Language, currency: str) -> tuple[str, tuple[str, ...]]:
    least = language.money(int(line.params.get("minimum", 0)), currency)
    shared = language.money(int(line.params.get("share", 0)), currency)
    detail = language.say("Minimum {minimum}, less the share of {share}", minimum=least, share=shared)
    return language.say("Minimum fee"), (detail, language.span(line.start, line.end))


def _discount(line: Line, language: Language, currency: str) -> tuple[str, tuple[str, ...]]:
    text = language.say("Discount {code}", code=line.params.get("code", ""))
    if "percent_bps" in line.params:
        text = f"{text} ({language.percent(int(line.params['percent_bps']))})"
    return text, ()


def _advanced(line: Line, language: Language, currency: str) -> tuple[str, tuple[str, ...]]:
    detail = language.say("Charged by the bill before, for {period}", period=language.span(line.start, line.end))
    return language.say("Paid in advance"), (detail,)


def _advance(line: Line, language: Language, currency: str) -> tuple[str, tuple[str, ...]]:
    discount = int(line.params.get("discount", 0))
    less = language.say("After a discount of {amount}", amount=language.money(discount, currency)) if discount else ""
    name = str(line.params.get("name", "")) or language.say("Base fee")
    return language.say("{name}, in advance", name=name), (language.span(line.start, line.end), less)


_WORDS: Final[dict[LineKind, _Words]] = {
    "base": _base,
    "addon": _addon,
    "capacity": _capacity,
    "bandwidth": _bandwidth,
    "late": _late,
    "share": _share,
    "minimum": _minimum,
    "discount": _discount,
    "advanced": _advanced,
    "advance": _advance,
}
