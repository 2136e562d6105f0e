"""Gateways, in short: what the registrar, a gateway and those who prove do, and what is known then.

Energies in Wh, power in W.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from energy_grid.chain.contract import Call
from energy_grid.chain.roles import Role
from energy_grid.domain.merkle import MerkleTree, leaf_hash
from tests.support.market import Market, Receipt, actor

__all__ = [
    "POWER",
    "ROOT",
    "Leaf",
    "Tree",
    "anchor",
    "anchor_root",
    "assign",
    "counted",
    "dispute",
    "gateway_at",
    "gateway_of",
    "logged",
    "number_of",
    "prove",
    "prove_leaf",
    "proving",
    "register_gateway",
    "replace_gateway",
]

POWER = 1_000_000
# Of no tree that anybody knows.
ROOT = keccak(text="a root")

_TYPES = ("address", "uint256", "uint256", "uint256", "bytes32")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """What a gateway says of an account in a slot."""

    account: str
    slot: int
    produced: int = 0
    consumed: int = 0
    salt: bytes = keccak(text="salt")

    @property
    def row(self) -> tuple[str, int, int, int, bytes]:
        return (self.account, self.slot, self.produced, self.consumed, self.salt)

    @property
    def hash(self) -> bytes:
        return leaf_hash(self.row, _TYPES)

    def but(self, **values: Any) -> Leaf:
        """The same with something else in it."""
        return replace(self, **values)


@dataclass(frozen=True, slots=True)
class Tree:
    """Leaves and the way from each to the root."""

    leaves: Sequence[Leaf]
    merkle: MerkleTree

    @classmethod
    def of(cls, *leaves: Leaf, others: int = 6) -> Tree:
        """A tree of these leaves and those of so many households that nobody cares about."""
        slot = leaves[0].slot if leaves else 0
        strangers = [
            Leaf(account=actor(f"household {n}").address, slot=slot, consumed=n)
            for n in range(others)
        ]
        every = [*leaves, *strangers]
        return cls(every, MerkleTree.of([leaf.row for leaf in every], _TYPES))

    @property
    def root(self) -> bytes:
        return self.merkle.root

    def proof(self, leaf: Leaf) -> list[bytes]:
        return list(self.merkle.proof(self.leaves.index(leaf)))

    def reading(self, leaf: Leaf) -> tuple[int, int, bytes, list[bytes]]:
        """An AnchoredReading as the contract takes it."""
        return (leaf.produced, leaf.consumed, leaf.salt, self.proof(leaf))


# The meter registrar


def register_gateway(market: Market, key: LocalAccount) -> int:
    """A gateway's number."""
    receipt = market.do(_registrar(market), market.meters, "registerGateway", key.address)
    return int(market.events(receipt, market.meters, "GatewayRegistered")[0]["gateway"])


def replace_gateway(market: Market, gateway: int, key: LocalAccount | str) -> Receipt:
    address = key if isinstance(key, str) else key.address
    return market.do(_registrar(market), market.meters, "replaceGateway", gateway, address)


def assign(
    market: Market, account: LocalAccount | str, gateway: int = 1, power: int | None = None
) -> Receipt:
    """Let a gateway read an account from the running slot on; nobody if it is 0."""
    address = account if isinstance(account, str) else account.address
    if power is None:
        power = POWER if gateway else 0
    return market.do(_registrar(market), market.meters, "assignGateway", address, gateway, power)


def _registrar(market: Market) -> str:
    return market.roles[Role.METER_REGISTRAR]


# Gateways


def anchor(market: Market, key: LocalAccount, *leaves: Leaf, others: int = 6) -> Tree:
    """What a gateway says of a slot, fixed at the slot's end or, if it is later, now."""
    tree = Tree.of(*leaves, others=others)
    slot = leaves[0].slot
    market.go_to(max(market.now, market.end_of(slot)))
    anchor_root(market, key, slot, tree.root, len(tree.leaves))
    return tree


def anchor_root(
    market: Market, key: LocalAccount, slot: int, root: bytes = ROOT, count: int = 1
) -> Receipt:
    return market.do(key, market.meters, "anchorReadings", root, slot, count)


# Anyone


def prove(market: Market, tree: Tree, leaf: Leaf) -> Receipt:
    """By somebody who has nothing to do with it."""
    return prove_leaf(market, leaf, tree.proof(leaf))


def prove_leaf(market: Market, leaf: Leaf, proof: Sequence[bytes]) -> Receipt:
    """With a proof as it is given."""
    return market.send(actor("anybody"), proving(market, leaf, proof))


def proving(market: Market, leaf: Leaf, proof: Sequence[bytes]) -> Call:
    return market.meters.prepare("proveSlot", *leaf.row, list(proof))


def dispute(market: Market, tree: Tree, first: Leaf, second: Leaf) -> Receipt:
    """Two leaves of a tree against each other, for the account and slot of the first."""
    return market.do(
        actor("anybody"),
        market.meters,
        *("disputeDoubleCount", first.account, first.slot),
        *(tree.reading(first), tree.reading(second)),
    )


# What is known


def gateway_of(market: Market, account: LocalAccount, slot: int) -> tuple[int, int]:
    """Who reads an account in a slot, and within which power."""
    gateway, power = market.meters.call("gatewayOf", account.address, slot)
    return gateway, power


def gateway_at(market: Market, gateway: int) -> str:
    return str(market.meters.call("gatewayAt", gateway))


def number_of(market: Market, key: LocalAccount | str) -> int:
    address = key if isinstance(key, str) else key.address
    return int(market.meters.call("gatewayNumberOf", address))


def counted(market: Market, account: LocalAccount, slot: int) -> bool:
    return bool(market.settlement.call("isCounted", account.address, slot))


def logged(market: Market, receipt: Receipt) -> list[tuple[str, dict[str, Any]]]:
    """All events of the meters' contract in a transaction, in order."""
    return [(log.event, dict(log.arguments)) for log in market.meters.events(receipt.logs)]
