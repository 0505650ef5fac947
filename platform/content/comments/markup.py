"""A comment's source as HTML: a part of Markdown, sanitised once more, links only to whole addresses of the web."""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from content.comments.spoilers import closed_by_paragraph, has_spoiler, spoilers
from content.comments.text import readable

_LONGEST_URL: Final = 500
_RULES: Final = (
    ("paragraph", "blockquote", "list", "fence"),
    ("newline", "escape", "backticks", "strikethrough", "emphasis", "link", "autolink"),
    ("strikethrough", "emphasis"),
)
_TAGS: Final = {"p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "span"}
_HOST: Final = re.compile(r"(?=.{4,253}\Z)([^\W_]([\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{1,62}")
_LINK: Final = re.compile(r"://|\bwww\.|\b[\w-]+\.[a-z]{2,10}/", re.IGNORECASE)
# A checkbox works without JavaScript and from the keyboard; what it covers is not read aloud before it is checked.
_VEILED: Final = (
    '<label class="spoiler"><input type="checkbox" aria-label="Show spoiler"><span class="veil"><span class="veiled">'
)
_CLEANER: Final = nh3.Cleaner(
    tags=_TAGS,
    # The library lets every element have a title and a language unless it is told otherwise.
    attributes={"*": set(), "a": {"href"}},
    tag_attribute_values={"span": {"class": {"spoiler"}}},
    url_schemes={"http", "https"},
    url_relative="deny",
    link_rel="nofollow ugc noopener noreferrer",
    strip_comments=True,
)


def is_web_address(url: str) -> bool:
    """Whether it is a whole http(s) URL of a named host, without credentials or a port."""
    if len(url) > _LONGEST_URL or "\\" in url:
        return False
    try:
        parts = urlsplit(url)
        named = _HOST.fullmatch(parts.hostname or "") is not None
        return parts.scheme in ("http", "https") and named and parts.netloc.lower() == parts.hostname
    except ValueError:
        return False


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's door for a stricter rule
        return is_web_address(url)


def _parser() -> MarkdownIt:
    block, inline, after = _RULES
    markdown = _Markdown("zero", {"breaks": True, "maxNesting": 12})
    markdown.enable([*block, *inline])
    markdown.inline.ruler2.enable([*after])
    markdown.use(spoilers)
    return markdown


_MARKDOWN: Final = _parser()


@lru_cache(maxsize=4_096)
def html_of(source: str) -> str:
    """Safe HTML of a comment's source, whoever brought it; spoilers are veiled until they are asked for."""
    text = closed_by_paragraph(readable(source))
    clean = _CLEANER.clean(_MARKDOWN.render(text, {}))
    return clean.replace('<span class="spoiler">', _VEILED).replace("</span>", "</span></span></label>")


def excerpt_of(source: str, most: int, *, is_spoiler: bool = False) -> str:
    """The first words as plain text without what is marked as a spoiler; empty for one that is a spoiler as a whole."""
    if is_spoiler and not has_spoiler(source):
        return ""
    words = " ".join(" ".join(_plain(_MARKDOWN.parse(closed_by_paragraph(readable(source)), {}))).split())
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def has_link(source: str) -> bool:
    """Whether it leads or wants to lead somewhere."""
    return _LINK.search(source) is not None


def _plain(tokens: list[Token]) -> list[str]:
    words: list[str] = []
    depth = 0
    for token in (inner for outer in tokens for inner in (outer.children or [outer])):
        if token.type == "spoiler_open":
            depth += 1
            words.append("[…]")
        elif token.type == "spoiler_close":
            depth -= 1
        elif not depth:
            words.append(" " if token.type in ("softbreak", "hardbreak") else token.content)
    return words
