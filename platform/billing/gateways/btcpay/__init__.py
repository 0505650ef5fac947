"""BTCPay Server by its Greenfield API: invoices that are paid in crypto on a server of the platform's own."""
