"""Files that titles name by a Telegram file id."""
