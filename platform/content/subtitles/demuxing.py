"""The process that opens a container, apart from the server: a container may be made to crash or to hang its reader.

It knows no file, no network and no setting; it asks its parent for bytes and answers once. It bounds itself before the
first byte is read.
"""

from __future__ import annotations

import io
import resource
import sys
from typing import TYPE_CHECKING, BinaryIO, Final

import msgspec

from content.subtitles.cues import MOST_CUES, Cue, webvtt_file
from content.subtitles.markup import READERS, payload
from content.subtitles.wire import DONE, LENGTH, MOST_ASKED, READ, REQUEST, Taken, Track

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.subtitles.stream import SubtitleStream

MOST_TRACKS: Final = 32
_CPU_SECONDS: Final = 240
_FORMATS: Final = "matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,avi,mpegts"
_READ_AHEAD: Final = 1 << 18
_PICTURES: Final = "it is made of pictures, which browsers cannot show as text"


class Asked:
    """The container as its parent reads it: a file as far as PyAV wants one."""

    def __init__(self, size_bytes: int, source: BinaryIO, sink: BinaryIO) -> None:
        self._size = size_bytes
        self._source = source
        self._sink = sink
        self._place = 0

    def tell(self) -> int:
        """Where it stands."""
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Moves within its bounds."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = min(max(start + offset, 0), self._size)
        return self._place

    def read(self, size: int = -1) -> bytes:
        """At most a mebibyte; fewer bytes than asked at the end alone."""
        left = self._size - self._place
        wanted = min(left if size < 0 else size, left, MOST_ASKED)
        if wanted <= 0:
            return b""
        self._sink.write(READ + REQUEST.pack(self._place, wanted))
        self._sink.flush()
        (length,) = LENGTH.unpack(_exactly(self._source, LENGTH.size))
        data = _exactly(self._source, min(length, wanted))
        self._place += len(data)
        return data


def take(container: InputContainer) -> Taken:
    """Every subtitle stream of the container; where its format lets them, other streams are passed over unread."""
    from av.error import FFmpegError
    from av.stream import Discard

    streams = list(container.streams.subtitles)[:MOST_TRACKS]
    tracks = [Track(index=stream.index, codec=_codec(stream)) for stream in streams]
    wanted = {stream.index: stream for stream, track in zip(streams, tracks, strict=True) if track.codec in READERS}
    for stream in container.streams:
        if stream.index not in wanted:
            stream.discard = Discard.all
    cues: dict[int, list[Cue]] = {index: [] for index in wanted}
    broken = False
    if wanted:
        try:
            _read(container, wanted, cues)
        except (FFmpegError, OSError, ValueError):
            broken = True
    for track in tracks:
        if track.codec not in READERS:
            track.reason = _PICTURES
        elif cues[track.index] or not broken:
            track.vtt = webvtt_file(cues[track.index])
        else:
            track.reason = "the file is damaged"
    return Taken(tracks=tracks)


def _read(container: InputContainer, wanted: dict[int, SubtitleStream], cues: dict[int, list[Cue]]) -> None:
    for packet in container.demux(*wanted.values()):
        index = packet.stream.index
        found = cues[index]
        if packet.pts is None or packet.size == 0 or len(found) >= MOST_CUES:
            continue
        text = payload(_codec(wanted[index]), bytes(packet))
        if text.markup:
            start = float(packet.pts * packet.time_base)
            end = start + float(packet.duration * packet.time_base) if packet.duration else None
            found.append(Cue(max(start, 0.0), end, text.markup, text.at_top))


def _codec(stream: SubtitleStream) -> str:
    # A stream whose codec nobody knows has no context, whatever its type says.
    context: object = stream.codec_context
    return str(getattr(context, "name", "unknown"))


def _exactly(source: BinaryIO, size: int) -> bytes:
    data = source.read(size)
    if len(data) != size:
        raise OSError("the parent is gone")
    return data


def _bound(memory_bytes: int) -> None:
    for what, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, _CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def main(size_bytes: int, memory_bytes: int) -> None:
    """Read the container of that size through stdin and stdout."""
    import av
    from av.error import FFmpegError

    _bound(memory_bytes)
    asked = Asked(size_bytes, sys.stdin.buffer, sys.stdout.buffer)
    try:
        options = {"format_whitelist": _FORMATS, "protocol_whitelist": "none"}
        with av.open(asked, mode="r", options=options, buffer_size=_READ_AHEAD) as container:
            taken = take(container)
    except (FFmpegError, OSError, ValueError):
        taken = Taken(reason="it is no container that can be read")
    except MemoryError:
        taken = Taken(reason="the file wants more memory than a film may")
    answer = msgspec.json.encode(taken)
    sys.stdout.buffer.write(DONE + LENGTH.pack(len(answer)) + answer)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
