"""Nothing that somebody writes runs, loads or leads where it should not: a table of what was tried elsewhere."""

import time
from html.parser import HTMLParser
from typing import Final

import pytest

from content.comments.markup import excerpt_of, has_link, html_of, is_web_address

_TAGS: Final = {
    "p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "span", "label", "input",
}  # fmt: skip
_CLASSES: Final[dict[str, tuple[str, ...]]] = {"span": ("veil", "veiled"), "label": ("spoiler",)}
_REL: Final = "nofollow ugc noopener noreferrer"

VECTORS: Final = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img/src='x'/onerror=alert(1)>",
    '<img src="x` `<script>alert(1)</script>"` `>',
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg/onload=&#97;lert(1)>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<body onload=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<input autofocus onfocus=alert(1)>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<base href='https://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css';</style>",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<textarea></textarea><script>alert(1)</script>",
    "<xss id=x tabindex=1 onfocus=alert(1)></xss>",
    "<label class=spoiler><input type=checkbox onclick=alert(1)></label>",
    "<span class=spoiler onmouseover=alert(1)>x</span>",
    "</span></span></label><script>alert(1)</script>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "[x](JAVASCRIPT:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](java&#10;script:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](\\javascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x]( javascript:alert(1) 'title')",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](file:///etc/passwd)",
    "[x](blob:https://a.example/1)",
    "[x](//evil.example)",
    "[x](/\\evil.example)",
    "[x](\\\\evil.example)",
    "[x](/api/v1/account)",
    "[x](?q=1)",
    "[x](#top)",
    "[x](https:evil.example)",
    "[x](https:/evil.example)",
    "[x](https:///evil.example)",
    "[x](http://good.example@evil.example/)",
    "[x](http://user:pass@evil.example/)",
    "[x](http://evil.example:8080/)",
    "[x](http://127.0.0.1/)",
    "[x](http://[::1]/)",
    "[x](http://localhost/)",
    "[x](http://evil.example\\@good.example/)",
    '[x](https://a.example/" onmouseover="alert(1))',
    '[x](https://a.example/ "\' onmouseover=alert(1)")',
    "[<img src=x onerror=alert(1)>](https://a.example/)",
    "![x](javascript:alert(1))",
    "![x](https://evil.example/pixel.png)",
    "![x' onerror='alert(1)](https://evil.example/x)",
    "<javascript:alert(1)>",
    "<data:text/html,<script>alert(1)</script>>",
    "[a]: javascript:alert(1)\n\n[a]",
    "[a]: https://a.example '\"><script>alert(1)</script>'\n\n[a]",
    "```<script>\nalert(1)\n```",
    '```js"onload=alert(1)\n</code><script>alert(1)</script>\n```',
    "`<script>alert(1)</script>`",
    "    <script>alert(1)</script>",
    "> <script>alert(1)</script>",
    "- <img src=x onerror=alert(1)>",
    "# <svg onload=alert(1)>",
    ">!<script>alert(1)</script>!<",
    ">!</span><img src=x onerror=alert(1)>!<",
    ">![x](javascript:alert(1))!<",
    ">!>!<b onclick=alert(1)>!<!<",
    "**<script>**alert(1)**</script>**",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)",
    "\u003cscript\u003ealert(1)\u003c/script\u003e",
    "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e",
    "<scr\u200bipt>alert(1)</scr\u200bipt>",
    "<\x00script>alert(1)</script>",
    "<img src=x\x0bonerror=alert(1)>",
    "\u202e<script>alert(1)</script>",
    "{{7*7}} {% raw %} ${7*7} #{7*7}",
]


class Walk(HTMLParser):
    """Notes every element and what it carries."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("place", range(len(VECTORS)))
def test_what_is_written_becomes_text_and_nothing_else(place: int) -> None:
    walk = Walk()
    walk.feed(html_of(VECTORS[place]))
    for tag, attributes in walk.found:
        assert tag in _TAGS, (tag, VECTORS[place])
        if tag == "a":
            assert set(attributes) == {"href", "rel"}
            assert attributes["rel"] == _REL
            assert is_web_address(str(attributes["href"])), attributes
        elif tag == "input":
            assert attributes == {"type": "checkbox", "aria-label": "Show spoiler"}
        else:
            assert attributes.get("class") in _CLASSES.get(tag, (None,)), attributes
            assert set(attributes) <= {"class"}


def test_there_are_enough_vectors() -> None:
    assert len(set(VECTORS)) >= 60


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("**a** *b* ~~c~~ `d`", "<p><strong>a</strong> <em>b</em> <s>c</s> <code>d</code></p>"),
        ("a\nb\n\nc", "<p>a<br>\nb</p>\n<p>c</p>"),
        ("> a", "<blockquote>\n<p>a</p>\n</blockquote>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("# no heading", "<p># no heading</p>"),
        (r"\*plain\*", "<p>*plain*</p>"),
        ("[a](https://b.example/c?d=1&e=2)", f'<p><a href="https://b.example/c?d=1&amp;e=2" rel="{_REL}">a</a></p>'),
        ("<https://b.example>", f'<p><a href="https://b.example" rel="{_REL}">https://b.example</a></p>'),
    ],
)
def test_a_part_of_markdown_is_understood(source: str, html: str) -> None:
    assert html_of(source).strip() == html


@pytest.mark.parametrize(
    "source",
    [
        ">!the end!<",
        "Then >!the end!< came",
        ">!the end!<\n\nnext",
        "a\n>!the end!<",
        ">!left open: the end",
        ">!first\n\nthe end!<",
        ">!first\n\nsecond\n\nthe end!<",
        "> said: >!the end!<",
        "- >!the end!<",
        "**>!the end!<**",
        ">!**the end**!<",
        ">!a >!the end!<",
    ],
)
def test_a_spoiler_is_veiled_wherever_it_stands(source: str) -> None:
    html = html_of(source)
    before = html.partition("the end")[0]
    assert before.rfind('<span class="veiled">') > before.rfind("</label>"), html
    assert html.count("<label") == html.count("</label>") == html.count("<span") // 2
    assert "the end" not in excerpt_of(source, 200)


def test_code_that_looks_like_a_spoiler_is_code_and_an_escape_is_text() -> None:
    assert "<label" not in html_of("`>!x!<`")
    assert "<label" not in html_of(r"\>!x!<")


def test_an_excerpt_is_plain_bounded_and_silent_about_what_is_a_spoiler_as_a_whole() -> None:
    assert excerpt_of("**Bold** [link](https://a.example) >!secret!< end", 60) == "Bold link […] end"
    assert excerpt_of("word " * 50, 20) == "word word word word…"
    assert excerpt_of("He dies", 60, is_spoiler=True) == ""


@pytest.mark.parametrize("text", ["https://a.example", "see www.a.example", "a.example/now", "HTTP://A.EXAMPLE"])
def test_what_wants_to_lead_somewhere_is_noticed(text: str) -> None:
    assert has_link(text)


@pytest.mark.parametrize("text", ["No link.", "and/or", "12:30", "e.g. this", "S01/E02"])
def test_what_does_not_is_left_alone(text: str) -> None:
    assert not has_link(text)


@pytest.mark.parametrize(
    "piece", ["*a **b ", "[", "`", ">", ">!", ">!a!<", "_a", "- ", "![", "<", "~~a", "&amp;", "\\", ">!a\n\n"]
)
def test_no_pattern_takes_long(piece: str) -> None:
    source = (piece * 8_000)[:8_000]
    began = time.process_time()
    html_of(source)
    assert time.process_time() - began < 2
