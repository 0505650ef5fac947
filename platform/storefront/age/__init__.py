"""The age gate: who passed it, and how one does."""
