"""Premium membership of a tenant's site, bought by its viewers: who paid for how long, and what they may therefore."""
