"""The services that move money, one folder each behind one protocol: Stripe, BTCPay Server, and a bank by hand."""
