"""Streaming: documents to seekable HTTP video, metered to the byte. Knows no titles and no HTML."""
