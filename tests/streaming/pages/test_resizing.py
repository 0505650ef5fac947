"""Smaller copies of pages."""

import asyncio
from io import BytesIO

import pytest
from PIL import Image

from streaming.pages.errors import PageUnreadable
from streaming.pages.resizing import MOST_PIXELS, WIDTHS, Resizer, width_for
from tests.streaming.pages.drawing import MIMES, SVG, picture

pytestmark = pytest.mark.anyio


class Original:
    """Bytes that count how often they were asked for."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.asked = 0

    async def __call__(self) -> bytes:
        self.asked += 1
        await asyncio.sleep(0)
        return self.body


def opened(body: bytes) -> Image.Image:
    return Image.open(BytesIO(body), formats=["JPEG"])


@pytest.mark.parametrize("kind", MIMES)
async def test_a_copy_is_a_jpeg_of_the_asked_width(kind: str) -> None:
    made = opened(await Resizer().copy("a", 240, Original(picture(kind, (600, 840)))))
    assert made.size == (240, 336)


async def test_a_small_page_is_not_made_larger() -> None:
    assert opened(await Resizer().copy("a", 800, Original(picture("PNG", (100, 140))))).size == (100, 140)


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("RGBA", "PNG"), ("RGBA", "WEBP"), ("LA", "PNG"), ("P", "GIF"), ("CMYK", "JPEG"), ("I;16", "PNG")],
)
async def test_every_way_of_colour_becomes_a_page_on_paper(mode: str, kind: str) -> None:
    body = BytesIO()
    Image.new("RGB" if mode == "I;16" else mode, (400, 560)).convert("I;16" if mode == "I;16" else mode).save(
        body, kind
    )
    made = opened(await Resizer().copy("a", 240, Original(body.getvalue())))
    assert made.mode in {"RGB", "L"}
    if mode in {"RGBA", "LA"}:
        assert made.convert("L").getpixel((5, 5)) == 255, "transparency is paper"


async def test_those_who_ask_at_once_wait_for_one_copy_and_later_ones_get_it_from_memory() -> None:
    resizer, original = Resizer(), Original(picture("JPEG", (600, 840)))
    copies = await asyncio.gather(*(resizer.copy("a", 240, original) for _ in range(5)))
    assert len(set(copies)) == 1
    assert await resizer.copy("a", 240, original) == copies[0]
    assert original.asked == 1
    await resizer.copy("b", 240, original)
    assert original.asked == 2, "another picture is another copy"


async def test_memory_is_bounded() -> None:
    body = picture("JPEG", (600, 840))
    size = len(await Resizer().copy("a", 240, Original(body)))
    resizer, first = Resizer(kept_bytes=size * 5), Original(body)
    for name in "abcdef":
        await resizer.copy(name, 240, first)
    await resizer.copy("f", 240, first)
    assert first.asked == 6
    await resizer.copy("a", 240, first)
    assert first.asked == 7, "the oldest had to go"


@pytest.mark.parametrize("body", [SVG, b"", picture("JPEG")[:400], picture("PNG")[:90]])
async def test_what_cannot_be_decoded_says_so_and_is_asked_again(body: bytes) -> None:
    resizer = Resizer()
    with pytest.raises(PageUnreadable):
        await resizer.copy("a", 240, Original(body))
    assert await resizer.copy("a", 240, Original(picture()))


async def test_a_bomb_is_refused_before_it_is_decoded() -> None:
    body = BytesIO()
    Image.new("1", (9_000, MOST_PIXELS // 9_000 + 1)).save(body, "PNG")
    with pytest.raises(PageUnreadable):
        await Resizer().copy("a", 240, Original(body.getvalue()))


@pytest.mark.parametrize(
    ("wanted", "given"), [(1, WIDTHS[0]), (240, 240), (241, 360), (1000, 1080), (99_999, WIDTHS[-1])]
)
def test_a_few_widths_serve_all_screens(wanted: int, given: int) -> None:
    assert width_for(wanted) == given
