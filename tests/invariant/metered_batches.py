"""The market and its model with all that is measured: meters that report or sign, a gateway that
anchors, callers that prove, and accounts that change from a meter to the gateway and back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from random import Random

import pytest
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.merkle import MerkleTree
from energy_grid.domain.periods import is_final
from tests.invariant.random_batches import RandomBatches
from tests.model.costs import Fees
from tests.support.market import Market, actor

__all__ = ["MeteredBatches"]

_LEAF = ("address", "uint256", "uint256", "uint256", "bytes32")
_POWER = 1_000_000


class MeteredBatches(RandomBatches):
    """As `RandomBatches`; the wallet is read by the gateway from the first slot on."""

    def __init__(self, market: Market, fees: Fees) -> None:
        super().__init__(market, fees)
        self.gateway = actor("gateway")
        self.registrar = market.roles[Role.METER_REGISTRAR]
        # Has meters that are nobody's for the time being.
        self.depot = actor("depot").address
        self.settlement_model.open_account(self.depot)
        self.devices: dict[str, LocalAccount] = {}
        self.holder: dict[str, str] = {}
        self.last_read: dict[str, int] = {}
        for name in self.people:
            if name != self.wallet:
                self.devices[name] = device = market.register_meter(self.keys[name])
                self.holder[name] = name
                self.last_read[device.address] = market.now
        market.do(self.registrar, market.meters, "registerGateway", self.gateway.address)
        # From which slot on an account is read by the gateway, or no longer.
        self.assigned: dict[str, list[tuple[int, bool]]] = defaultdict(list)
        self.trees: dict[int, MerkleTree] = {}
        self.interval = market.meters.call("MIN_INTERVAL")
        self._assign(self.wallet, True)

    def names(self) -> list[str]:
        return [*super().names(), self.depot]

    # Meters

    def read(self, name: str, timestamp: int, produced: int, consumed: int, *, sign: bool) -> None:
        """The device that came with an account is read, wherever it counts now."""
        device, now = self.devices[name], self.now + 1
        latest = self.last_read[device.address]
        slot = (timestamp - 1) // self.market.slot_length
        final = is_final(slot, now, self.market.slot_length, self.market.grace)
        if timestamp < latest + self.interval or timestamp > now or final:
            return
        reading = self.market.reading(timestamp=timestamp, consumed=consumed, produced=produced)
        call: tuple[object, ...] = (device, self.market.meters, "submitReading", reading)
        if sign:
            signed = [self.market.signed_reading(device, reading)]
            call = (actor("keeper"), self.market.meters, "submitSignedReadings", signed)
        done = self.both(
            lambda at: self.settlement_model.record(
                self.holder[name], timestamp, produced, consumed, at
            ),
            *call,
        )
        if done:
            self.last_read[device.address] = timestamp

    def read_any(self, random: Random) -> None:
        name = random.choice(sorted(self.devices))
        end = self.now // self.market.slot_length * self.market.slot_length
        timestamp = random.choice([self.now + 1, self.now + 1, end, end + 1])
        energies = (random.choice([0, random.randint(1, 3000)]) for _ in range(2))
        self.read(name, timestamp, *energies, sign=random.random() < 0.5)

    # Gateways

    def change_reader(self, name: str) -> None:
        """From the own meter to the gateway, or back."""
        if self._is_assigned(name, self._slot()):
            self._assign(name, False)
            self._move(name, name)
        else:
            self._move(name, self.depot)
            self._assign(name, True)

    def anchor(self, random: Random) -> None:
        """The gateway anchors the last slot that is over, with leaves of accounts not its own."""
        length = self.market.slot_length
        slot = (self.now + 1) // length - 1
        if self.now + 1 > (slot + 1) * length + self.market.grace // 2 or slot in self.trees:
            slot += 1
            self.now = (slot + 1) * length + random.randint(0, self.market.grace // 2 - 1)
        energies = {
            name: (random.choice([0, random.randint(1, 3000)]), random.randint(0, 3000))
            for name in self.people
        }
        self.anchor_energies(slot, energies)

    def anchor_energies(self, slot: int, energies: Mapping[str, tuple[int, int]]) -> None:
        """The gateway anchors what each account has produced and consumed, in Wh."""
        rows = [(name, slot, *wh, keccak(text=f"{name} {slot}")) for name, wh in energies.items()]
        tree = MerkleTree.of(rows, _LEAF)
        self.now += 1
        self.market.at(self.now).do(
            self.gateway, self.market.meters, "anchorReadings", tree.root, slot, len(rows)
        )
        self.trees[slot] = tree

    def prove(self, slot: int, place: int) -> None:
        """Whoever has a leaf proves it; only the accounts of the gateway count."""
        tree = self.trees[slot]
        name, _, produced, consumed, salt = tree.rows[place]
        arguments = (name, slot, produced, consumed, salt, list(tree.proof(place)))
        prover = (actor("keeper"), self.market.meters, "proveSlot", *arguments)
        if not self._is_assigned(name, slot):
            self.now += 1
            with pytest.raises(errors.SmartMeter_NotAnchored):
                self.market.at(self.now).do(*prover)
            return
        price = self.market.grid.call("priceOf", slot)
        done = self.both(
            lambda at: self.settlement_model.prove(name, slot, produced, consumed, price, at),
            *prover,
        )
        if done and done[0]:
            self.minted += done[0].minted
            self.burned += done[0].burned

    def prove_any(self, random: Random) -> None:
        slot = random.choice(sorted(self.trees)[-3:])
        self.prove(slot, random.randrange(len(self.trees[slot].rows)))

    def prove_all(self, slot: int) -> None:
        for place, row in enumerate(self.trees[slot].rows):
            if self._is_assigned(row[0], slot):
                self.prove(slot, place)

    # Internal

    def _slot(self) -> int:
        return (self.now + 1) // self.market.slot_length

    def _is_assigned(self, name: str, slot: int) -> bool:
        return next((on for first, on in reversed(self.assigned[name]) if first <= slot), False)

    def _assign(self, name: str, on: bool) -> None:
        self.now += 1
        self.market.at(self.now).do(
            self.registrar,
            self.market.meters,
            *("assignGateway", name, int(on), _POWER if on else 0),
        )
        self.assigned[name].append((self.now // self.market.slot_length, on))

    def _move(self, name: str, to: str) -> None:
        self.now += 1
        device = self.devices[name].address
        self.market.at(self.now).do(
            self.registrar, self.market.meters, "setMeterAccount", device, to
        )
        self.holder[name] = to
