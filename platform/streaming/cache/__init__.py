"""Chunk caches: one in this process's memory, one on disk shared by the machine's processes."""
