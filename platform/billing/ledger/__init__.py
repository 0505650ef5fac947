"""The books: append-only double entry in minor units, balanced by construction."""
