"""Storage words of a batch's transactions, bit by bit: two in one where the period is one slot."""

from __future__ import annotations

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from energy_grid.chain.contract import Contract
from tests.support.market import Market
from tests.unit.contracts.trading.auction import Auction

__all__ = ["number_accounts_from", "packed_transaction", "packed_transactions", "word_at"]

# More than the contracts have variables.
_PLACES = range(40)


def word_at(contract: Contract, key: int) -> int:
    """The word that the contract keeps for a number, in whichever of its mappings; 0 if in none."""
    slots = (keccak(encode(["uint256", "uint256"], [key, place])) for place in _PLACES)
    found = [word for word in _stored(contract, *slots) if word]
    assert len(found) <= 1
    return found[0] if found else 0


def packed_transactions(auction: Auction, number: int) -> tuple[int, int]:
    """What the storage word of two transactions holds of the even one and of the odd one, by the
    number of either."""
    word = word_at(auction.trading, number >> 1)
    return word & (2**128 - 1), word >> 128


def packed_transaction(
    buyer: int, seller: int, amount: int, delivered: int = 0, *, cursor: int = 0, settled: int = 0
) -> int:
    """The bits of one trade; buyer and seller by their account numbers."""
    parts = (settled, 1), (cursor, 1), (delivered, 31), (amount, 31), (seller, 32), (buyer, 32)
    bits = 0
    for value, width in parts:
        assert 0 <= value < 1 << width
        bits = bits << width | value
    return bits


def number_accounts_from(market: Market, number: int) -> None:
    """The next account that is opened gets this number."""
    settlement = market.settlement
    count = settlement.call("accountCount")
    for place in _PLACES:
        slot = place.to_bytes(32)
        (word,) = _stored(settlement, slot)
        for shift in range(0, 256, 8):
            if word >> shift & 0xFFFFFFFF != count:
                continue
            changed = word + ((number - 1 - count) << shift)
            _store(settlement, slot, changed)
            if settlement.call("accountCount") == number - 1:
                return
            _store(settlement, slot, word)
    raise AssertionError("the number of accounts is not stored as expected")


def _stored(contract: Contract, *slots: bytes) -> list[int]:
    asked = [
        ("eth_getStorageAt", [contract.address, f"0x{slot.hex()}", "latest"]) for slot in slots
    ]
    return [int(word, 16) for word in contract.node.rpc_batch(asked)]


def _store(contract: Contract, slot: bytes, word: int) -> None:
    place = (contract.address, f"0x{slot.hex()}")
    contract.node.rpc("anvil_setStorageAt", *place, f"0x{word:064x}")
