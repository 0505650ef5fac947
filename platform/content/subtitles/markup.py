"""The text of one subtitle packet as a WebVTT cue's payload: https://www.w3.org/TR/webvtt1/

Whatever comes in, what goes out is text, line ends and balanced `<b>`, `<i>`, `<u>`, all else escaped or dropped. Each
reader gives runs: text, or the opening (`+i`) and closing (`-i`) of a style.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

MOST_TEXT: Final = 2_000
"""Characters of one cue; more is no subtitle."""

_MARK: Final = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9.]{0,40})(?:[ \t][^<>]{0,200})?>|\{(\\[^{}]{0,400})\}")
_OVERRIDE: Final = re.compile(r"\{([^{}]{0,2000})\}")
_STYLE: Final = re.compile(r"\\(?:([biu])(\d{1,3})|an?(\d{1,2})|p(\d)|(r))(?![a-z])")
_INVISIBLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\ufeff]")
_STYLES: Final = frozenset("biu")
_AT_THE_TOP: Final = frozenset({7, 8, 9})


class Payload(NamedTuple):
    """A cue's markup, empty where there is nothing to see, and whether it belongs to the top of the picture."""

    markup: str
    at_top: bool


class Run(NamedTuple):
    """`kind` is text, `+`, `-` or top; `value` the text or the style's letter."""

    kind: str
    value: str = ""


def payload(codec: str, data: bytes) -> Payload:
    """The payload of a packet of a codec in READERS."""
    runs = list(READERS[codec](data))
    return Payload(_written(runs), any(run.kind == "top" for run in runs))


def subrip(data: bytes) -> Iterator[Run]:
    """HTML-like tags, and the overrides that players have come to accept in braces."""
    yield from _tagged(_decoded(data))


def webvtt(data: bytes) -> Iterator[Run]:
    """Cue text: its entities are read, its voices, classes and timestamps dropped."""
    for run in _tagged(_decoded(data)):
        yield Run("text", html.unescape(run.value)) if run.kind == "text" else run


def plain(data: bytes) -> Iterator[Run]:
    """Text as it is."""
    yield Run("text", _decoded(data))


def mov_text(data: bytes) -> Iterator[Run]:
    """3GPP timed text (TS 26.245): two bytes of length, UTF-8 or UTF-16 with a mark, then boxes of style."""
    end = 2 + int.from_bytes(data[:2], "big")
    raw = data[2:end]
    marked = raw[:2] in {b"\xfe\xff", b"\xff\xfe"}
    text = raw.decode("utf-16", "replace")[:MOST_TEXT] if marked else _decoded(raw)
    place = 0
    for start, stop, face in _faces(data[end:]):
        styles = [style for bit, style in enumerate("biu") if face >> bit & 1]
        if place <= start < stop <= len(text) and styles:
            yield Run("text", text[place:start])
            yield from (Run("+", style) for style in styles)
            yield Run("text", text[start:stop])
            yield from (Run("-", style) for style in reversed(styles))
            place = stop
    yield Run("text", text[place:])


def _faces(boxes: bytes) -> Iterator[tuple[int, int, int]]:
    """First and last character and face of each record of a style box: bit 0 bold, 1 italic, 2 underlined."""
    while len(boxes) >= 10:
        size = int.from_bytes(boxes[:4], "big")
        if boxes[4:8] == b"styl":
            records = boxes[10 : min(size, len(boxes))]
            for place in range(0, len(records) - 11, 12):
                record = records[place : place + 12]
                yield int.from_bytes(record[:2], "big"), int.from_bytes(record[2:4], "big"), record[6]
        if size < 8:
            return
        boxes = boxes[size:]


def ass(data: bytes) -> Iterator[Run]:
    """An event as Matroska holds it: eight fields, then the text with overrides; drawings are dropped."""
    text = _decoded(data).split(",", 8)[-1]
    text = text.replace("\\N", "\n").replace("\\n", " ").replace("\\h", "\u00a0")
    is_drawing = False
    position = 0
    for match in _OVERRIDE.finditer(text):
        if not is_drawing:
            yield Run("text", text[position : match.start()])
        for style in _STYLE.finditer(match[1]):
            if style[4] is not None:
                is_drawing = style[4] != "0"
            else:
                yield from _override(style)
        position = match.end()
    if not is_drawing:
        yield Run("text", text[position:])


READERS: Final[Mapping[str, Callable[[bytes], Iterable[Run]]]] = {
    "subrip": subrip,
    "srt": subrip,
    "ass": ass,
    "ssa": ass,
    "mov_text": mov_text,
    "webvtt": webvtt,
    "text": plain,
}
"""The codecs that are text, by FFmpeg's names."""


def _decoded(data: bytes) -> str:
    # Subtitles without a mark are UTF-8 in every container that says so; others are read as most of the rest were made.
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    return text[: 4 * MOST_TEXT]


def _tagged(text: str) -> Iterator[Run]:
    position = 0
    for match in _MARK.finditer(text):
        yield Run("text", text[position : match.start()])
        position = match.end()
        if match[3] is not None:
            for style in _STYLE.finditer(match[3]):
                yield from _override(style)
        elif match[2].lower().partition(".")[0] in _STYLES:
            yield Run("-" if match[1] else "+", match[2][0].lower())
    yield Run("text", text[position:])


def _override(style: re.Match[str]) -> Iterator[Run]:
    if style[1] is not None:
        yield Run("-" if style[2] in {"0", "400"} else "+", style[1])
    elif style[3] is not None and int(style[3]) in _AT_THE_TOP:
        yield Run("top")
    elif style[5] is not None:
        yield from (Run("-", each) for each in _STYLES)


def _written(runs: Iterable[Run]) -> str:
    """Balanced markup. A style that closes over others closes and opens them again."""
    pieces: list[str] = []
    opened: list[str] = []
    length = 0
    for kind, value in runs:
        if kind == "text":
            text = _INVISIBLE.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))[: MOST_TEXT - length]
            length += len(text)
            pieces.append(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
        elif kind == "+" and value not in opened:
            opened.append(value)
            pieces.append(f"<{value}>")
        elif kind == "-" and value in opened:
            over = opened[opened.index(value) + 1 :]
            pieces += [f"</{each}>" for each in reversed([value, *over])] + [f"<{each}>" for each in over]
            opened = [each for each in opened if each != value]
    pieces += [f"</{each}>" for each in reversed(opened)]
    # An empty line would end the cue.
    lines = [line.strip() for line in "".join(pieces).split("\n")]
    markup = "\n".join(line for line in lines if line)
    return markup if re.sub(r"</?[biu]>", "", markup).strip() else ""
