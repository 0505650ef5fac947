"""A listener to commands of MongoDB's driver, of which only the beginning is heard."""

from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandSucceededEvent


class StartsOnly(CommandListener):
    """What derives from it says what happens when a command starts."""

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Nothing to hear."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Nothing to hear."""
