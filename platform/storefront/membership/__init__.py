"""Premium membership for viewers: the page that sells it, the account's part, and the API."""
