"""What outlives a restart and a kill, and the command that starts it."""

import signal
import socket
from pathlib import Path

from click.testing import CliRunner

from sandbox.stripe import StripeOptions, StripeSandbox
from sandbox.stripe.__main__ import main
from tests.sandbox.processes import running
from tests.sandbox.receiver import Receiver
from tests.sandbox.stripe.paying import SECRET, client_at, client_of, pay
from tests.support.clock import FakeClock


async def test_everything_is_there_after_a_restart(tmp_path: Path, clock: FakeClock, receiver: Receiver) -> None:
    options = StripeOptions(data=tmp_path, webhook_url=receiver.url, webhook_secret=SECRET)
    async with StripeSandbox(options, clock=clock) as sandbox, client_of(sandbox) as client:
        sandbox.webhook_faults.set(paused=True)
        first = await pay(client, key="t1:1", metadata={"invoice": "1"})
        slow = await pay(client, "pm_usBankAccount_success", allowed_payment_method_types=["us_bank_account"])
        sandbox.advance(30)
    async with StripeSandbox(options, clock=clock) as sandbox, client_of(sandbox) as client:
        assert sandbox.clock() == clock() + 30
        assert (await pay(client, key="t1:1", metadata={"invoice": "1"})).id == first.id
        assert sandbox.moved("invoice") == {"1": 2000}
        await sandbox.delivered()
        assert receiver.types == [event["type"] for event in sandbox.events]
        sandbox.advance(30)
        assert (await client.v1.payment_intents.retrieve_async(slow.id)).status == "succeeded"
    assert len(sandbox.objects("webhook_endpoint")) == 1


async def test_a_process_that_is_killed_forgets_nothing_that_it_answered(tmp_path: Path) -> None:
    told = ("--data", tmp_path / "data")
    with running("sandbox.stripe", tmp_path / "ready", *told) as (process, url):
        async with client_at(url) as client:
            first = await pay(client, key="t1:1")
        process.kill()
        process.wait()
    with running("sandbox.stripe", tmp_path / "ready", *told) as (process, url):
        async with client_at(url) as client:
            assert (await pay(client, key="t1:1")).id == first.id
            assert len((await client.v1.charges.list_async()).data) == 1
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


def test_a_used_port_is_one_clear_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = CliRunner().invoke(main, ["--port", str(taken.getsockname()[1])])
    assert ended.exit_code == 1
    assert len(ended.stderr.splitlines()) == 1


async def test_what_was_taken_is_told_by_metadata_and_what_the_account_is_worth(clock: FakeClock) -> None:
    async with StripeSandbox(clock=clock) as sandbox, client_of(sandbox) as client:
        for key, purpose in (("t1:1", "invoice"), ("t1:2", "invoice"), ("t1:2", "invoice"), ("t1:m:p", "membership")):
            await pay(client, metadata={"key": key, "purpose": purpose})
        assert sandbox.charged("key", purpose="invoice") == {"t1:1": [2000], "t1:2": [2000, 2000]}
        assert sandbox.charged("purpose") == {"invoice": [2000] * 3, "membership": [2000]}
        assert sandbox.charged("other") == {}
        fees = sum(each["fee"] for each in sandbox.objects("balance_transaction"))
        assert sandbox.worth() == {"usd": 8_000 - fees}
