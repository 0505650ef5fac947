"""A bank by hand: invoices are paid by transfer, and staff mark them as paid. The embedded default."""
