"""The pages over HTTP, on the real engines."""
