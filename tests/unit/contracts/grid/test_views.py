"""GridManagement's views."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from energy_grid.contracts.grid_management import GridStatus
from energy_grid.domain.enums import EmergencyProtocol, GridCondition
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.grid.operations import (
    BASE,
    HOUR,
    SLOT,
    as_authority,
    base_price_of,
    charge,
    consume,
    consumer_info,
    discharge,
    price_of,
    produce,
    producer_info,
    status,
    storage_info,
)


def test_get_info__not_registered_as_that__refused(
    market: Market, producer: LocalAccount, consumer: LocalAccount, storage: LocalAccount
) -> None:
    strangers = {
        "getProducerInfo": (consumer, storage, actor("stranger")),
        "getConsumerInfo": (producer, storage, actor("stranger")),
        "getStorageInfo": (producer, consumer, actor("stranger")),
    }
    for view, accounts in strangers.items():
        for account in accounts:
            with refused(errors.GridManagement_NotRegistered, participant=account.address):
                market.grid.call(view, account.address)


def test_get_info__over_the_end_of_a_slot__of_the_running_slot_only(
    market: Market, producer: LocalAccount, consumer: LocalAccount, storage: LocalAccount
) -> None:
    produce(market, producer, 5000)
    consume(market, consumer, 300)
    charge(market, storage, 100)
    discharge(market, storage, 40)
    for now, declared in ((MONDAY + HOUR - 1, 1), (MONDAY + HOUR, 0)):
        market.go_to(now)
        made = producer_info(market, producer)
        assert (made.current_production, made.total_produced) == (5000 * declared, 5000)
        used = consumer_info(market, consumer)
        assert (used.current_usage, used.total_consumed) == (300 * declared, 300)
        assert storage_info(market, storage).stored_amount == 60


def test_get_grid_status__empty_grid__nothing_at_the_base_price(market: Market) -> None:
    assert status(market) == GridStatus(
        capacity=0,
        production=0,
        load=0,
        available=0,
        utilization=0,
        price=BASE,
        condition=GridCondition.NORMAL,
        emergency=False,
    )


def test_get_grid_status__in_full_swing__totals_of_the_slot(
    market: Market, producer: LocalAccount, consumer: LocalAccount, storage: LocalAccount
) -> None:
    produce(market, producer, 500_000)
    consume(market, consumer, 100_001)
    charge(market, storage, 50_000)
    discharge(market, storage, 20_000)
    as_authority(market, "updateGridStatus", GridCondition.STRESSED)
    as_authority(market, "toggleEmergencyMode")

    assert status(market) == GridStatus(
        capacity=1_000_000,
        production=500_000,
        load=150_001,
        available=369_999,
        utilization=1500,
        price=3 * BASE,
        condition=GridCondition.STRESSED,
        emergency=True,
    )


def test_is_active_participant__of_everybody__producers_and_consumers(
    market: Market, producer: LocalAccount, consumer: LocalAccount, storage: LocalAccount
) -> None:
    accounts = (producer, consumer, storage, actor("stranger"))
    found = [market.grid.call("isActiveParticipant", one.address) for one in accounts]
    assert found == [True, True, False, False]


def test_is_storage__of_everybody__owners_of_a_storage_alone(
    market: Market, producer: LocalAccount, consumer: LocalAccount, storage: LocalAccount
) -> None:
    accounts = (producer, consumer, storage, actor("stranger"))
    found = [market.grid.call("isStorage", one.address) for one in accounts]
    assert found == [False, False, True, False]

    # Whatever else somebody is, a storage makes them an owner of one, and inactive they stay it.
    market.do(producer, market.grid, "registerStorage", 1, 1, 1)
    as_authority(market, "deactivateParticipant", producer.address, True)
    assert market.grid.call("isStorage", producer.address) is True


def test_get_energy_production__declared_and_metered__what_was_metered(
    market: Market, producer: LocalAccount
) -> None:
    produce(market, producer, 1_000_000)
    assert market.grid.call("getEnergyProduction", producer.address) == 0
    meters = [market.register_meter(producer, actor(f"meter {number}")) for number in (1, 2)]
    at = MONDAY + HOUR
    market.at(at).read_meter(meters[0], timestamp=at, produced=300, consumed=999)
    market.read_meter(meters[1], timestamp=at, produced=45)

    assert market.grid.call("getEnergyProduction", producer.address) == 345
    # Whose meters they are need not be a producer.
    prosumer = actor("prosumer")
    meter = market.register_meter(prosumer)
    market.at(at + HOUR).read_meter(meter, timestamp=at + HOUR, produced=7)
    assert market.grid.call("getEnergyProduction", prosumer.address) == 7
    assert market.grid.call("getEnergyProduction", actor("stranger").address) == 0


def test_price_of__any_slot__has_a_price(market: Market) -> None:
    market.do(actor("keeper"), market.grid, "recordSlotPrice")

    for slot in (0, 1, SLOT - 1, SLOT, SLOT + 1, 2**32, 2**48 - 1, 2**48, 2**208, 2**256 - 1):
        assert price_of(market, slot) == BASE
        assert base_price_of(market, slot) == BASE


def test_emergency_protocol_of__any_region__none_at_first(market: Market) -> None:
    for region in (bytes(32), b"NORTH".ljust(32, b"\0")):
        protocol = market.grid.call("emergencyProtocolOf", region)
        assert protocol is EmergencyProtocol.NONE


@pytest.mark.parametrize("slots", ["hours", "quarters"])
def test_views__fixed_at_deployment__as_deployed(
    request: pytest.FixtureRequest, slots: str
) -> None:
    market: Market = request.getfixturevalue("market" if slots == "hours" else "quarter_hours")

    assert market.grid.call("SETTLEMENT") == market.settlement.address
    assert market.grid.call("METER") == market.meters.address
    assert market.grid.call("SLOT_LENGTH") == (3600 if slots == "hours" else 900)
    assert market.grid.call("authority") == market.access.address
    assert market.grid.call("isConsumingScheduledOp") == bytes(4)
