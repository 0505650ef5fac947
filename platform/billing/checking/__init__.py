"""Proving the books: what an auditor would ask of them, and every answer that is not as it should be."""
