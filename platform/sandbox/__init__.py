"""Stand-ins for outside services, at the wire. Started by the demo and the tests alone; no room imports it.

It imports no room either, with one exception: kurigram cannot be loaded where TgCrypto has no wheel until the core's
provider stands in for it.
"""

from streaming.telegram.crypto import install

install()
