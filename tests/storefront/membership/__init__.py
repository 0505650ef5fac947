"""Premium over HTTP: the page, the purchase's page, the account's part, and the API."""
