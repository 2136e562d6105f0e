"""Readings taken exactly at a slot's end, which Settlement counts (metersReadAtEnd)."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.metering.registrar import (
    deactivate,
    energy,
    move,
    read_at_end,
    relay,
    rotate,
)

HOUR = 3600
SLOT = MONDAY // HOUR
END = MONDAY + HOUR


def counts(market: Market, account: LocalAccount, slots: int = 3) -> list[int]:
    """Of the first slots of the day."""
    return [read_at_end(market, account, market.slot(MONDAY) + n) for n in range(slots)]


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("consumed", [0, 5])
@pytest.mark.parametrize(("offset", "counted"), [(-1, 0), (0, 1), (1, 0)])
def test_read_at_slot_end__to_the_second__counted(
    market: Market,
    meter: LocalAccount,
    prosumer: LocalAccount,
    *,
    offset: int,
    counted: int,
    consumed: int,
    signed: bool,
) -> None:
    """With energy or without, by the device or a relay, and late: it is the reading's time."""
    reading = market.reading(timestamp=END + offset, consumed=consumed)
    market.go_to(END + 100)

    if signed:
        relay(market, market.signed_reading(meter, reading))
    else:
        market.do(meter, market.meters, "submitReading", reading)

    assert counts(market, prosumer) == [counted, 0, 0]
    assert energy(market, prosumer, SLOT + max(offset, 0)) == (0, consumed)


@pytest.mark.parametrize(("offset", "counted"), [(899, 0), (900, 1), (901, 0)])
def test_read_at_slot_end__slots_of_a_quarter_hour__counted(
    quarter_hours: Market, prosumer: LocalAccount, offset: int, counted: int
) -> None:
    market = quarter_hours
    meter = market.register_meter(prosumer)

    market.at(MONDAY + 1000).read_meter(meter, timestamp=MONDAY + offset)

    assert counts(market, prosumer) == [counted, 0, 0]


def test_read_at_slot_end__slot_after_slot__each_has_its_own(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    market.at(END).read_meter(meter, timestamp=END, produced=9)
    market.at(END + 1800).read_meter(meter, timestamp=END + 1800, consumed=1)
    market.at(END + 2 * HOUR).read_meter(meter, timestamp=END + 2 * HOUR)

    assert counts(market, prosumer, 4) == [1, 0, 1, 0]


def test_read_at_slot_end__several_meters__each_counts_once(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    roof, cellar = (market.register_meter(prosumer, actor(name)) for name in ("roof", "cellar"))
    neighbor = actor("neighbor")
    foreign = market.register_meter(neighbor)
    market.go_to(END + 100)
    batch = [
        market.signed_reading(one, market.reading(timestamp=END, consumed=consumed))
        for one, consumed in ((meter, 7), (roof, 0), (foreign, 3))
    ]

    relay(market, *batch, *batch)
    assert counts(market, prosumer) == [2, 0, 0]
    market.read_meter(cellar, timestamp=END - 1, consumed=1)

    assert counts(market, prosumer) == [2, 0, 0]
    assert counts(market, neighbor) == [1, 0, 0]
    assert energy(market, prosumer, SLOT) == (0, 8)


def test_read_at_slot_end__refused__not_counted(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    market.at(END).read_meter(meter, timestamp=END)

    with refused(errors.SmartMeter_Replayed, meter=meter.address, timestamp=END):
        market.read_meter(meter, timestamp=END)
    with refused(
        errors.SmartMeter_TooOld,
        meter=meter.address,
        timestamp=END + HOUR,
        slot_final_at=market.final_at(SLOT + 1),
    ):
        market.at(market.final_at(SLOT + 1)).read_meter(meter, timestamp=END + HOUR)

    assert counts(market, prosumer) == [1, 0, 0]


def test_read_at_slot_end__meter_moved__counts_for_whose_it_is(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    """Where it was before, it stays counted; no slot's end counts for both."""
    heir = actor("heir")
    market.at(END).read_meter(meter, timestamp=END, consumed=4)
    move(market, meter, heir)

    receipt = relay(market, market.signed_reading(meter, market.reading(timestamp=END)))
    market.at(END + HOUR).read_meter(meter, timestamp=END + HOUR)

    (skipped,) = market.events(receipt, market.meters, "ReadingSkipped")
    assert skipped["conflicting"]
    assert counts(market, prosumer) == [1, 0, 0]
    assert counts(market, heir) == [0, 1, 0]


def test_read_at_slot_end__meter_moved_after_the_end_and_read_then__counts_for_the_new_account(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    heir = actor("heir")
    market.at(END + 10)
    move(market, meter, heir)

    market.at(END + 20).read_meter(meter, timestamp=END, consumed=4)

    assert counts(market, prosumer) == [0, 0, 0]
    assert counts(market, heir) == [1, 0, 0]


def test_read_at_slot_end__key_rotated_or_meter_deactivated__stays_counted_once(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    key = actor("new key")
    market.at(END).read_meter(meter, timestamp=END)
    rotate(market, meter, key)

    with refused(errors.SmartMeter_Replayed, meter=key.address, timestamp=END):
        market.read_meter(key, timestamp=END)
    deactivate(market, key)

    assert counts(market, prosumer) == [1, 0, 0]
