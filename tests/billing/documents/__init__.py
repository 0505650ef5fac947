"""Tests of what is sent: invoices as pages and PDFs, tables, words."""
