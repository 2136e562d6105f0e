"""SmartMeter.deactivateMeter."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

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
    rotate,
)

HOUR = 3600
SLOT = MONDAY // HOUR
TODAY = MONDAY // 86_400
AT = MONDAY + 1000


@pytest.mark.parametrize("caller", ["stranger", "prosumer"])
def test_deactivate_meter__by_others__refused(
    market: Market, meter: LocalAccount, caller: str
) -> None:
    with refused(errors.AccessManagedUnauthorized, caller=actor(caller).address):
        market.do(actor(caller), market.meters, "deactivateMeter", meter.address)


def test_deactivate_meter__by_itself__refused(market: Market, meter: LocalAccount) -> None:
    with refused(errors.AccessManagedUnauthorized, caller=meter.address):
        market.do(meter, market.meters, "deactivateMeter", meter.address)


def test_deactivate_meter__unknown__refused(market: Market, prosumer: LocalAccount) -> None:
    with refused(errors.SmartMeter_UnknownMeter, meter=prosumer.address):
        deactivate(market, prosumer)


def test_deactivate_meter__again__refused(market: Market, meter: LocalAccount) -> None:
    deactivate(market, meter)

    with refused(errors.SmartMeter_InactiveMeter, meter=meter.address):
        deactivate(market, meter)


def test_deactivate_meter__all_well__history_stays(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    market.at(AT).read_meter(meter, timestamp=AT, produced=100, consumed=20)
    before = market.meters.call("getMeter", meter.address)

    receipt = deactivate(market, meter)

    events = market.events(receipt, market.meters, "MeterDeactivated")
    assert [dict(event.arguments) for event in events] == [{"meter": meter.address}]
    assert market.meters.call("getMeter", meter.address) == (*before[:4], False)
    assert market.meters.call("getMeters", prosumer.address) == ()
    assert latest(market, meter) == market.reading(timestamp=AT, produced=100, consumed=20)
    assert daily(market, meter, TODAY) == (100, 20)
    assert lifetime(market, prosumer) == (100, 20)
    assert energy(market, prosumer, SLOT) == (100, 20)


def test_deactivate_meter__afterwards__no_reading_counts(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    signed = market.signed_reading(meter, market.reading(timestamp=AT, produced=1))
    deactivate(market, meter)
    market.go_to(AT)

    with refused(errors.SmartMeter_InactiveMeter, meter=meter.address):
        market.read_meter(meter, timestamp=AT, produced=1)
    with refused(errors.SmartMeter_InactiveMeter, meter=meter.address):
        market.do(actor("relay"), market.meters, "submitSignedReadings", [signed])
    assert energy(market, prosumer, SLOT) == (0, 0)


def test_deactivate_meter__afterwards__it_never_comes_back(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    deactivate(market, meter)
    other = market.register_meter(prosumer, actor("other meter"))

    with refused(errors.SmartMeter_InactiveMeter, meter=meter.address):
        move(market, meter, prosumer)
    with refused(errors.SmartMeter_InactiveMeter, meter=meter.address):
        rotate(market, meter, actor("new key"))
    with refused(errors.SmartMeter_AlreadyRegistered, meter=meter.address):
        rotate(market, other, meter)
    with refused(errors.SmartMeter_AlreadyRegistered, meter=meter.address):
        market.register_meter(prosumer, meter)


def test_deactivate_meter__of_several__the_others_go_on(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    others = [market.register_meter(prosumer, actor(f"meter {n}")) for n in range(2)]
    market.at(AT).read_meter(meter, timestamp=AT, produced=100)
    market.read_meter(others[0], timestamp=AT, produced=1000)

    deactivate(market, meter)

    market.at(AT + 60).read_meter(others[0], timestamp=AT + 60, consumed=3)
    market.read_meter(others[1], timestamp=AT + 60, produced=20_000)
    registered = market.meters.call("getMeters", prosumer.address)
    assert set(registered) == {other.address for other in others}
    assert lifetime(market, prosumer) == (21_100, 3)
    assert energy(market, prosumer, SLOT) == (21_100, 3)
