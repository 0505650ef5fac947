"""From packets to cues: whatever comes in, what goes out is text and three balanced styles."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.model import Subtitle
from content.subtitles.cues import MOST_FILE_BYTES, Cue, webvtt_file
from content.subtitles.languages import Language, language
from content.subtitles.markup import MOST_TEXT, READERS, payload
from content.subtitles.offers import Holder, subtitle_offers

TAG = re.compile(r"<(/?)([biu])>")


@pytest.mark.parametrize(
    ("codec", "data", "markup"),
    [
        ("subrip", b"<font color=red>Red</font> <I>it</I>", "Red <i>it</i>"),
        ("subrip", b"<b><i>one</b> two</i>", "<b><i>one</i></b><i> two</i>"),
        ("subrip", b"a\r\n\r\n\r\nb --> c\x00", "a\nb --&gt; c"),
        ("subrip", "\ufeffcaf\u00e9".encode(), "café"),
        ("subrip", b"caf\xe9", "café"),
        ("subrip", b"<img src=x onerror=alert(1)>x", "x"),
        ("subrip", b"<<i>b>", "&lt;<i>b&gt;</i>"),
        ("ass", rb"0,0,Default,,0,0,0,,{\b1\fs20}Bold{\r} plain, yes\h\Nnext", "<b>Bold</b> plain, yes\nnext"),
        ("ass", rb"0,0,Default,,0,0,0,,{\bord2\iclip(1)\blur3}x", "x"),
        ("ass", rb"0,0,Default,,0,0,0,,{\p1}m 0 0 l 1 1{\p0}", ""),
        ("ass", b"too,few", "few"),
        ("mov_text", b"\x00\x05hello\x00\x00\x00\x0cstyl", "hello"),
        (
            "mov_text",
            b"\x00\x05hello\x00\x00\x00\x16styl\x00\x01\x00\x01\x00\x03\x00\x01\x03\x12\xff\xff\xff\xff",
            "h<b><i>el</i></b>lo",
        ),
        ("mov_text", b"\x00\x06\xfe\xff\x00h\x00i", "hi"),
        ("mov_text", b"\x00\x00", ""),
        ("mov_text", b"", ""),
        ("webvtt", b"<v Ann>Tom &amp; <c.loud>Jerry</c> &lt;3", "Tom &amp; Jerry &lt;3"),
        ("text", b"<i>as it is</i>", "&lt;i&gt;as it is&lt;/i&gt;"),
        ("subrip", b"<i>  </i>", ""),
    ],
)
def test_a_packet_becomes_safe_markup(codec: str, data: bytes, markup: str) -> None:
    assert payload(codec, data).markup == markup


def test_what_belongs_to_the_top_says_so() -> None:
    assert payload("ass", rb"0,0,D,,0,0,0,,{\an8}sign").at_top
    assert payload("subrip", rb"{\an8}sign").at_top
    assert not payload("subrip", rb"{\an2}line").at_top


@given(st.sampled_from(sorted(READERS)), st.binary(max_size=300) | st.text("<>/biu{}\\an8 &;-\n", max_size=200))
def test_no_packet_makes_anything_else(codec: str, data: bytes | str) -> None:
    markup = payload(codec, data.encode() if isinstance(data, str) else data).markup
    opened: list[str] = []
    for closes, style in TAG.findall(markup):
        assert opened.pop() == style if closes else style not in opened
        opened += [] if closes else [style]
    assert not opened
    assert "<" not in TAG.sub("", markup)
    assert "\n\n" not in markup
    assert "-->" not in markup


def test_a_packet_without_end_is_cut() -> None:
    assert len(payload("subrip", b"a" * 10**6).markup) == MOST_TEXT


def test_a_file_has_its_cues_in_order_once_and_within_bounds() -> None:
    cues = [Cue(5, 6, "b"), Cue(1, None, "a"), Cue(5, 6, "b"), Cue(3, 2, "odd"), Cue(-1, 3, "never")]
    assert webvtt_file(cues) == (
        "WEBVTT\n\n00:00:01.000 --> 00:00:03.000\na\n\n00:00:03.000 --> 00:00:05.000\nodd\n"
        "\n00:00:05.000 --> 00:00:06.000\nb\n"
    )
    assert webvtt_file([Cue(3_725.25, 3_800, "x")]).endswith("01:02:05.250 --> 01:03:20.000\nx\n")
    assert len(webvtt_file([Cue(place, place + 1, "x" * 1900) for place in range(5000)]).encode()) <= MOST_FILE_BYTES
    assert webvtt_file([]) == "WEBVTT\n"


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("eng", Language("en", "English")),
        ("ger", Language("de", "Deutsch")),
        ("deu", Language("de", "Deutsch")),
        ("zh", Language("zh", "中文")),
        ("pt-BR", Language("pt-BR", "Português (BR)")),
        ("zh_Hant", Language("zh-Hant", "中文 (Hant)")),
        ("por", Language("pt", "Português")),
        ("tlh", Language("tlh", "TLH")),
        ("und", Language("und", "Subtitles")),
        ("", Language("und", "Subtitles")),
        (None, Language("und", "Subtitles")),
        ('"><script>', Language("und", "Subtitles")),
    ],
)
def test_codes_become_tags_for_browsers_and_names_for_people(code: str | None, found: Language) -> None:
    assert language(code) == found


def test_each_language_is_offered_once_out_of_the_smallest_bucket() -> None:
    large = Holder(
        "0", 900, [Subtitle(lang="eng", index=3), Subtitle(lang="spa", index=4), Subtitle(lang="eng", index=5)]
    )
    small = Holder("1", 100, [Subtitle(lang="en", index=2), Subtitle(lang="ger"), Subtitle(lang="fre", index=-1)])
    offers = [(each.lang, each.label, each.bucket, each.index) for each in subtitle_offers([large, small])]
    assert offers == [
        ("en", "English", "1", 2),
        ("es", "Español", "0", 4),
        ("en", "English 2", "0", 5),
    ]
