"""Devices that do not exist: their keys sign what the demo's households use and make.

Their keys are drawn from a seed, so they are public: for local chains, and to try a broker.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

from energy_grid.backend.meter_gateway.mqtt import BrokerPlace, Publisher
from energy_grid.backend.meter_gateway.payload import reading_payload, topic_of
from energy_grid.backend.neighbourhood.village import SEED, Village
from energy_grid.chain.accounts import LOCAL_CHAINS, Account
from energy_grid.chain.rpc.node import DevNode
from energy_grid.client import EnergyGrid, SignedReading
from energy_grid.contracts.smart_meter import MeterInfo, MeterReading
from energy_grid.demo.opening import open_accounts
from energy_grid.demo.residents import Resident
from energy_grid.demo.seeded_random import draw_bytes
from energy_grid.demo.sender import GasCountingSender

__all__ = ["Simulation", "simulate"]

_CLIENT = "energy-grid simulator"
# Base units that each account has, for the security of its meter.
_DEPOSIT = 500_000_000
_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """What came of it.

    Attributes:
        registered: meters that the market did not know before.
        unknown: meters that it does not know now: their readings are quarantined.
        messages, seconds: that the broker took, and in which time.
    """

    registered: int
    unknown: int
    messages: int
    seconds: float


def simulate(
    market: EnergyGrid,
    place: BrokerPlace,
    devices: int,
    hours: int,
) -> Simulation:
    """Publish what devices have signed in the hours until now, slot after slot.

    On a local chain their meters are registered first.

    Raises:
        BrokerGoneError, ChainError: it ended before its time; take it again.
        InputError: the broker refuses this client.
    """
    people = _people(market, devices)
    slot = market.settlement.slot_length()
    end = market.node.time // slot * slot
    # What they show follows from the time alone: whenever they are simulated, they go on.
    village = Village(slot, 0).copied(people)
    unknown = _unknown(market, people)
    registered = 0
    if unknown and market.node.chain_id in LOCAL_CHAINS:
        shown = {each.meter: each.reading for each in village.readings(market, end, end)}
        _register(market, unknown, shown)
        registered, unknown = len(unknown), []
    publisher = Publisher(place, _CLIENT)
    begin, count = perf_counter(), 0
    for at in range(end - hours * 3600, end + 1, slot):
        publisher.publish(_messages(market, village.readings(market, at, at)))
        count += len(people)
    took = perf_counter() - begin
    publisher.close()
    return Simulation(registered=registered, unknown=len(unknown), messages=count, seconds=took)


def _messages(market: EnergyGrid, readings: Iterator[SignedReading]) -> Iterator[tuple[str, bytes]]:
    for each in readings:
        topic = topic_of(market.node.chain_id, each.meter, "reading")
        yield topic, reading_payload(each, market.meter_domain)


def _people(market: EnergyGrid, devices: int) -> list[Resident]:
    village = Village(market.settlement.slot_length(), 0)
    households = [each.household for each in village.people]
    return [
        Resident(
            household=replace(households[at % len(households)], number=at + 1),
            wallet=Account(draw_bytes(SEED, "simulated wallet", at)),
            meter=Account(draw_bytes(SEED, "simulated meter", at)),
            plant_meter=Account(draw_bytes(SEED, "simulated plant meter", at)),
        )
        for at in range(devices)
    ]


def _unknown(market: EnergyGrid, people: Sequence[Resident]) -> list[Resident]:
    keys = [(each.meter.address,) for each in people]
    known = market.meters.call_many("getMeter", keys, kind=MeterInfo)
    return [each for each, info in zip(people, known, strict=True) if not info.number]


def _register(
    market: EnergyGrid, people: Sequence[Resident], shown: Mapping[str, MeterReading]
) -> None:
    node = DevNode(market.node.transport, hooks=market.node.hooks)
    sender = GasCountingSender(GasCountingSender.on(node))
    registers = {meter: (each.consumption, each.production) for meter, each in shown.items()}
    for first in range(0, len(people), _AT_ONCE):
        some = people[first : first + _AT_ONCE]
        open_accounts(node, market, sender, some, _DEPOSIT, (), registers)
