"""Invoices and credit notes: drafts, gapless numbers, and what never changes once it is issued."""
