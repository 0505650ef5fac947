"""What somebody with bad intentions tries, over HTTP and against the real engines."""
