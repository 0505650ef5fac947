"""The sandbox as a process: `python -m sandbox.stripe --port 4242 --webhook URL --secret whsec_…`.

Clients call it with any `sk_…` key at the address that it prints; `POST /_sandbox/VERB` turns its knobs.
"""

from pathlib import Path

import click

from sandbox.http.process import run

from .model import StripeOptions
from .server import StripeSandbox

_DEFAULTS = StripeOptions()


@click.command()
@click.option("--port", default=0, help="Where to listen on 127.0.0.1; 0: the system chooses.")
@click.option("--webhook", help="Where events are posted.")
@click.option("--secret", default=_DEFAULTS.webhook_secret, show_default=True, help="What they are signed with.")
@click.option("--api-key", "api_keys", multiple=True, help="A key that may call; without, any sk_… may.")
@click.option("--data", type=click.Path(path_type=Path), help="Folder that keeps its state; forgotten without.")
@click.option("--fee-after", default=0.0, help="Seconds until a charge's balance transaction is known.")
@click.option("--search-lag", default=0.0, help="Seconds until the search finds a new object.")
@click.option("--processing-for", default=_DEFAULTS.processing_for, show_default=True, help="Seconds of slow payments.")
@click.option("--ready-file", type=click.Path(path_type=Path), help="Where to say that it listens, and on what.")
def main(
    port: int,
    webhook: str | None,
    secret: str,
    api_keys: tuple[str, ...],
    data: Path | None,
    fee_after: float,
    search_lag: float,
    processing_for: float,
    ready_file: Path | None,
) -> None:
    """Run a sandbox Stripe on loopback."""
    options = StripeOptions(
        data=data,
        port=port,
        api_keys=api_keys or None,
        webhook_url=webhook,
        webhook_secret=secret,
        fee_after=fee_after,
        search_lag=search_lag,
        processing_for=processing_for,
    )
    run("stripe", lambda: StripeSandbox(options), ready_file)


if __name__ == "__main__":
    main()
