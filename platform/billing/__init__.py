"""What tenants owe and are owed: calendar, plans, contracts, invoices, the ledger, and the gateways that move money."""
