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

from tests.support.artifacts import ROOT
from tests.support.market import Market, actor, compact

__all__ = ["FLOORS", "measure_floors"]

_SOURCE = Path(__file__).with_name("contracts") / "Floors.sol"
_SOLC = ROOT / ".solcx" / "solc-v0.8.30"
_GAS = hex(16_000_000)
_NOON = 1_704_110_400 + 600  # ten minutes into a slot of an hour
PAIRS, READINGS = 100, 100


def measure_floors(market: Market) -> dict[str, int]:
    """Gas by the name of the product's figure."""
    bench = Bench(market)
    return {name: measure(bench) for name, measure in FLOORS.items()}


@dataclass(frozen=True)
class Bench:
    """Where the minimal contracts are deployed and called."""

    market: Market

    def deploy(self, name: str) -> str:
        """The address of a minimal contract."""
        return str(self._mined({"data": _bytecode(name)})["contractAddress"])

    def call(self, to: str, data: bytes, sender: LocalAccount | None = None) -> int:
        """Gas of a transaction."""
        request = {"to": to, "data": "0x" + data.hex()}
        return int(self._mined(request, sender)["gasUsed"], 16)

    def put(self, to: str, word: int, value: int = 1) -> None:
        """What a contract holds in a word."""
        self.market.node.rpc("anvil_setStorageAt", to, hex(word), f"0x{value:064x}")

    def second(self, name: str, data: Callable[[int], bytes]) -> int:
        """Gas of the second of two calls; ``data`` gets its number."""
        address = self.deploy(name)
        self.call(address, data(0))
        return self.call(address, data(1))

    def _mined(self, request: dict[str, Any], sender: LocalAccount | None = None) -> dict[str, Any]:
        account = (sender or actor("bench")).address
        self.market._fund_gas(account)
        receipt = self.market.mined({**request, "from": account, "gas": _GAS})
        assert int(receipt["status"], 16) == 1, f"a floor refused: {request['data'][:80]}"
        return dict(receipt)


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


def _bytecode(name: str) -> str:
    return "0x" + str(_contracts()[name]["evm"]["bytecode"]["object"])


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


def _match(bench: Bench) -> int:
    address = bench.deploy("MatchFloor")
    for order in (2, 3):
        bench.put(address, order, 0xFFFF_FFFF)
    return bench.call(address, (2).to_bytes(5) + (3).to_bytes(5))


def _settle(transactions: int) -> Callable[[Bench], int]:
    def measure(bench: Bench) -> int:
        address = bench.deploy("SettleFloor")
        # Two share a word, as neighbours of one batch do.
        numbers = range(2, 2 + transactions)
        for place in range(1, 2 + transactions // 2):
            sides = range(4 * place + 1, 4 * place + 5)
            word = sum(number << at for number, at in zip(sides, (0, 32, 128, 160), strict=True))
            bench.put(address, place, word)
            for account in sides:
                bench.put(address, account << 64, 10**12)
        data = b"".join(number.to_bytes(5) for number in numbers)
        return bench.call(address, data) // transactions

    return measure


def _reading(time: int) -> bytes:
    """Time 4, energies 4 + 4, frequency 2, voltage 2 bytes."""
    return time.to_bytes(4) + _terms(time, 12)


def _read(first_of_a_slot: bool) -> Callable[[Bench], int]:
    later = 7_200 if first_of_a_slot else 900
    return lambda bench: bench.second("ReadFloor", lambda call: _reading(_NOON + call * later))


def _signed(account: LocalAccount, message: bytes) -> bytes:
    signature = account.unsafe_sign_hash(keccak(message)).signature
    return b"".join(compact(bytes(signature)))


def _signed_read(bench: Bench) -> int:
    meters = [actor(f"floor meter {number}") for number in range(READINGS)]

    def data(call: int) -> bytes:
        reading = _reading(_NOON + call * 900).ljust(32, b"\0")
        return b"".join(reading + _signed(meter, reading) for meter in meters)

    return bench.second("SignedReadFloor", data) // READINGS


def _batch(pairs: int) -> Callable[[Bench], int]:
    def measure(bench: Bench) -> int:
        address = bench.deploy("BatchFloor")
        traders = [actor(f"floor trader {number}") for number in range(2 * pairs)]
        for trader in traders:
            word = int.from_bytes(keccak(bytes(12) + bytes.fromhex(trader.address[2:])))
            bench.put(address, word, (10**12) << 128)

        def data(call: int) -> bytes:
            orders = []
            for trader in traders:
                # Price 8, amount 5, expiry 4, start 4, side and kind 1, nonce 5 bytes.
                order = (_terms(7, 17) + bytes(14) + bytes([call + 1])).ljust(32, b"\0")
                orders.append(order + _signed(trader, order))
            fill = bytes(10) + (1_500).to_bytes(2)
            return b"".join(fill + orders[at] + orders[at + 1] for at in range(0, 2 * pairs, 2))

        bench.call(address, data(0))
        return bench.call(address, data(1)) // pairs

    return measure


def _stored_batch(bench: Bench) -> int:
    address = bench.deploy("StoredBatchFloor")

    def data(call: int) -> bytes:
        first = 1_000 * (call + 1)
        for order in range(first, first + 2 * PAIRS):
            bench.put(address, order, 10**9)
        return b"".join(
            (1_500).to_bytes(5) + (first + at).to_bytes(5) + (first + at + 1).to_bytes(5)
            for at in range(0, 2 * PAIRS, 2)
        )

    bench.call(address, data(0))
    return bench.call(address, data(1)) // PAIRS


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


FLOORS: dict[str, Callable[[Bench], int]] = {
    # Nothing is sent.
    "signed order, cost to its maker": lambda bench: 0,
    "createOrder BUY": _place,
    "createOrder SELL": _place,
    "cancelOrder": _cancel,
    "matchOrders, both filled": _match,
    "settleTransaction, one delivered slot": _settle(1),
    "settleMany, each of 100, one delivered slot": _settle(PAIRS),
    "settleBatch, each of 1": _batch(1),
    "settleBatch, each of 10": _batch(10),
    "settleBatch, each of 100": _batch(PAIRS),
    "settleBatch, each of 100, on-chain orders": _stored_batch,
    "cancelSigned, word in use": _cancel_signed(fresh=False),
    "cancelSigned, fresh word": _cancel_signed(fresh=True),
    "cancelSignedBelow": _cancel_below,
    "submitReading, same slot": _read(first_of_a_slot=False),
    "submitReading, first of a slot": _read(first_of_a_slot=True),
    "submitSignedReadings, each of 100": _signed_read,
    "issueCarbonCredits, one slot": _carbon,
    "EnergyToken transfer": _transfer,
}
