"""SmartMeter's views."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.metering.registrar import daily, deactivate, latest, lifetime
from tests.unit.contracts.metering.signatures import NOBODY

HOUR = 3600
DAY = 86_400
TODAY = MONDAY // DAY
AT = MONDAY + 1000

OWN = ["getLatestReading()", "getDailyProduction()", "getDailyConsumption()"]
OF_DAY = ["getDailyProduction(address,uint256)", "getDailyConsumption(address,uint256)"]


def own_daily(market: Market, meter: LocalAccount) -> tuple[int, int]:
    """A meter's own totals of the current day."""
    produced, consumed = (
        int(market.meters.call(f"getDaily{what}()", sender=meter.address))
        for what in ("Production", "Consumption")
    )
    return produced, consumed


@pytest.mark.parametrize("view", OWN)
def test_views__asked_by_who_is_no_meter__refused(
    market: Market, meter: LocalAccount, prosumer: LocalAccount, view: str
) -> None:
    with refused(errors.SmartMeter_UnknownMeter, meter=prosumer.address):
        market.meters.call(view, sender=prosumer.address)


def test_views__asked_of_an_unknown_meter__refused(market: Market, meter: LocalAccount) -> None:
    stranger = actor("stranger").address
    with refused(errors.SmartMeter_UnknownMeter, meter=stranger):
        market.meters.call("getLatestReading(address)", stranger)
    for view in OF_DAY:
        with refused(errors.SmartMeter_UnknownMeter, meter=stranger):
            market.meters.call(view, stranger, TODAY)


def test_get_latest_reading__before_the_first__time_of_registration(
    market: Market, meter: LocalAccount, since: int
) -> None:
    nothing = (since, 0, 0, 0, 0)

    assert market.meters.call("getLatestReading()", sender=meter.address) == nothing
    assert latest(market, meter) == nothing


def test_get_latest_reading__after_several__the_latest(market: Market, meter: LocalAccount) -> None:
    for n in range(3):
        reading = (AT + 60 * n, n, 10 + n, 4990 + n, 2290 + n)
        market.at(AT + 60 * n).do(meter, market.meters, "submitReading", reading)

    assert latest(market, meter) == (AT + 120, 2, 12, 4992, 2292)
    assert market.meters.call("getLatestReading()", sender=meter.address) == latest(market, meter)


def test_get_latest_reading__deactivated__still_there(market: Market, meter: LocalAccount) -> None:
    market.at(AT).read_meter(meter, timestamp=AT, produced=7)
    deactivate(market, meter)

    reading = market.reading(timestamp=AT, produced=7)
    assert market.meters.call("getLatestReading()", sender=meter.address) == reading
    assert own_daily(market, meter) == (7, 0)


def test_get_daily__over_midnight__each_day_its_own(market: Market, meter: LocalAccount) -> None:
    midnight = MONDAY + DAY
    market.at(midnight - 60).read_meter(meter, timestamp=midnight - 60, produced=100, consumed=20)
    assert own_daily(market, meter) == (100, 20)

    market.at(midnight).read_meter(meter, timestamp=midnight, produced=7, consumed=3)

    assert daily(market, meter, TODAY) == (107, 23)
    assert daily(market, meter, TODAY + 1) == (0, 0)
    assert own_daily(market, meter) == (0, 0)  # midnight is Tuesday's already
    market.at(midnight + 60).read_meter(meter, timestamp=midnight + 60, produced=1)
    assert daily(market, meter, TODAY) == (107, 23)
    assert daily(market, meter, TODAY + 1) == (1, 0)
    assert own_daily(market, meter) == (1, 0)


def test_get_daily__last_second_of_the_day__still_that_day(
    market: Market, meter: LocalAccount
) -> None:
    market.at(AT).read_meter(meter, timestamp=AT, produced=5, consumed=6)

    market.go_to(MONDAY + DAY - 1)
    assert own_daily(market, meter) == (5, 6)
    market.go_to(MONDAY + DAY)
    assert own_daily(market, meter) == (0, 0)


