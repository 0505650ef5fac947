"""A viewer's list: titles kept for later, with word of what is new in them."""
