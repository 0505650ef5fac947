"""Which databases of this run have all indexes: asking for sixty of them takes a platform a third of its start."""

from typing import Final

from pymongo.monitoring import CommandStartedEvent

from tests.support.listening import StartsOnly

_TAKING_AWAY: Final = frozenset({"drop", "dropDatabase", "dropIndexes"})


class Indexed(StartsOnly):
    """Databases by name. One that something is taken away from is none of them any more."""

    def __init__(self) -> None:
        self._names: set[str] = set()

    def __contains__(self, database: str) -> bool:
        return database in self._names

    def add(self, database: str) -> None:
        """The database has all indexes now."""
        self._names.add(database)

    def started(self, event: CommandStartedEvent) -> None:
        """Forgets a database before it changes."""
        if event.command_name in _TAKING_AWAY:
            self._names.discard(event.database_name)
