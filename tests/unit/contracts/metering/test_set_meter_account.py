"""SmartMeter.setMeterAccount."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.metering.registrar import (
    daily,
    deactivate,
    energy,
    latest,
    lifetime,
    move,
)
from tests.unit.contracts.metering.signatures import NOBODY

HOUR = 3600
DAY = 86_400
SLOT = MONDAY // HOUR
TODAY = MONDAY // DAY
MAX_METERS = 32


@pytest.fixture
def heir() -> LocalAccount:
    """Who gets the meter."""
    return actor("heir")


@pytest.mark.parametrize("caller", ["stranger", "prosumer", "heir"])
def test_set_meter_account__by_others__refused(
    market: Market, meter: LocalAccount, heir: LocalAccount, caller: str
) -> None:
    with refused(errors.AccessManagedUnauthorized, caller=actor(caller).address):
        market.do(actor(caller), market.meters, "setMeterAccount", meter.address, heir.address)


def set_account(market: Market, meter: str, account: str) -> None:
    registrar = market.roles[Role.METER_REGISTRAR]
    market.do(registrar, market.meters, "setMeterAccount", meter, account)


def test_set_meter_account__to_zero__refused(market: Market, meter: LocalAccount) -> None:
    with refused(errors.SmartMeter_ZeroAccount):
        set_account(market, meter.address, NOBODY)


def test_set_meter_account__to_settlement__refused(market: Market, meter: LocalAccount) -> None:
    with refused(errors.Settlement_BadRecipient, to=market.settlement.address):
        set_account(market, meter.address, market.settlement.address)


def test_set_meter_account__to_an_account_with_all_its_meters__refused(
    market: Market, meter: LocalAccount, heir: LocalAccount, prosumer: LocalAccount
) -> None:
    meters = [market.register_meter(heir, actor(f"meter {n}")) for n in range(MAX_METERS)]

    with refused(errors.SmartMeter_TooManyMeters, account=heir.address, maximum=MAX_METERS):
        move(market, meter, heir)
    assert market.meters.call("getMeters", prosumer.address) == (meter.address,)
    # One of them that is given to the same account again takes no room.
    move(market, meters[3], heir)
    assert set(market.meters.call("getMeters", heir.address)) == {one.address for one in meters}


def test_set_meter_account__to_a_new_account__gets_a_number(
    market: Market, meter: LocalAccount, heir: LocalAccount
) -> None:
    assert market.settlement.call("numberOf", heir.address) == 0

    move(market, meter, heir)

    assert market.settlement.call("numberOf", heir.address) == 2


def test_set_meter_account__unknown_meter__refused(market: Market, heir: LocalAccount) -> None:
    with refused(errors.SmartMeter_UnknownMeter, meter=heir.address):
        set_account(market, heir.address, heir.address)


def test_set_meter_account__deactivated_meter__refused(
    market: Market, meter: LocalAccount, heir: LocalAccount
) -> None:
    deactivate(market, meter)

    with refused(errors.SmartMeter_InactiveMeter, meter=meter.address):
        move(market, meter, heir)


def test_set_meter_account__several_things_wrong__refused_in_order(
    market: Market, meter: LocalAccount, heir: LocalAccount
) -> None:
    with pytest.raises(errors.SmartMeter_ZeroAccount):
        set_account(market, heir.address, NOBODY)
    with pytest.raises(errors.SmartMeter_UnknownMeter):
        set_account(market, heir.address, market.settlement.address)
    deactivate(market, meter)
    with pytest.raises(errors.SmartMeter_InactiveMeter):
        set_account(market, meter.address, market.settlement.address)


def test_set_meter_account__all_well__meter_changes_hands(
    market: Market, meter: LocalAccount, prosumer: LocalAccount, heir: LocalAccount
) -> None:
    before = market.meters.call("getMeter", meter.address)

    receipt = move(market, meter, heir)

    events = market.events(receipt, market.meters, "MeterAccountSet")
    assert [dict(event.arguments) for event in events] == [
        {"meter": meter.address, "from": prosumer.address, "to": heir.address}
    ]
    info = market.meters.call("getMeter", meter.address)
    assert info == (before[0], heir.address, *before[2:])
    assert market.meters.call("getMeters", prosumer.address) == ()
    assert market.meters.call("getMeters", heir.address) == (meter.address,)


def test_set_meter_account__in_the_middle_of_a_slot__energy_stays_where_it_was_counted(
    market: Market, meter: LocalAccount, prosumer: LocalAccount, heir: LocalAccount
) -> None:
    market.at(MONDAY + 1000).read_meter(meter, timestamp=MONDAY + 1000, produced=100, consumed=20)
    move(market, meter, heir)

    assert lifetime(market, prosumer) == (100, 20)
    assert lifetime(market, heir) == (0, 0)
    market.at(MONDAY + HOUR).read_meter(meter, timestamp=MONDAY + HOUR, produced=7, consumed=3)

    assert (lifetime(market, prosumer), lifetime(market, heir)) == ((100, 20), (7, 3))
    assert energy(market, prosumer, SLOT) == (100, 20)
    assert energy(market, heir, SLOT) == (7, 3)
    # The meter's own day goes on.
    assert daily(market, meter, TODAY) == (107, 23)


def test_set_meter_account__days_later__former_account_keeps_its_days(
    market: Market, meter: LocalAccount, prosumer: LocalAccount, heir: LocalAccount
) -> None:
    for day in range(3):
        at = MONDAY + day * DAY + HOUR
        market.at(at).read_meter(meter, timestamp=at, produced=10 + day, consumed=1)
    move(market, meter, heir)
    for day in range(3, 5):
        at = MONDAY + day * DAY + HOUR
        market.at(at).read_meter(meter, timestamp=at, produced=10 + day, consumed=1)

    assert lifetime(market, prosumer) == (10 + 11 + 12, 3)
    assert lifetime(market, heir) == (13 + 14, 2)
    assert [daily(market, meter, TODAY + day) for day in range(6)] == [
        *((10 + day, 1) for day in range(5)),
        (0, 0),
    ]


@pytest.mark.parametrize("signed", [True, False])
def test_set_meter_account__a_reading_of_before__does_not_count_again(
    market: Market, meter: LocalAccount, heir: LocalAccount, *, signed: bool
) -> None:
    """What was counted for one account cannot be counted for the next."""
    reading = market.reading(timestamp=MONDAY + 1000, produced=9)
    entry = market.signed_reading(meter, reading)
    market.at(MONDAY + 1000).do(actor("relay"), market.meters, "submitSignedReadings", [entry])
    move(market, meter, heir)

    if signed:
        market.do(actor("relay"), market.meters, "submitSignedReadings", [entry])
    else:
        with refused(errors.SmartMeter_Replayed, meter=meter.address, timestamp=MONDAY + 1000):
            market.do(meter, market.meters, "submitReading", reading)

    assert latest(market, meter) == reading
    assert energy(market, heir, SLOT) == (0, 0)
    assert lifetime(market, heir) == (0, 0)


def test_set_meter_account__and_back__both_have_what_they_counted(
    market: Market, meter: LocalAccount, prosumer: LocalAccount, heir: LocalAccount
) -> None:
    owners = [prosumer, heir, prosumer, prosumer, heir]
    for turn, owner in enumerate(owners):
        move(market, meter, owner)
        at = MONDAY + (turn + 1) * 1000
        market.at(at).read_meter(meter, timestamp=at, produced=10**turn, consumed=turn)

    assert lifetime(market, prosumer) == (1 + 100 + 1000, 0 + 2 + 3)
    assert lifetime(market, heir) == (10 + 10_000, 1 + 4)
    assert market.meters.call("getMeters", prosumer.address) == ()
    assert market.meters.call("getMeters", heir.address) == (meter.address,)
