"""While a server is silent, one caller a second asks it and the others do not wait."""

import pytest

from storage.circuit import Circuit
from storage.errors import StorageUnavailable
from tests.support.clock import FakeClock


def test_one_caller_a_second_tries_until_one_is_answered() -> None:
    now = FakeClock()
    circuit = Circuit("Redis", now)
    circuit.pass_through()
    circuit.failed()
    for _ in range(3):
        with pytest.raises(StorageUnavailable):
            circuit.pass_through()
        now.advance(1.1)
        circuit.pass_through()  # the one that tries, and is not back yet
    circuit.answered()
    for _ in range(3):
        circuit.pass_through()
