"""`>!spoiler!<` as a part of Markdown, and quotes that don't take it for themselves."""

import re
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.blockquote import blockquote
from markdown_it.rules_inline import StateInline

OPEN: Final = ">!"
CLOSE: Final = "!<"


def spoilers(markdown: MarkdownIt) -> None:
    """The plugin: tokens `spoiler_open` and `spoiler_close`, one level deep."""
    markdown.inline.ruler.before("emphasis", "spoiler", _spoiler)
    markdown.block.ruler.at("blockquote", _quote, {"alt": ["paragraph", "reference", "blockquote", "list"]})


def closed_by_paragraph(source: str) -> str:
    """The source with a spoiler of several paragraphs as one spoiler a paragraph: none of them shows unasked."""
    parts: list[str] = []
    at = 0
    # By `find`, which looks at everything once: possessive patterns miss matches in Python 3.11.0 to 3.11.4.
    while (begin := source.find(OPEN, at)) >= 0 and (end := source.find(CLOSE, begin + len(OPEN))) >= 0:
        begin = source.rfind(OPEN, begin, end)
        parts += source[at:begin], re.sub(r"\n\n+", f"{CLOSE}\n\n{OPEN}", source[begin:end])
        at = end
    return "".join(parts) + source[at:]


def has_spoiler(source: str) -> bool:
    """Whether a part of the text is marked."""
    return OPEN in source


def _quote(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    begin = state.bMarks[start_line] + state.tShift[start_line]
    if state.src.startswith(OPEN, begin):
        return False
    return blockquote(state, start_line, end_line, silent)


def _spoiler(state: StateInline, silent: bool) -> bool:
    begin = state.pos
    if not state.src.startswith(OPEN, begin) or state.env.get("in_spoiler"):
        return False
    end = state.src.find(CLOSE, begin + len(OPEN), state.posMax)
    # Left open, it hides the rest: better too much than the ending of a film.
    stop, after = (state.posMax, state.posMax) if end < 0 else (end, end + len(CLOSE))
    if not state.src[begin + len(OPEN) : stop].strip():
        return False
    if not silent:
        most = state.posMax
        state.env["in_spoiler"] = True
        state.push("spoiler_open", "span", 1).attrSet("class", "spoiler")
        state.pos, state.posMax = begin + len(OPEN), stop
        state.md.inline.tokenize(state)
        state.push("spoiler_close", "span", -1)
        state.posMax = most
        state.env["in_spoiler"] = False
    state.pos = after
    return True
