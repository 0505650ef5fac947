"""The takedown desk for the public and for staff: forms, receipts, the legal pages and their API."""
