"""Making one mongod the primary of its own replica set, as transactions and change streams ask for."""

from __future__ import annotations

from typing import Any, Final

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError

from storage.errors import StorageUnavailable

_NOT_YET_INITIALIZED: Final = 94
_TIMEOUT_MS: Final = 3_000


async def lead_replica_set(address: str, name: str) -> None:
    """One step: `address` (host:port) becomes primary of its one-member set `name`, whatever address it had before.

    Raises StorageUnavailable until that is so; call it again.
    """
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        f"mongodb://{address}/",
        directConnection=True,
        serverSelectionTimeoutMS=_TIMEOUT_MS,
        socketTimeoutMS=_TIMEOUT_MS,
        connectTimeoutMS=_TIMEOUT_MS,
    )
    try:
        hello = await client.admin.command("hello")
        if hello.get("isWritablePrimary") and hello.get("hosts") == [address]:
            return
        await _claim(client, address, name)
    except PyMongoError as error:
        raise StorageUnavailable(f"mongod at {address} is not primary yet: {error}") from error
    finally:
        await client.close()
    raise StorageUnavailable(f"mongod at {address} is not primary yet")


async def _claim(client: AsyncMongoClient[dict[str, Any]], address: str, name: str) -> None:
    """Initiate the set, or tell it the member's present address; forced: a set that lost its member has no primary."""
    member = {"_id": 0, "host": address}
    try:
        config: dict[str, Any] = (await client.admin.command("replSetGetConfig"))["config"]
    except OperationFailure as error:
        if error.code != _NOT_YET_INITIALIZED:
            raise
        await client.admin.command("replSetInitiate", {"_id": name, "members": [member]})
        return
    if [each["host"] for each in config["members"]] != [address]:
        changed = {**config, "version": config["version"] + 1, "members": [{**config["members"][0], **member}]}
        await client.admin.command("replSetReconfig", changed, force=True)
