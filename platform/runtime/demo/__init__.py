"""`marquee demo`: generated films and sites on real engines and a Telegram of their own, all on this machine."""
