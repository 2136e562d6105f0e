"""What operations cannot cost less than, measured with minimal contracts (contracts/Floors.sol).

The floors are measured like the product's figures: the second call of its kind, on words that are
in use wherever the product's are.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from tests.gas.community_suite import MEMBERS
from tests.support.artifacts import ROOT
from tests.support.core.gas_chain import GasChain
from tests.support.market import actor, compact

__all__ = ["FLOORS", "measure_floors"]

_SOURCE = Path(__file__).with_name("contracts") / "Floors.sol"
_SOLC = ROOT / ".solcx" / "solc-v0.8.30"
_NOON, _QUARTER = 1_704_110_400, 900  # a word of eight slots begins at noon
PAIRS, READINGS = 100, 100


def measure_floors(chain: GasChain) -> dict[str, int]:
    """Gas by the name of the product's figure."""
    bench = Bench(chain)
    return {name: measure(bench) for name, measure in FLOORS.items()}


@dataclass(frozen=True)
class Bench:
    """Where the minimal contracts are deployed and called."""

    chain: GasChain

    def deploy(self, name: str) -> str:
        """The address of a minimal contract."""
        return self.chain._create(_bytecode(name))

    def call(self, to: str, data: bytes) -> int:
        """Gas of a transaction."""
        self.chain.send(actor("bench").address, to, data)
        return self.chain.gas

    def put(self, to: str, word: int, value: int = 1) -> None:
        """What a contract holds in a word."""
        self.chain.node.rpc("anvil_setStorageAt", to, hex(word), f"0x{value:064x}")

    def second(self, name: str, data: Callable[[int], bytes]) -> int:
        """Gas of the second of two calls; ``data`` gets its number."""
        address = self.deploy(name)
        self.call(address, data(0))
        return self.call(address, data(1))


