"""The Telegram source: bot workers, their media sessions and the faults that end here."""
