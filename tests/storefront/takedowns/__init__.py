"""The takedown desk over HTTP."""
