"""The takedown desk: notices, what came of them, and what is remembered of the files that were taken down."""
