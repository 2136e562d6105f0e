"""Certificates and carbon credits on the chain and in the model, at random; see README.md."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from energy_grid.domain.enums import EnergyType
from energy_grid.errors import DomainError
from tests.model.carbon import CarbonRegister, EmissionFactors
from tests.model.certificates import CertificateRegister, Device
from tests.support.core.chain import Reverted
from tests.support.core.meter_suite import DAY, REGISTRAR
from tests.support.examples import Seeds, live_all
from tests.unit.contracts.certificates.world import FACTOR, FIRST, SLOT, CertificateWorld, key

_DAY_SLOTS = DAY // SLOT
_STEPS = 150


class Street:
    """A roof and a battery behind a turbine's meter, and a consumer; the model beside them."""

    def __init__(self, draws: Random) -> None:
        self.draws = draws
        self.world = world = CertificateWorld()
        self.carbon = world.chain.deploy(
            "CarbonCredits",
            *(world.full.manager.address, world.certificates.address, FACTOR),
            world.full.forwarder.address,
        )
        self.holders = {"producer": world.producer, "consumer": world.consumer}
        self.connections = {"producer": world.connection, "consumer": world.other}
        self.plants = {"roof": world.plant, "turbine": key("turbine")}
        self.numbers = {"roof": world.number}
        self.numbers["turbine"] = world.add_meter(world.producer, self.plants["turbine"])
        world.register(self.numbers["turbine"], EnergyType.WIND)
        world.read_to[self.plants["turbine"].address] = world.running
        self.model = CertificateRegister()
        self.model.devices = {
            "roof": Device("producer", FIRST),
            "turbine": Device("producer", world.running + 1),
        }
        self.credits = CarbonRegister(EmissionFactors(FIRST // _DAY_SLOTS, FACTOR))
        self.carbon.registerCleanEnergyProducer(world.producer.address, by=REGISTRAR)
        self.credits.register("producer", self.running // _DAY_SLOTS)
        self.nets: dict[tuple[str, int], int] = {}
        self.energy = dict.fromkeys(self.plants, (0, 0))
        """Wh that each device has taken and given since it began, and the most given beyond."""
        self.most = dict.fromkeys(self.plants, 0)
        self.certified = dict.fromkeys(self.plants, 0)
        for meter in self.connections.values():
            world.settle(meter)

    @property
    def running(self) -> int:
        """The slot."""
        return self.world.running

    def both(self, model: Callable[[], Any], chain: Callable[[], Any]) -> Any:
        """In both, which give the same answer or refuse for the same reason."""
        refusal = ""
        try:
            expected = model()
        except DomainError as in_model:
            expected, refusal = None, type(in_model).__name__.removesuffix("Error")
        try:
            found = chain()
        except Reverted as on_chain:
            name = on_chain.args[0].partition("(")[0]
            assert name.rpartition("_")[2].removeprefix("ERC1155") == refusal
            return None
        assert not refusal
        if expected is not None:
            assert found == expected
        return found

    # Slots pass

    def pass_slots(self, count: int = 0) -> None:
        """Connections are read at each slot's end or late, devices at the ends of most slots."""
        for _ in range(count or self.draws.choice((1, 2, 4, 10))):
            slot = self.world.read_to[self.world.other.address]
            if self.draws.random() < 0.05:
                self.world.go_to(slot + 3)
            for name in self.connections:
                self._settle(name, slot)
            for name in self.plants:
                if self.draws.random() < 0.9:
                    self._read(name, slot)

    def _read(self, name: str, slot: int) -> None:
        plant, world = self.plants[name], self.world
        slots = slot + 1 - world.read_to[plant.address]
        net = self.draws.choice((0, self.draws.randint(-3_000, 9_000), 1, -1))
        signed = world.rise(plant, (max(-net, 0), max(net, 0)), slots=slots)
        taken, given = self.energy[name]
        self.energy[name] = taken + max(-net, 0), given + max(net, 0)
        self.most[name] = max(self.most[name], self.energy[name][1] - self.energy[name][0])
        if slots > 1:
            self.both(lambda: self.model.skip(name, net), lambda: world.issue(plant, signed))
            return
        earned = self.both(
            lambda: self.model.read(name, slot, net), lambda: world.issue(plant, signed)
        )
        self.certified[name] += earned

    def _settle(self, name: str, slot: int) -> None:
        net = self.draws.choice((0, self.draws.randint(-6_000, 4_000)))
        meter, world = self.connections[name], self.world
        signed = world.rise(meter, (max(-net, 0), max(net, 0)))
        is_late = world.chain.now >= (slot + 1) * SLOT + 900
        world.full.meters.read_many(signed, by=REGISTRAR)
        self.nets[name, slot] = 0 if is_late else net

    # What people do

    def _certificate(self) -> tuple[str, int, int]:
        """A device, a slot, and Wh of about what is there."""
        name = self.draws.choice(list(self.plants))
        slot = self.draws.randint(self.running - 30, self.running)
        issued = self.model.issued[name, slot]
        return name, slot, self.draws.choice((max(issued, 1), self.draws.randint(1, 6_000)))

    def transfer(self) -> None:
        """A part, to somebody."""
        name, slot, wh = self._certificate()
        holder, to = self.draws.sample(sorted(self.holders), 2)
        world = self.world
        self.both(
            lambda: self.model.transfer(holder, to, name, slot, wh),
            lambda: world.certificates.safeTransferFrom(
                *(self.holders[holder].address, self.holders[to].address),
                *(world.id_of(slot, self.numbers[name]), wh, b""),
                by=self.holders[holder].address,
            ),
        )

    def retire(self) -> None:
        """Against one's own consumption."""
        name, slot, wh = self._certificate()
        account, world = self.draws.choice(sorted(self.holders)), self.world
        if (possible := self._retirable()) and self.draws.random() < 0.8:
            account, name, slot, wh = self.draws.choice(possible[-20:])
        net = self.nets.get((account, slot))
        number = self.both(
            lambda: self.model.retire(account, name, slot, wh, net),
            lambda: world.certificates.retire(
                self.holders[account].address,
                [world.id_of(slot, self.numbers[name])],
                [wh],
                by=self.holders[account].address,
            ),
        )
        if number:
            day = slot // _DAY_SLOTS
            assert self.credits.retire_certificates(account, "producer", day, wh) == number

    def _retirable(self) -> list[tuple[str, str, int, int]]:
        found = []
        for (account, name, slot), held in self.model.held.items():
            used = self.model.consumption(account, slot, self.nets.get((account, slot)))
            if wh := max(0, min(held, used - self.model.matched[account, slot])):
                found.append((account, name, slot, wh))
        return sorted(found, key=lambda each: each[2])

    def correct(self) -> None:
        """By the registrar."""
        name, slot, wh = self._certificate()
        if not self.model.issued[name, slot]:
            return
        world, before = self.world, self.world.certificates.totalWithdrawn()

        def on_chain() -> int:
            number = world.id_of(slot, self.numbers[name])
            world.certificates.correct(number, wh, "wrong", by=REGISTRAR)
            return int(world.certificates.totalWithdrawn()) - before

        self.both(lambda: self.model.correct(name, slot, wh), on_chain)

    def issue_credits(self) -> None:
        """For some retirements, of an account that may have made them."""
        account, used = self.draws.choice(sorted(self.holders)), self.credits.used
        own = [number for number, one in enumerate(used, 1) if one.account == account]
        days = [number for number in own if self.credits.is_clean("producer", used[number - 1].day)]
        if days and self.draws.random() < 0.7:
            own = days
        numbers = [self.draws.choice(own) for _ in range(self.draws.randint(0, 4)) if own]
        if used and self.draws.random() < 0.1:
            numbers.append(self.draws.randint(1, len(used)))

        def on_chain() -> int:
            return int(
                self.carbon.issueCarbonCredits(self.holders[account].address, numbers, by=REGISTRAR)
            )

        self.both(lambda: self.credits.issue(account, numbers).grams, on_chain)

    def register_or_deregister(self) -> None:
        """The producer as clean."""
        today, address = self.running // _DAY_SLOTS, self.holders["producer"].address
        times = self.credits.clean["producer"]
        if times[-1][0] >= today and self.draws.random() < 0.8:
            return
        if times[-1][1] is None:
            self.both(
                lambda: self.credits.deregister("producer", today),
                lambda: self.carbon.deregisterCleanEnergyProducer(address, by=REGISTRAR),
            )
        else:
            self.both(
                lambda: self.credits.register("producer", today),
                lambda: self.carbon.registerCleanEnergyProducer(address, by=REGISTRAR),
            )

    # What must hold

    def check(self) -> None:
        """After every step."""
        model, world, certificates = self.model, self.world, self.world.certificates
        assert certificates.totalIssued() == model.total_issued
        assert certificates.totalRetired() == model.total_retired
        assert certificates.totalWithdrawn() == model.total_withdrawn
        held = sum(model.held.values())
        assert model.total_issued == held + model.total_retired + model.total_withdrawn
        for name, number in self.numbers.items():
            assert world.device(number)["owed"] == model.devices[name].owed
            assert self.certified[name] <= self.most[name]
        for (account, slot), matched in model.matched.items():
            assert certificates.matchedOf(self.holders[account].address, slot) == matched
        grams = sum(self.credits.balances.values())
        assert self.carbon.totalIssued() == grams
        assert grams * 1000 <= model.total_retired * FACTOR

    def compare(self) -> None:
        """All certificates, at the end."""
        for (holder, name, slot), wh in self.model.held.items():
            number = self.world.id_of(slot, self.numbers[name])
            address = self.holders[holder].address
            assert self.world.certificates.balanceOf(address, number) == wh


def live(seed: int) -> Street:
    """A few days."""
    draws = Random(seed)
    street = Street(draws)
    # From the second day on the producer is clean.
    street.pass_slots(_DAY_SLOTS + 10)
    for _ in range(_STEPS):
        steps = (
            *(street.pass_slots, street.pass_slots, street.transfer, street.retire),
            *(street.retire, street.retire, street.correct, street.issue_credits),
        )
        draws.choice(steps)()
        if draws.random() < 0.02:
            street.register_or_deregister()
        street.check()
    street.compare()
    return street


@pytest.mark.parametrize("seed", range(6))
def test_certificates_at_random__agree_with_the_model(seed: int) -> None:
    street = live(seed)
    assert street.model.total_retired
    assert street.credits.total_issued


def test_certificates_of_other_seeds__agree_with_the_model(seeds: Seeds) -> None:
    """Other ones in every run; a hundred times as many in a soak."""
    live_all(seeds(4), live)
