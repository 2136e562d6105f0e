"""What readings cost that a gateway anchors: by the slot, and by the account that proves one."""

from __future__ import annotations

from itertools import count

from eth_utils.crypto import keccak

from energy_grid.chain.roles import Role
from energy_grid.domain.merkle import MerkleTree, leaf_hash
from tests.support.market import Market, actor

__all__ = ["measure_gateway_suite"]

HOUR = 3600
ACCOUNTS, SIBLINGS = 100_000, 17
RATED_POWER_W = 20_000
LEAF = ("address", "uint256", "uint256", "uint256", "bytes32")

Row = tuple[str, int, int, int, bytes]


def measure_gateway_suite(market: Market) -> dict[str, int]:
    """Gas of the second anchor, of an account's second proof, and of a gateway's end."""
    registrar = market.roles[Role.METER_REGISTRAR]
    gateway, household, twice = (
        actor(name) for name in ("gateway", "household of the gateway", "household read twice")
    )
    market.do(registrar, market.meters, "registerGateway", gateway.address)
    for account in (household, twice):
        market.do(registrar, market.meters, "assignGateway", account.address, 1, RATED_POWER_W)
    figures: dict[str, int] = {}
    for _ in range(2):
        slot = market.now // HOUR + 1
        rows = [
            _deep_leaf(household.address, slot, 321),
            *(_deep_leaf(twice.address, slot, produced) for produced in (300, 301)),
            *_crowd(slot, ACCOUNTS - 3),
        ]
        tree = MerkleTree.of(rows, LEAF)
        market.go_to((slot + 1) * HOUR)
        anchor = (tree.root, slot, len(rows))
        anchored = market.do(gateway, market.meters, "anchorReadings", *anchor)
        figures["anchorReadings, any number of readings"] = anchored.gas_used
        assert {len(tree.proof(at)) for at in range(3)} == {SIBLINGS}
        proof = (*rows[0], list(tree.proof(0)))
        proven = market.do(household, market.meters, "proveSlot", *proof)
        figures["proveSlot, one of 100,000"] = proven.gas_used
    readings = [(*rows[at][2:], list(tree.proof(at))) for at in (1, 2)]
    dispute = (twice.address, slot, *readings)
    ended = market.do(household, market.meters, "disputeDoubleCount", *dispute)
    figures["disputeDoubleCount, one of 100,000"] = ended.gas_used
    return figures


def _deep_leaf(account: str, slot: int, produced: int) -> Row:
    """A reading that is far from the root: of a tree's leaves, those of low hashes are."""
    for number in count():
        row = (account, slot, produced, 700, keccak(text=f"salt {number}"))
        if leaf_hash(row, LEAF)[0] < 128:
            return row
    raise AssertionError("there is no end of salts")


def _crowd(slot: int, size: int) -> list[Row]:
    """Readings of so many other accounts in a slot."""
    return [
        (f"0x{number + 1:040x}", slot, number % 3_000, number % 2_000, number.to_bytes(32))
        for number in range(size)
    ]
