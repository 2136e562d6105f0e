"""Every refusal of Tariffs, with its values, and the events of what is done."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.model.market import Tariff
from tests.support.core.chain import refused
from tests.support.core.tariff_suite import DAY, GRID, TariffWorld, name, packed

FIRST = Tariff(buy=300_000, feed_in=80_000, network_fee=50_000, protocol_fee=1_000)
STRANGER = "0x" + 40 * "5"
NOWHERE = name("nowhere")


@pytest.fixture
def world() -> TariffWorld:
    return TariffWorld(FIRST, 60_000)


@pytest.mark.parametrize(
    ("change", "error", "values"),
    [
        ({"feed_in": 250_001}, "FeedInAbove", (250_001, 50_000, 300_000)),
        ({"network_fee": 300_001, "feed_in": 0}, "FeedInAbove", (0, 300_001, 300_000)),
        ({"buy": 600_000_001}, "BuyAbove", (600_000_001, 600_000_000)),
        ({"network_fee": 100_001}, "FeeAbove", (100_001, 100_000)),
        ({"protocol_fee": 100_001}, "FeeAbove", (100_001, 100_000)),
        ({"max_factor": 9_999}, "FactorBelowOne", (9_999,)),
        ({"feed_in": 59_999}, "FeedInBelowCredit", (59_999, 60_000)),
    ],
)
def test_tariffs__outside_the_rules__are_refused(
    world: TariffWorld, change: dict[str, int], error: str, values: tuple[int, ...]
) -> None:
    false, far = packed(replace(FIRST, **change)), world.today + 30
    with refused(f"Tariffs_{error}", *values):
        world.tariffs.setTariff(name("home"), false, far, by=world.authority)
    with refused(f"Tariffs_{error}", *values):
        world.tariffs.addRegion(NOWHERE, false, by=world.authority)


@pytest.mark.parametrize(
    ("index", "value", "parameter"),
    [
        (0, 0, "slotLength"),
        (0, 700, "slotLength"),
        (1, DAY + 1, "maxAge"),
        (2, 655_370_001, "maxBuy"),
    ],
)
def test_constructor__bad_parameter__is_refused(
    world: TariffWorld, index: int, value: int, parameter: str
) -> None:
    parameters = [900, 7_200, 655_370_000, 100_000, 100_000]
    arguments = name("home"), packed(FIRST), 60_000
    manager = world.manager.address
    world.chain.deploy("Tariffs", manager, GRID, tuple(parameters), *arguments)
    parameters[index] = value
    with refused("Tariffs_BadParameter", name(parameter), value):
        world.chain.deploy("Tariffs", manager, GRID, tuple(parameters), *arguments)


def test_dearest_price_of_all__fits_its_32_bits(world: TariffWorld) -> None:
    dearest = Tariff(buy=655_370_000, feed_in=60_000, max_factor=65_535)
    parameters = (900, 7_200, 655_370_000, 0, 0)
    arguments = world.manager.address, GRID, parameters, name("home"), packed(dearest), 60_000
    tariffs = world.chain.deploy("Tariffs", *arguments)
    assert tariffs.termsOf(1, world.today, world.today)[1] == 2**32 - 1


def test_days__within_the_horizon__are_refused(world: TariffWorld) -> None:
    first = world.today + 16
    for day in (0, world.today, first - 1):
        with refused("Tariffs_WithinHorizon", day, first):
            world.tariffs.setTariff(name("home"), packed(FIRST), day, by=world.authority)
        with refused("Tariffs_WithinHorizon", day, first):
            world.tariffs.setCreditValue(1, day, by=world.authority)
    world.tariffs.setTariff(name("home"), packed(FIRST), first, by=world.authority)
    # At the very beginning of a day, the horizon ends with one.
    world.chain.set_time((world.today + 1) * DAY)
    world.tariffs.setCreditValue(1, world.today + 15, by=world.authority)


def test_credit_value__that_rises__is_refused(world: TariffWorld) -> None:
    world.tariffs.setCreditValue(50_000, world.today + 20, by=world.authority)
    with refused("Tariffs_CreditValueRises", 50_001, 50_000):
        world.tariffs.setCreditValue(50_001, world.today + 16, by=world.authority)
    world.tariffs.setCreditValue(50_000, world.today + 16, by=world.authority)
    assert world.chain.logs[0][1:] == ("CreditValueSet", {"day": world.today + 16, "value": 50_000})
    assert world.tariffs.creditValueAt(world.today + 15) == 60_000
    assert world.tariffs.creditValueAt(world.today + 16) == 50_000


def test_regions__twice_or_unknown__are_refused(world: TariffWorld) -> None:
    tariffs = world.tariffs
    for taken in (name("home"), bytes(32)):
        with refused("Tariffs_RegionTaken", taken):
            tariffs.addRegion(taken, packed(FIRST), by=world.authority)
    assert tariffs.addRegion(name("north"), packed(FIRST), by=world.authority) == 2
    assert (tariffs.regionId(name("north")), tariffs.regionAt(2)) == (2, name("north"))
    assert tariffs.regionCount() == 2
    day = world.today
    with refused("Tariffs_UnknownRegion", NOWHERE):
        tariffs.setTariff(NOWHERE, packed(FIRST), day, by=world.authority)
    with refused("Tariffs_UnknownRegion", NOWHERE):
        tariffs.setBuyPrice(NOWHERE, 300_000, by=GRID)
    for view in (tariffs.regionId, lambda region: tariffs.tariffOf(region, day)):
        with refused("Tariffs_UnknownRegion", NOWHERE):
            view(NOWHERE)
    with refused("Tariffs_UnknownRegion", NOWHERE):
        tariffs.priceOf(NOWHERE, 1)
    slot = world.now // 900 + 1
    for number in (0, 3):
        for view, arguments in (
            ("regionAt", ()),
            ("dayOf", (day,)),
            ("termsOf", (day, day)),
            ("deficitPrice", (slot,)),
            ("factorOf", (slot,)),
            ("lowestAndDearest", (slot, slot + 1)),
            ("writeFactors", (slot, slot + 1, 10_000)),
        ):
            with refused("Tariffs_NoSuchRegion", number):
                tariffs.call(view, number, *arguments, by=GRID)


def test_factors__of_begun_or_far_slots__are_refused(world: TariffWorld) -> None:
    first, end = world.now // 900 + 1, -(-(world.now + 7_200) // 900)
    for span in ((first - 1, end), (first, end + 1), (first - 1, first), (end, end + 1)):
        with refused("Tariffs_SlotsOutOfReach", *span, first, end):
            world.tariffs.writeFactors(1, *span, 12_000, by=GRID)
    world.tariffs.writeFactors(1, first, end, 70_000, by=GRID)
    written = {"id": 1, "from_slot": first, "to_slot": end, "factor": 30_000}
    assert world.chain.logs[0][1:] == ("FactorsWritten", written)
    # A slot that begins now has begun.
    world.chain.set_time(first * 900)
    with refused("Tariffs_SlotsOutOfReach", first, end, first + 1, first + 8):
        world.tariffs.writeFactors(1, first, end, 12_000, by=GRID)


def test_span__without_slots__is_refused(world: TariffWorld) -> None:
    with refused("Tariffs_EmptySpan", 7, 7):
        world.tariffs.lowestAndDearest(1, 7, 7)


def test_strangers__are_refused(world: TariffWorld) -> None:
    unauthorized = "AccessManagedUnauthorized"
    with refused(unauthorized, STRANGER):
        world.tariffs.addRegion(NOWHERE, packed(FIRST), by=STRANGER)
    with refused(unauthorized, STRANGER):
        world.tariffs.setTariff(name("home"), packed(FIRST), 30_000, by=STRANGER)
    with refused(unauthorized, STRANGER):
        world.tariffs.setCreditValue(0, 30_000, by=STRANGER)
    for stranger in (STRANGER, world.authority):
        with refused("Tariffs_OnlyGrid", stranger):
            world.tariffs.setBuyPrice(bytes(32), 1, by=stranger)
        with refused("Tariffs_OnlyGrid", stranger):
            world.tariffs.writeFactors(1, 0, 0, 1, by=stranger)


def test_buy_price__beyond_its_bounds__is_refused(world: TariffWorld) -> None:
    with refused("Tariffs_BuyAbove", 2**40, 600_000_000):
        world.tariffs.setBuyPrice(bytes(32), 2**40, by=GRID)
    with refused("Tariffs_FeedInAbove", 80_000, 50_000, 129_999):
        world.tariffs.setBuyPrice(bytes(32), 129_999, by=GRID)
    assert world.tariffs.setBuyPrice(bytes(32), 130_000, by=GRID) == world.today + 16


def test_long_spans__cost_little(world: TariffWorld) -> None:
    """Forty days and three years of 96 slots a day, within a block."""
    slot = world.now // 900
    for days, most in ((40, 150_000), (3 * 365, 2_500_000)):
        world.tariffs.lowestAndDearest(1, slot - days * 96, slot)
        result = world.chain.evm.result
        assert result is not None
        assert result.gas_used < most
