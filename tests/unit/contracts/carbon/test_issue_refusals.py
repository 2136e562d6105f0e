"""CarbonCredits.issueCarbonCredits: who gets nothing, and which slots are refused."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.carbon.credits import (
    HOUR,
    SLOT,
    balance,
    clean_producer,
    credited,
    deregister,
    earn,
    issue,
    own_storage,
    produce,
    register_producer,
    set_active,
)

NEVER = 2**256 - 1


def test_issue__never_registered__refused(market: Market) -> None:
    plant = actor("plant")
    register_producer(market, plant)
    slots = earn(market, plant, 1000)

    for account in (plant, actor("stranger")):
        for asked in (slots, [], [NEVER]):
            with refused(errors.CarbonCredits_NotRegistered, producer=account.address):
                issue(market, account, asked)


def test_issue__deregistered__slots_from_before_still_count(
    market: Market, producer: LocalAccount
) -> None:
    market.go_to(MONDAY + 3 * HOUR)
    deregister(market, producer)
    slots = earn(market, producer, 1000, 1000)

    issue(market, producer, slots)

    assert balance(market, producer) == 760


def test_issue__deactivated_since__refused_until_it_is_active_again(
    market: Market, producer: LocalAccount
) -> None:
    slots = earn(market, producer, 1000)
    set_active(market, producer, active=False)

    with refused(errors.CarbonCredits_InactiveProducer, producer=producer.address):
        issue(market, producer, slots)
    set_active(market, producer, active=True)
    issue(market, producer, slots)
    assert balance(market, producer) == 380


@pytest.mark.parametrize("deregistered", [True, False])
def test_issue__owner_of_a_storage_by_now__refused(
    market: Market, producer: LocalAccount, *, deregistered: bool
) -> None:
    market.go_to(MONDAY + 2 * HOUR)
    if deregistered:
        deregister(market, producer)
    slots = earn(market, producer, 1000)
    own_storage(market, producer)

    with refused(errors.CarbonCredits_IsStorage, account=producer.address):
        issue(market, producer, slots)


def test_issue__inactive_owner_of_a_storage__reverts_in_this_order(
    market: Market, producer: LocalAccount
) -> None:
    own_storage(market, producer)
    set_active(market, producer, active=False)
    with refused(errors.CarbonCredits_InactiveProducer, producer=producer.address):
        issue(market, producer, [NEVER])
    set_active(market, producer, active=True)
    with refused(errors.CarbonCredits_IsStorage, account=producer.address):
        issue(market, producer, [NEVER])


def test_issue__around_the_finality_of_a_slot__from_that_second_on(
    market: Market, producer: LocalAccount
) -> None:
    (slot,) = produce(market, producer, 1000)
    final_at = market.final_at(slot)

    with refused(errors.CarbonCredits_SlotNotFinal, slot=slot, final_at=final_at):
        issue(market.at(final_at - 1), producer, [slot])
    issue(market.at(final_at), producer, [slot])

    assert balance(market, producer) == 380


@pytest.mark.parametrize("ahead", [1, 2, 3, 10])
def test_issue__running_and_coming_slots__refused(
    market: Market, producer: LocalAccount, ahead: int
) -> None:
    slots = earn(market, producer, 1000)
    slot = slots[0] + ahead

    with refused(
        errors.CarbonCredits_SlotNotFinal, slot=slot, final_at=(slot + 2) * market.slot_length
    ):
        issue(market, producer, [*slots, slot])
    assert credited(market, producer, slots) == [False]


@pytest.mark.parametrize(
    ("slot", "final_at"),
    [
        (2**32 - 1, (2**32 + 1) * 3600),
        (2**32, (2**32 + 2) * 3600),
        (2**48, (2**48 + 2) * 3600),
        # Beyond all times.
        (2**255, NEVER),
        (NEVER // 3600, NEVER),
        (NEVER - 1, NEVER),
        (NEVER, NEVER),
    ],
)
def test_issue__absurd_slot__refused(
    market: Market, producer: LocalAccount, slot: int, final_at: int
) -> None:
    with refused(errors.CarbonCredits_SlotNotFinal, slot=slot, final_at=final_at):
        issue(market, producer, [slot])


@pytest.mark.parametrize("slot", [2**32 + SLOT + 1, 2**48 + SLOT + 1, 2**255 + SLOT + 1])
def test_issue__slot_whose_low_bits_earned_something__refused(
    market: Market, producer: LocalAccount, slot: int
) -> None:
    earn(market, producer, 1000)

    with pytest.raises(errors.CarbonCredits_SlotNotFinal):
        issue(market, producer, [slot])


@pytest.mark.parametrize("slot", [SLOT, SLOT - 1, 1, 0])
def test_issue__before_the_registration__refused(
    market: Market, producer: LocalAccount, slot: int
) -> None:
    slots = earn(market, producer, 1000, 1000, first=SLOT)

    with refused(errors.CarbonCredits_SlotNotClean, producer=producer.address, slot=slot):
        issue(market, producer, [slots[1], slot])
    issue(market, producer, slots[1:])


def test_issue__around_the_deregistration__slots_before_alone(
    market: Market, producer: LocalAccount
) -> None:
    market.go_to(MONDAY + 3 * HOUR)
    deregister(market, producer)
    _, before, running = earn(market, producer, 1000, 1000, 1000)

    with refused(errors.CarbonCredits_SlotNotClean, producer=producer.address, slot=running):
        issue(market, producer, [before, running])
    issue(market, producer, [before])
    assert balance(market, producer) == 380


def test_issue__not_final_and_not_clean__reverts_with_the_first(
    market: Market, producer: LocalAccount
) -> None:
    with refused(errors.CarbonCredits_SlotNotFinal, slot=SLOT, final_at=market.final_at(SLOT)):
        issue(market, producer, [SLOT])


def test_issue__nothing_produced__refused_and_left_open(
    market: Market, producer: LocalAccount
) -> None:
    slots = earn(market, producer, 0, 0)

    for asked in ([], slots, slots[:1]):
        with refused(errors.CarbonCredits_NothingToIssue, producer=producer.address):
            issue(market, producer, asked)
    assert credited(market, producer, slots) == [False, False]


def test_issue__account_without_meters__refused(market: Market) -> None:
    """It never had a meter, so that Settlement does not know it."""
    plant = clean_producer(market, "plant")
    market.go_to(MONDAY + 5 * HOUR)

    with refused(errors.CarbonCredits_NothingToIssue, producer=plant.address):
        issue(market, plant, [SLOT + 1])
