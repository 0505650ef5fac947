"""Payments: asking for money once, and booking once what came of it.

`charging` begins payments and goes on with them, `applying` books what a gateway says, `refunding` gives back,
`by_hand` takes what staff say that the bank did, `reconciling` repairs what webhooks missed.
"""
