"""How far viewers have watched and read: heartbeats, the row that goes on, and the history."""
