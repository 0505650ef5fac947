"""How far viewers have watched and read."""