@cache
def _contracts() -> dict[str, Any]:
    request = {
        "language": "Solidity",
        "sources": {_SOURCE.name: {"content": _SOURCE.read_text()}},
        "settings": {
            "evmVersion": "cancun",
            "optimizer": {"enabled": True, "runs": 10_000},
            "outputSelection": {"*": {"*": ["evm.bytecode.object"]}},
        },
    }
    done = subprocess.run(
        [_SOLC, "--standard-json"], input=json.dumps(request), capture_output=True, text=True
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    errors = [
        one["formattedMessage"] for one in answer.get("errors", ()) if one["severity"] == "error"
    ]
    if errors:
        raise RuntimeError("\n".join(errors))
    return dict(answer["contracts"][_SOURCE.name])


def _bytecode(name: str) -> bytes:
    return bytes.fromhex(_contracts()[name]["evm"]["bytecode"]["object"])


# Bytes of a word that carry information count as they would in a real call: none of them zero.


def _terms(number: int, size: int = 32) -> bytes:
    """So many bytes that are not zero."""
    return bytes((number * 7 + at) % 255 + 1 for at in range(size))


def _place(bench: Bench) -> int:
    address = bench.deploy("PlaceFloor")
    money = int.from_bytes(keccak(bytes(12) + bytes.fromhex(actor("bench").address[2:])))
    bench.put(address, money, 10**18 + (10**18 << 128))
    # Price 8, amount 5, expiry 4, start 4, side and kind 1 byte, and what it costs.
    order = _terms(1, 18) + bytes(10) + (375_000).to_bytes(4)
    bench.call(address, order)
    return bench.call(address, order)


def _cancel(bench: Bench) -> int:
    address = bench.deploy("CancelFloor")
    bench.put(address, int.from_bytes(keccak((2).to_bytes(32))), 7)
    return bench.call(address, (2).to_bytes(5))


def _match(word: str) -> Callable[[Bench], int]:
    """Two trades share a word."""

    def measure(bench: Bench) -> int:
        address = bench.deploy("MatchFloor")
        bench.put(address, 0, 2 if word == "used" else 1)
        bench.put(address, (1 << 66) + 1, word == "used")
        for order in (2, 3):
            bench.put(address, order, 0xFFFF_FFFF)
            bench.put(address, (1 << 64) + order, 10**6)
        bench.put(address, (1 << 65) + 3, 10**6)
        return bench.call(address, (2).to_bytes(5) + (3).to_bytes(5))

    return measure


def _close(accounts: int, slots: int, *, trades: bool) -> Callable[[Bench], int]:
    """Half of the slots in surplus."""

    def measure(bench: Bench) -> int:
        address, words = bench.deploy("CloseFloor"), slots // 8
        surplus = sum((70 if lane % 2 else 2**32 - 90) << 32 * lane for lane in range(8))
        price = sum(300_000 << 32 * lane for lane in range(8))
        for word in range(words):
            bench.put(address, (1 << 200) + word, price)
        bench.put(address, 0, 10**12)
        for number in range(1, accounts + 1):
            account = number << 64
            bench.put(address, account, 10**12)
            bench.put(address, account + 1, 10**6)
            for word in range(words):
                bench.put(address, account + 16 + word, surplus)
                bench.put(address, account + 32 + word, surplus)
        numbers = b"".join(number.to_bytes(4) for number in range(1, accounts + 1))
        return bench.call(address, bytes((words, trades)) + numbers) // accounts

    return measure


def _reading(time: int) -> bytes:
    """Time 4, registers 6 + 6 bytes."""
    return time.to_bytes(4) + _terms(time // _QUARTER, 12)


def _read(since: int) -> Callable[[Bench], int]:
    """Of the third reading: two at slots' ends, and one so much later."""

    def measure(bench: Bench) -> int:
        address = bench.deploy("ReadFloor")
        for time in (_NOON, _NOON + _QUARTER):
            bench.call(address, _reading(time))
        return bench.call(address, _reading(_NOON + _QUARTER + since))

    return measure


def _signed(account: LocalAccount, message: bytes) -> bytes:
    signature = account.unsafe_sign_hash(keccak(message)).signature
    return b"".join(compact(bytes(signature)))


def _signed_read(word: str) -> Callable[[Bench], int]:
    """A word is fresh at noon."""
    meters = [actor(f"floor meter {number}") for number in range(READINGS)]
    first = _NOON - _QUARTER if word == "fresh" else _NOON

    def data(call: int) -> bytes:
        reading = _reading(first + call * _QUARTER).ljust(32, b"\0")
        return b"".join(reading + _signed(meter, reading) for meter in meters)

    return lambda bench: bench.second("SignedReadFloor", data) // READINGS


def _batch(pairs: int, word: str = "used") -> Callable[[Bench], int]:
    """Words of positions are fresh or used, those of money used."""

    def measure(bench: Bench) -> int:
        address = bench.deploy("BatchFloor")
        bench.put(address, 0, 2)
        traders = [actor(f"floor trader {number}") for number in range(2 * pairs)]
        for trader in traders:
            account = int.from_bytes(keccak(bytes(12) + bytes.fromhex(trader.address[2:])))
            bench.put(address, account, (10**12) << 128)
            bench.put(address, account + 1, word == "used")
            bench.put(address, account + 2)
        orders = []
        for trader in traders:
            # Price 8, amount 5, expiry 4, start 4, side and kind 1, nonce 5 bytes.
            order = (_terms(7, 17) + bytes(14) + b"\1").ljust(32, b"\0")
            orders.append(order + _signed(trader, order))
        fill = bytes(10) + (1_500).to_bytes(2)
        data = b"".join(fill + orders[at] + orders[at + 1] for at in range(0, 2 * pairs, 2))
        return bench.call(address, data) // pairs

    return measure


def _stored_batch(bench: Bench) -> int:
    address, first = bench.deploy("StoredBatchFloor"), 1_000
    bench.put(address, 0, 2)
    for order in range(first, first + 2 * PAIRS):
        for word in (order, (1 << 64) + order, (1 << 65) + order):
            bench.put(address, word, 10**9)
    data = b"".join(
        (1_500).to_bytes(5) + (first + at).to_bytes(5) + (first + at + 1).to_bytes(5)
        for at in range(0, 2 * PAIRS, 2)
    )
    return bench.call(address, data) // PAIRS


def _day(slots: int, *, trades: bool) -> Callable[[Bench], int]:
    def measure(bench: Bench) -> int:
        address, words = bench.deploy("DayFloor"), slots // 8
        for page in range(words):
            bench.put(address, (1 << 200) + page, int.from_bytes((300_000).to_bytes(4) * 8))
        bench.put(address, 0)
        data = bytes((words, trades))
        for account in range(1, MEMBERS + 1):
            for word in (0, 1, *range(32, 32 + words)):
                bench.put(address, (account << 64) + word, 10**30)
            registers = (account * 10**6).to_bytes(6) * 4 + bytes(2)
            data += account.to_bytes(4) + registers + (70 + account % 90).to_bytes(4) * slots
        return bench.call(address, data) // MEMBERS

    return measure


def _cancel_signed(fresh: bool) -> Callable[[Bench], int]:
    nonces = (1, 1_000) if fresh else (1, 2)
    return lambda bench: bench.second("CancelSignedFloor", lambda call: nonces[call].to_bytes(5))


def _cancel_below(bench: Bench) -> int:
    return bench.second("CancelBelowFloor", lambda call: (call + 1).to_bytes(5))


def _carbon(bench: Bench) -> int:
    return bench.second("CarbonFloor", lambda call: (480_000 + call).to_bytes(4))


def _transfer(bench: Bench) -> int:
    address = bench.deploy("TransferFloor")
    sender, to = actor("bench"), actor("neighbour")
    for account in (sender, to):
        bench.put(address, int(account.address, 16), 10**12)
    selector = bytes.fromhex("a9059cbb")
    return bench.call(
        address, selector + bytes(12) + bytes.fromhex(to.address[2:]) + (10).to_bytes(32)
    )


def _floors() -> dict[str, Callable[[Bench], int]]:
    floors: dict[str, Callable[[Bench], int]] = {
        # Nothing is sent.
        "signed order, cost to its maker": lambda bench: 0,
        "createOrder BUY": _place,
        "createOrder SELL": _place,
        "cancelOrder": _cancel,
        "matchOrders, both filled, fresh word of trades": _match("fresh"),
        "matchOrders, both filled, used word of trades": _match("used"),
        "settleBatch, each of 100, hour, used words, on-chain orders": _stored_batch,
        "settleBatch, each of 100, hour, fresh words": _batch(PAIRS, "fresh"),
        "cancelSigned, used word": _cancel_signed(fresh=False),
        "cancelSigned, fresh word": _cancel_signed(fresh=True),
        "cancelSignedBelow": _cancel_below,
        "submitReading, boundary, used word": _read(_QUARTER),
        "submitReading, boundary, fresh word": _read(7 * _QUARTER),
        "submitReading, between boundaries": _read(300),
        "settleTransaction, both close a day of 96 slots": lambda bench: (
            2 * _close(2, 96, trades=True)(bench)
        ),
        "issueCarbonCredits, one day": _carbon,
        "EnergyToken transfer": _transfer,
    }
    for size in (1, 10, PAIRS):
        floors[f"settleBatch, each of {size}, hour, used words"] = _batch(size)
    for word in ("used", "fresh"):
        floors[f"submitSignedReadings, each of {READINGS}, {word} word"] = _signed_read(word)
    for slots in (24, 96):
        for traded in (False, True):
            name = f"closeThrough, {slots} slots{', all traded' if traded else ''}"
            floors[f"{name}, one account"] = _close(1, slots, trades=traded)
            floors[f"{name}, each of 50"] = _close(50, slots, trades=traded)
            name = f"settleDay, {slots} slots{', all traded' if traded else ''}"
            floors[f"{name}, each of {MEMBERS}"] = _day(slots, trades=traded)
    return floors


FLOORS = _floors()
