"""Files that documents name by a Telegram file id alone: what is known of them, and finding out the rest."""
