"""The link checker: whether the mirrors, backups and players of other hosts that titles name still answer."""
