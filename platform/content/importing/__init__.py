"""`marquee import`: dumps of the users' own collections, line by line into MongoDB."""
