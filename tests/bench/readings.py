"""How many readings a second are verified, recorded one by one, and anchored by the root of many.

Verified: the signature is recovered off the chain, as a service does that takes readings in.
Recorded: `submitSignedReadings` in calls of 100, up to the receipt. Anchored: the tree is built,
beside the hashes alone that it cannot do without; what goes to the chain after it is one
transaction, whatever the size.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from eth_utils.crypto import keccak
from sha3 import keccak_256

from energy_grid.adapters.chain.accounts import Account
from energy_grid.adapters.chain.connection import DevNode
from energy_grid.adapters.chain.metering import SmartMeter
from energy_grid.adapters.chain.roles import Role
from energy_grid.adapters.chain.sender import Policy, Sender
from energy_grid.adapters.chain.signing import (
    meter_domain,
    reading_signer,
    sign_reading,
    sign_registration,
)
from energy_grid.domain.merkle import MerkleTree, leaf_hash, verify
from energy_grid.services.ports import MeterReading, SignedReading
from tests.bench.chain import bench_market
from tests.bench.timing import best_of, rate, seconds
from tests.support.market import Market, actor

__all__ = [
    "TREES",
    "SignedReadings",
    "TreeRow",
    "measure_signed_readings",
    "measure_trees",
]

TREES = (1_000, 10_000, 100_000, 1_000_000)
LEAF = ("address", "uint256", "uint256", "uint256", "bytes32")
PER_CALL = 100
_EVERY = 300  # seconds
_GAS = 5_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedReadings:
    """Per second: signed by a meter, verified off the chain, recorded on it."""

    readings: int
    signed: float
    verified: float
    recorded: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeRow:
    """Seconds of a tree and of its hashes alone; proofs per second."""

    readings: int
    build: float
    hashes: float
    proofs: float
    proof_checks: float


def measure_signed_readings(
    market: Market, meters: int = 200, rounds: int = 10, recoveries: int = 2_000
) -> SignedReadings:
    """Readings of so many meters, every few minutes."""
    node = DevNode(market.node.url)
    contract = SmartMeter(node, market.meters.address)
    domain = meter_domain(node.chain_id, contract.address)
    devices = [Account(keccak(text=f"bench meter {at}")) for at in range(meters)]
    registrar = market.roles[Role.METER_REGISTRAR]
    for device in devices:
        owner = actor(f"owner of {device.address}").address
        proof = sign_registration(device, owner, "NORTH", 20_000, domain)
        market.send(
            registrar, contract.register_meter(device.address, owner, "NORTH", 20_000, proof)
        )
    since = market.now
    relays = [Account(keccak(text=f"bench relay {at}")) for at in range(4)]
    for relay in relays:
        node.set_balance(relay.address, 10**24)

    def reading(number: int) -> MeterReading:
        return MeterReading(
            timestamp=since + number * _EVERY,
            consumption=21,
            production=13,
            grid_frequency=5001,
            voltage=2301,
        )

    def signed_by_all(number: int) -> list[SignedReading]:
        return [sign_reading(device, reading(number), domain) for device in devices]

    signed = [signed_by_all(number) for number in range(1, rounds + 1)]
    calls = [
        replace(contract.submit_signed_readings(batch[at : at + PER_CALL]), gas=_GAS)
        for batch in signed
        for at in range(0, meters, PER_CALL)
    ]
    market.go_to(since + rounds * _EVERY)
    per_round = -(-meters // PER_CALL)
    items = [(relays[at % per_round % len(relays)], call) for at, call in enumerate(calls)]
    sender = Sender(node, policy=Policy(batch=per_round), after_send=node.mine)
    took = seconds(lambda: sender.send_many(items))
    one = signed[0][0]
    return SignedReadings(
        readings=meters * rounds,
        signed=rate(lambda: sign_reading(devices[0], reading(1), domain), recoveries),
        verified=rate(lambda: reading_signer(one, domain), recoveries),
        recorded=meters * rounds / took,
    )


def measure_trees(sizes: Iterable[int] = TREES, turns: int = 2) -> list[TreeRow]:
    """One row a size."""
    return [_tree(size, turns) for size in sizes]


def _tree(size: int, turns: int) -> TreeRow:
    slot = 473_352
    rows = [
        (f"0x{at + 1:040x}", slot, at % 3_000, at % 2_000, at.to_bytes(32)) for at in range(size)
    ]
    tree = MerkleTree.of(rows, LEAF)
    last = size - 1
    leaf, proof = leaf_hash(rows[last], LEAF), tree.proof(last)
    assert verify(tree.root, leaf, proof)
    return TreeRow(
        readings=size,
        build=best_of(lambda: MerkleTree.of(rows, LEAF), turns),
        hashes=best_of(lambda: _hash_only(size), turns),
        proofs=rate(lambda: tree.proof(last), 1_000),
        proof_checks=rate(lambda: verify(tree.root, leaf, proof), 1_000),
    )


def _hash_only(leaves: int) -> None:
    """The hashes of so many leaves, each twice, and of the nodes above."""
    leaf, word, pair = bytes(160), bytes(32), bytes(64)
    for _ in range(leaves):
        keccak_256(leaf).digest()
        keccak_256(word).digest()
        keccak_256(pair).digest()


def main() -> None:
    """Print what was measured."""
    with bench_market() as market:
        print(measure_signed_readings(market))
    for row in measure_trees():
        print(row)


if __name__ == "__main__":
    main()
