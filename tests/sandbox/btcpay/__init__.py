"""The BTCPay stand-in, asked over HTTP."""
