"""The sandbox as a process: `python -m sandbox.btcpay --port 23000 --webhook URL --secret …`.

Clients call it with `Authorization: token …` at the address that it prints; `POST /_sandbox/VERB` turns its knobs.
"""

from pathlib import Path

import click

from sandbox.http.process import run

from .model import BtcpayOptions
from .server import BtcpaySandbox

_DEFAULTS = BtcpayOptions()


@click.command()
@click.option("--port", default=0, help="Where to listen on 127.0.0.1; 0: the system chooses.")
@click.option("--webhook", help="Where events of every store are posted.")
@click.option("--secret", default=_DEFAULTS.webhook_secret, show_default=True, help="What they are signed with.")
@click.option("--api-key", "api_keys", multiple=True, help="A key that may call; without, any may.")
@click.option("--store", "stores", multiple=True, help="A store that there is; without, every one is.")
@click.option("--data", type=click.Path(path_type=Path), help="Folder that keeps its state; forgotten without.")
@click.option("--rate", default=_DEFAULTS.rate, show_default=True, help="What a bitcoin costs in every currency.")
@click.option("--confirmed-after", default=_DEFAULTS.confirmed_after, show_default=True, help="Seconds on the chain.")
@click.option("--ready-file", type=click.Path(path_type=Path), help="Where to say that it listens, and on what.")
def main(
    port: int,
    webhook: str | None,
    secret: str,
    api_keys: tuple[str, ...],
    stores: tuple[str, ...],
    data: Path | None,
    rate: str,
    confirmed_after: float,
    ready_file: Path | None,
) -> None:
    """Run a sandbox BTCPay Server on loopback."""
    options = BtcpayOptions(
        data=data,
        port=port,
        api_keys=api_keys or None,
        stores=stores or None,
        webhook_url=webhook,
        webhook_secret=secret,
        rate=rate,
        confirmed_after=confirmed_after,
    )
    run("btcpay", lambda: BtcpaySandbox(options), ready_file)


if __name__ == "__main__":
    main()
