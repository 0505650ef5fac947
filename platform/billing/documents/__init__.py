"""Invoices, credit notes and statements as pages and PDFs, and the books as tables, in the tenant's language."""