def test_get_daily__days_of_all_kinds__what_was_read(market: Market, meter: LocalAccount) -> None:
    """Monday: read; Tuesday: silent; Wednesday: only nothing read; Thursday: running."""
    market.at(AT).read_meter(meter, timestamp=AT, produced=5, consumed=6)
    wednesday, thursday = MONDAY + 2 * DAY + HOUR, MONDAY + 3 * DAY + HOUR
    market.at(wednesday).read_meter(meter, timestamp=wednesday)
    market.at(thursday).read_meter(meter, timestamp=thursday, produced=1)

    days = [TODAY - 1, TODAY, TODAY + 1, TODAY + 2, TODAY + 3, TODAY + 4, 0, 2**256 - 1]
    found = [daily(market, meter, day) for day in days]
    nothing = (0, 0)
    assert found == [nothing, (5, 6), nothing, nothing, (1, 0), nothing, nothing, nothing]


def test_get_daily__a_late_reading__counts_for_its_own_day(
    market: Market, meter: LocalAccount
) -> None:
    """Submitted on Tuesday, taken on Monday."""
    market.at(MONDAY + DAY + 1800).read_meter(
        meter, timestamp=MONDAY + DAY - 5, produced=9, consumed=1
    )

    assert daily(market, meter, TODAY) == (9, 1)
    assert own_daily(market, meter) == (0, 0)


def test_get_meter__unknown__number_zero_and_nothing_else(
    market: Market, meter: LocalAccount
) -> None:
    for unknown in (actor("stranger").address, NOBODY):
        assert market.meters.call("getMeter", unknown) == (0, NOBODY, bytes(32), 0, False)


def test_get_meters__without_account_or_meter__none(market: Market, meter: LocalAccount) -> None:
    trader = actor("trader")
    market.deposit(trader, 1)

    for account in (trader.address, actor("stranger").address, meter.address, NOBODY):
        assert market.meters.call("getMeters", account) == ()


def test_get_lifetime__without_account_or_meter__nothing(
    market: Market, meter: LocalAccount
) -> None:
    market.at(AT).read_meter(meter, timestamp=AT, produced=5, consumed=6)
    market.deposit(actor("trader"), 1)

    for account in (actor("trader"), actor("stranger"), meter):
        assert lifetime(market, account) == (0, 0)


def test_meter_count__with_deactivated_meters__counts_them(
    market: Market, meter: LocalAccount
) -> None:
    deactivate(market, meter)
    assert market.meters.call("meterCount") == 1

    market.register_meter(actor("neighbor"))
    assert market.meters.call("meterCount") == 2


@pytest.mark.parametrize("slots", ["hours", "quarters"])
def test_views__fixed_at_deployment__as_deployed(
    request: pytest.FixtureRequest, slots: str
) -> None:
    market: Market = request.getfixturevalue("market" if slots == "hours" else "quarter_hours")

    assert market.meters.call("SETTLEMENT") == market.settlement.address
    assert market.meters.call("SLOT_LENGTH") == (3600 if slots == "hours" else 900)
    assert market.meters.call("GRACE") == market.settlement.call("GRACE")
    assert market.meters.call("MIN_INTERVAL") == 60
    assert market.meters.call("NOMINAL_VOLTAGE") == 2300
    assert market.meters.call("authority") == market.access.address
    assert market.meters.call("isConsumingScheduledOp") == bytes(4)


def test_eip712_domain__asked__what_meters_sign_for(market: Market) -> None:
    name_version_chain_contract = bytes([0b01111])

    assert market.meters.call("eip712Domain") == (
        name_version_chain_contract,
        "EnergyGrid SmartMeter",
        "1",
        market.node.chain_id,
        market.meters.address,
        bytes(32),
        (),
    )
