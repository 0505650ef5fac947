"""What storage tells its callers; what a caller can act on never comes as an error of a driver."""


class StorageError(Exception):
    """Whatever storage could not do."""


class StorageUnavailable(StorageError):
    """MongoDB or Redis cannot be reached or cannot answer now; trying again later may work."""


class Conflict(StorageError):
    """A unique key is taken. `fields` are the stored names of the key, `("_id",)` for the id itself."""

    def __init__(self, message: str, fields: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.fields = fields


class Unstorable(StorageError):
    """MongoDB refuses the document: too large, nested too deeply, or a name or value that it does not have."""


class Unreadable(StorageError):
    """A stored document does not fit the struct that reads it."""


class QueryRefused(StorageError):
    """A query would leave its owner: another collection, scripts on the server, or the identity of a document."""
