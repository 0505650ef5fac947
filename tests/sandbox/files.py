"""Asking for file parts as a media session does."""

from typing import Any, TypeAlias

from pyrogram import raw

from sandbox.telegram import DocumentInfo, TelegramSandbox

# kurigram's Client: what a started one always has is optional in its types
Bot: TypeAlias = Any
functions: Any = raw.functions
types: Any = raw.types


def location(info: DocumentInfo) -> Any:
    return types.InputDocumentFileLocation(
        id=info.media_id, access_hash=info.access_hash, file_reference=info.file_reference, thumb_size=""
    )


def mine(sandbox: TelegramSandbox, info: DocumentInfo, user_id: int = 1000) -> DocumentInfo:
    """The document as the fixture's bot names it."""
    return sandbox.document(info.media_id, user_id=user_id)


async def part(
    client: Bot, info: DocumentInfo, offset: int, limit: int, *, dc_id: int = 2, timeout: float = 15, **options: Any
) -> bytes:
    """One upload.getFile, flood waits not slept through."""
    session = await client.get_session(dc_id, is_media=True)
    query = functions.upload.GetFile(location=location(info), offset=offset, limit=limit, **options)
    answer = await session.invoke(query, sleep_threshold=0, retries=1, retry_delay=0, timeout=timeout)
    return bytes(answer.bytes)
