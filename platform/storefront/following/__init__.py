"""A viewer's own pages: what goes on, the history, the list, notices and feeds."""
