"""The page of an invoice that whoever has its address can pay it on: signed, without a sign-in and without an end."""
