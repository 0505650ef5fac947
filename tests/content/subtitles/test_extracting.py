"""Containers are read by a process of their own, that nothing in them can take further."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from content.subtitles.extracting import Bounds, Unreadable, extract
from content.subtitles.wire import Taken
from streaming.source import SourceUnavailable
from tests.content.subtitles.containers import make

ENGLISH = """WEBVTT

00:00:00.500 --> 00:00:02.000
<i>Hello</i> &amp; <b>goodbye</b>

00:00:02.500 --> 00:00:04.000 line:0
alert(1) 1 &lt; 2

00:00:04.500 --> 00:00:05.500
Zwei
Zeilen
"""


class Bytes:
    """A reading over bytes that remembers how many were fetched."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.fetched = 0
        self.before: Callable[[], None] | None = None

    async def read(self, start: int, end: int) -> AsyncIterator[memoryview]:
        for place in range(start, end, 1 << 16):
            if self.before is not None:
                self.before()
            await asyncio.sleep(0)
            piece = self.content[place : min(place + (1 << 16), end)]
            self.fetched += len(piece)
            yield memoryview(piece)


async def taken(content: bytes, bounds: Bounds | None = None) -> Taken:
    return await extract(Bytes(content), len(content), bounds or Bounds(seconds=30))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("containers")


@pytest.fixture(scope="module")
def matroska(folder: Path) -> bytes:
    return make(folder, "film.mkv").read_bytes()


async def test_matroska_gives_its_srt_and_its_ass_as_webvtt(matroska: bytes) -> None:
    english, spanish = (await taken(matroska)).tracks
    assert (english.index, english.codec, english.reason) == (3, "srt", None)
    assert english.vtt == ENGLISH
    assert (spanish.index, spanish.codec) == (4, "ssa")
    assert spanish.vtt == "WEBVTT\n\n00:00:01.000 --> 00:00:03.000\n<i>Hola</i>, mundo\notra &lt;línea&gt;\n"


async def test_mp4_gives_its_timed_text_and_its_picture_is_not_fetched_for_it(folder: Path) -> None:
    content = make(folder, "film.mp4", codec="mov_text", seconds=20, size="640x360").read_bytes()
    reading = Bytes(content)
    tracks = (await extract(reading, len(content), Bounds(seconds=30))).tracks
    assert [track.index for track in tracks] == [3, 4]
    assert "Hello" in (tracks[0].vtt or "")
    assert "<i>Hola</i>, mundo\notra" in (tracks[1].vtt or "")
    assert len(content) > 2_000_000
    assert reading.fetched < len(content) / 2


async def test_webvtt_in_matroska_stays_what_it_was(folder: Path) -> None:
    content = make(folder, "text.mkv", codec="webvtt").read_bytes()
    track = (await taken(content)).tracks[0]
    assert track.codec == "webvtt"
    assert "<i>Hello</i> &amp; <b>goodbye</b>" in (track.vtt or "")


async def test_pictures_are_answered_with_the_reason(matroska: bytes) -> None:
    content = matroska.replace(b"S_TEXT/UTF8", b"S_HDMV/PGS\0", 1)
    pictures, text = (await taken(content)).tracks
    assert pictures.vtt is None
    assert "pictures" in (pictures.reason or "")
    assert text.vtt is not None


async def test_what_is_no_container_says_so() -> None:
    for content in (b"", b"not a film", os.urandom(1 << 16), b"#EXTM3U\nfile:///etc/passwd\n", b"RIFF" * 4000):
        found = await taken(content)
        assert found.tracks == []
        assert "no container" in (found.reason or "")


async def test_a_container_that_ends_early_gives_what_came_before(matroska: bytes) -> None:
    for size in (len(matroska) * 9 // 10, len(matroska) // 2, 2000, 300):
        found = await taken(matroska[:size])
        assert found.reason or all(track.vtt or track.reason for track in found.tracks)


async def test_a_container_may_take_no_more_bytes_time_or_memory_than_its_bounds(matroska: bytes) -> None:
    with pytest.raises(Unreadable, match="too large"):
        await taken(matroska, Bounds(read_bytes=1000))
    with pytest.raises(Unreadable, match="too long"):
        await taken(matroska, Bounds(seconds=0.01))
    try:
        found = await taken(matroska, Bounds(memory_bytes=1 << 20, seconds=30))
    except Unreadable:
        return  # not even the words for it could be said
    assert found.reason


async def test_a_source_that_fails_is_told_as_it_is_and_leaves_no_process(matroska: bytes) -> None:
    reading = Bytes(matroska)

    def fail() -> None:
        raise SourceUnavailable("Telegram is away")

    reading.before = fail
    with pytest.raises(SourceUnavailable, match="away"):
        await extract(reading, len(matroska), Bounds(seconds=30))


async def test_whoever_stops_waiting_ends_the_process(matroska: bytes) -> None:
    reading = Bytes(matroska)
    asked = asyncio.Event()
    reading.before = asked.set
    task = asyncio.create_task(extract(reading, len(matroska), Bounds(seconds=30)))
    await asyncio.wait_for(asked.wait(), 20)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
