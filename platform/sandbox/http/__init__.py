"""What stand-ins for HTTP services share: a server with faults, a clock to move, a store, webhooks with knobs."""
