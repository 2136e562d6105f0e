"""A chain in this process for the compiled contracts: deploy, call, refuse, move the time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest
from eth_utils.address import to_checksum_address
from pyrevm import EVM, BlockEnv, CfgEnv, Env

from energy_grid.chain.abi import Abi
from tests.support.artifacts import artifact
from tests.support.coverage import InterfaceCoverage
from tests.support.stacks import create_address

__all__ = ["CHAIN_ID", "Chain", "Deployed", "Reverted", "refused"]

CHAIN_ID = 31337
_GAS = 200_000_000
_REVERTED = re.compile(r"Revert \{ gas_used: \d+, output: 0x([0-9a-f]*) \}")


class Reverted(Exception):
    """A call that changed nothing: the error's name and its values."""

    def __init__(self, name: str, values: tuple[Any, ...]) -> None:
        super().__init__(f"{name}{values}")
        self.name, self.values = name, values


@contextmanager
def refused(name: str, *values: Any) -> Iterator[None]:
    """What happens inside is refused by an error with exactly these values."""
    with pytest.raises(Reverted) as refusal:
        yield
    assert (refusal.value.name, refusal.value.values) == (name, values)


class Chain:
    """Contracts by name, accounts by address, and a clock that tests set."""

    coverage: ClassVar[InterfaceCoverage] = InterfaceCoverage()
    """What all chains of this process exercised; tests/conftest.py sets the run's own."""

    def __init__(self, now: int) -> None:
        self.evm = EVM(Env(cfg=CfgEnv(chain_id=CHAIN_ID)), gas_limit=_GAS, spec_id="CANCUN")
        self.number = 1
        self.deployer = "0x" + 40 * "d"
        self._nonce = 0
        self.errors: dict[bytes, Any] = {}
        self.events: dict[bytes, Any] = {}
        self.gas = 0
        """Of the last call, without the 21,000 and calldata; warm what earlier calls touched."""
        self.logs: list[tuple[str, str, dict[str, Any]]] = []
        """Of the last call: address, event, values."""
        self.set_time(now)

    @property
    def now(self) -> int:
        """Unix seconds of the block."""
        return self._now

    def set_time(self, now: int) -> None:
        """The time of what is called from now on."""
        self._now = now
        self.number += 1
        self.evm.set_block_env(BlockEnv(number=self.number, timestamp=now, gas_limit=_GAS))

    def address_after(self, deployments: int) -> str:
        """Where the contract after so many further ones will stand."""
        return create_address(self.deployer, self._nonce + deployments)

    def deploy(self, name: str, *arguments: Any) -> Deployed:
        """A compiled contract, by its constructor."""
        compiled = artifact(name)
        abi = compiled.abi
        code = compiled.creation_code(*arguments)
        for error in abi.errors.values():
            self.errors[error.selector] = error
        for event in abi.events.values():
            self.events[event.topic] = event
        expected = self.address_after(0)
        address = self._create(code)
        self._nonce += 1
        assert to_checksum_address(address) == expected
        return Deployed(self, name, expected, abi)

    def _create(self, code: bytes) -> str:
        with self._decoded():
            return str(self.evm.deploy(self.deployer, code))

    def send(self, sender: str, to: str, data: bytes, *, static: bool = False) -> bytes:
        """What a call returned; nothing of it stays if it reverts, or is static."""
        self.evm.reset_transient_storage()
        with self._decoded():
            answer = self.evm.message_call(sender, to, calldata=data, is_static=static)
        if not static:
            result = self.evm.result
            assert result is not None
            self.gas = result.gas_used
            self.logs = [self._log(each) for each in result.logs]
        return bytes(answer)

    def snapshot(self) -> Any:
        """To be handed to `revert`."""
        return self.evm.snapshot(), self._now, self.number, self._nonce

    def revert(self, mark: Any) -> None:
        """Everything as it was."""
        state, now, number, self._nonce = mark
        self.evm.revert(state)
        self.number = number
        self.set_time(now)

    def _log(self, log: Any) -> tuple[str, str, dict[str, Any]]:
        topics = [bytes.fromhex(topic.removeprefix("0x")) for topic in log.topics]
        event = self.events.get(topics[0])
        data = bytes(log.data[1] if isinstance(log.data, tuple) else log.data)
        if event is None:
            return log.address, "", {}
        return log.address, event.name, event.decode(topics, data)

    @contextmanager
    def _decoded(self) -> Iterator[None]:
        try:
            yield
        except RuntimeError as failure:
            found = _REVERTED.search(str(failure))
            if found is None:
                raise Reverted(str(failure), ()) from None
            raise self._refusal(bytes.fromhex(found[1])) from None

    def _refusal(self, data: bytes) -> Reverted:
        self.coverage.raised.add(data[:4].hex())
        error = self.errors.get(data[:4])
        if error is None:
            return Reverted("0x" + data.hex(), ())
        return Reverted(error.name, tuple(error.decode(data).values()))


class Deployed:
    """A contract: `contract.function(..., by=sender)`; views need no sender.

    A function that shares its name is called by its signature: `call("name(uint256)", ...)`.
    """

    def __init__(self, chain: Chain, name: str, address: str, abi: Abi) -> None:
        self.chain, self.name, self.address, self.abi = chain, name, address, abi

    def call(self, name: str, *arguments: Any, by: str | None = None) -> Any:
        """What a function returns: nothing, a value, or a tuple."""
        function = self.abi.function(name)
        self.chain.coverage.called.add((self.name, function.selector.hex()))
        data = function.encode([_plain(each) for each in arguments])
        sender = by or self.chain.deployer
        answer = self.chain.send(sender, self.address, data, static=function.constant)
        return function.decode(answer)

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments, by=None: self.call(name, *arguments, by=by)


def _plain(value: Any) -> Any:
    return value.address if isinstance(value, Deployed) else value
