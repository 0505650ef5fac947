"""The disk source."""

import os
from pathlib import Path

import pytest

from streaming.core import build_core
from streaming.disk import DiskSource, describe_file
from streaming.model import Document
from streaming.settings import CoreSettings
from streaming.source import CHUNK, DocumentGone, NotPlayable
from tests.streaming.core.doubles import bucket, read, tenant

pytestmark = pytest.mark.anyio


def _film(root: Path, name: str, size: int) -> bytes:
    content = os.urandom(size)
    (root / name).write_bytes(content)
    return content


async def test_two_files_read_as_one_range(tmp_path: Path) -> None:
    content = _film(tmp_path, "a.mp4", CHUNK + 5) + _film(tmp_path, "b.mp4", 2 * CHUNK + 1)
    core = build_core(CoreSettings(media_root=str(tmp_path)))
    await core.start()
    film = bucket(*(describe_file(tmp_path, name, "tenant:a") for name in ("a.mp4", "b.mp4")))
    for start, end in [(0, len(content)), (0, 1), (CHUNK, CHUNK + 9), (len(content) - 1, len(content)), (7, 7)]:
        assert await read(core, film, tenant("a"), start, end) == content[start:end]
    await core.close()


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "link", "x\0y"])
async def test_a_path_out_of_the_media_folder_is_refused(tmp_path: Path, path: str) -> None:
    root = tmp_path / "media"
    root.mkdir()
    _film(tmp_path, "secret", 10)
    (root / "link").symlink_to(tmp_path / "secret")
    source = DiskSource(root)
    with pytest.raises(NotPlayable):
        await source.chunk(Document(owner="platform", size_bytes=10, path=path), 0, owner_of_request=tenant("a"))


async def test_a_removed_file_is_gone_and_a_changed_one_not_playable(tmp_path: Path) -> None:
    _film(tmp_path, "a.mp4", 10)
    source = DiskSource(tmp_path)
    document = describe_file(tmp_path, "a.mp4", "platform")
    (tmp_path / "a.mp4").write_bytes(b"x" * 11)
    with pytest.raises(NotPlayable, match="11 bytes"):
        await source.chunk(document, 0, owner_of_request=tenant("a"))
    (tmp_path / "a.mp4").write_bytes(b"x" * 10)
    os.utime(tmp_path / "a.mp4", (1, 1))
    with pytest.raises(NotPlayable, match="replaced"):
        await source.chunk(document, 0, owner_of_request=tenant("a"))
    (tmp_path / "a.mp4").unlink()
    with pytest.raises(DocumentGone):
        await source.chunk(document, 0, owner_of_request=tenant("a"))
    with pytest.raises(DocumentGone):
        describe_file(tmp_path, "a.mp4", "platform")


async def test_without_a_media_folder_or_telegram_nothing_is_playable() -> None:
    core = build_core(CoreSettings())
    for document in (Document(owner="platform", size_bytes=1, path="a"), Document(owner="platform", size_bytes=1)):
        with pytest.raises(NotPlayable, match="set up"):
            await core.open(bucket(document), tenant("a"))
