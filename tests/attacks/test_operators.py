"""Threats 62 and 67: what one grid operator's key can cost at most, as a number.

SECURITY.md names the same numbers.
"""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.balancing import MAX_BY_HAND, MAX_HELD, ActionType
from energy_grid.domain.enums import Trigger
from energy_grid.domain.grid_levels import PermissionLevel, StabilityLevel
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.support.stacks import give_role
from tests.unit.contracts.balancing.actions import (
    cancel,
    complete,
    expire,
    initiate,
    open_ids,
    opened,
    set_capacity,
)
from tests.unit.contracts.operators.operators import (
    NORTH,
    as_authority,
    operator_fields,
    registered_operator,
    set_score,
    verified_operator,
)
from tests.unit.contracts.oracles.operations import GRID_ORACLE, answer
from tests.unit.contracts.stability.reports import (
    BASE,
    CRITICAL,
    FINE,
    MAX_AGE,
    configure,
    in_emergency,
    prices,
    report,
    resolve,
    trigger,
    voice,
)

VOICE_AGE = 900
DEAR, USUAL = (3 * BASE, True), (BASE, False)


@pytest.fixture
def operator(market: Market) -> LocalAccount:
    """Of NORTH, with every permission; its key may be stolen."""
    market.add_region(NORTH)
    return verified_operator(market)


@pytest.fixture
def reporters(market: Market) -> list[LocalAccount]:
    accounts = [actor(f"{ordinal} reporter") for ordinal in ("first", "second", "third")]
    for account in accounts:
        give_role(market, Role.REPORTER, account.address)
    return accounts


def test_one_operator__reports_and_declares_critical_for_ever__moves_no_price(
    market: Market, operator: LocalAccount
) -> None:
    """67: an emergency, which triples the price, needs two."""
    for _ in range(4):
        report(market, operator, *CRITICAL)
        trigger(market, operator, *CRITICAL, StabilityLevel.CRITICAL)
        market.go_to(market.now + VOICE_AGE // 2)
    assert (in_emergency(market), prices(market)) == ((False, False), USUAL)
    assert market.stability.call("voiceOf", NORTH)[0] == operator.address


def test_two_operators__report_critical__cost_the_tariffs_factor_until_it_ends_by_itself(
    market: Market, operator: LocalAccount
) -> None:
    """67: two keys of one region, for two hours, up to the tariff's highest factor."""
    report(market, operator, *CRITICAL)
    waits_until = market.stability.call("voiceOf", NORTH)[1]
    assert waits_until == market.now + market.stability.call("VOICE_AGE")
    second = verified_operator(market, "second")

    report(market.at(waits_until), second, *CRITICAL)

    assert (in_emergency(market), prices(market)) == ((True, True), DEAR)
    market.go_to(market.now + MAX_AGE)
    assert prices(market) == USUAL
    # The stolen one of the two cannot renew it.
    report(market, second, *CRITICAL)
    assert prices(market) == USUAL


def test_second_voice__a_second_too_late_or_of_a_low_level_or_taken_back__does_not_count(
    market: Market, operator: LocalAccount
) -> None:
    second = verified_operator(market, "second")
    for name, spoil in (
        ("late", lambda: market.at(market.now + VOICE_AGE + 1)),
        ("low", lambda: set_score(market, operator, 49)),
        ("taken back", lambda: report(market, operator, *FINE)),
        ("suspended", lambda: as_authority(market, "revokeOperator", operator.address)),
    ):
        set_score(market, operator, 100)
        report(market, operator, *CRITICAL)
        spoil()
        report(market, second, *CRITICAL)
        assert in_emergency(market) == (False, False), name
        report(market, second, *FINE)
        market.go_to(market.now + VOICE_AGE + 1)


def test_operator_of_another_region__reports_critical__is_no_second_voice(
    market: Market, operator: LocalAccount
) -> None:
    south = verified_operator(market, "of the south", region="SOUTH")
    report(market, operator, *CRITICAL)
    with refused(
        errors.GridOperatorVerification_NotAuthorized, operator=south.address, region=NORTH
    ):
        report(market, south, *CRITICAL)
    assert in_emergency(market) == (False, False)


@pytest.mark.parametrize(
    ("answered", "reported", "opens"),
    [
        # One level better than EMERGENCY confirms nothing, however often it comes.
        ((4900, 100), CRITICAL, False),
        ((4899, 100), CRITICAL, True),
        ((4700, 100), CRITICAL, True),
        # Too high, where the operator says too low.
        ((5101, 100), CRITICAL, False),
        ((5101, 100), (5151, 100), True),
        # Of the voltage the frequency says nothing, and the other way round.
        ((4899, 100), (5000, 84), False),
        ((5000, 89), (4700, 100), False),
        ((4899, 100), (4999, 84), False),
        ((5000, 89), (5000, 84), True),
        ((5000, 111), (5000, 84), False),
        ((5000, 111), (5000, 116), True),
    ],
)
def test_operator_and_the_quorum__emergency_on_the_same_side__open_an_emergency(
    market: Market,
    operator: LocalAccount,
    reporters: list[LocalAccount],
    answered: tuple[int, int],
    reported: tuple[int, int],
    *,
    opens: bool,
) -> None:
    """One key and a quorum of three reporters; not one key and a quorum that says less, or the
    opposite: an ALERT comes often enough to wait for."""
    answer(market, GRID_ORACLE, reporters, (1000, 1000, *answered))
    report(market, operator, *reported)
    assert in_emergency(market) == (opens, opens)


def test_operator_and_a_stale_answer__open_nothing(
    market: Market, operator: LocalAccount, reporters: list[LocalAccount]
) -> None:
    answer(market, GRID_ORACLE, reporters, (1000, 1000, 4899, 100))
    market.go_to(market.now + MAX_AGE + 1)
    report(market, operator, *CRITICAL)
    assert in_emergency(market) == (False, False)


def test_resolution__by_a_colleague__is_not_undone_by_who_reported(
    market: Market, operator: LocalAccount
) -> None:
    """For two hours the two reporters have no voice, unless one of them resolved it."""
    second = voice(market)
    report(market, operator, *CRITICAL)
    colleague = verified_operator(market, "colleague")
    report(market, colleague, *FINE)
    resolve(market, colleague, 1)
    resolved = market.now
    for _ in range(3):
        for liar in (operator, second):
            report(market, liar, *CRITICAL)
    assert (in_emergency(market), prices(market)) == ((False, False), USUAL)
    # A third operator is not bound, but alone it is not enough either.
    report(market, colleague, *CRITICAL)
    report(market, operator, *CRITICAL)
    assert prices(market) == USUAL
    third = verified_operator(market, "third")
    report(market, third, *CRITICAL)
    assert prices(market) == DEAR

    report(market, third, *FINE)
    resolve(market, colleague, 2)
    market.go_to(resolved + 2 * MAX_AGE)
    report(market, operator, *CRITICAL)
    report(market, second, *CRITICAL)
    assert prices(market) == DEAR


def test_resolution__an_older_one__is_not_undone_after_another(
    market: Market, operator: LocalAccount
) -> None:
    """Others have had an event since, and it was resolved as well: who opened the first one is
    silent all the same, and so is who took part later."""
    second = voice(market)
    report(market, operator, *CRITICAL)
    late = voice(market, name="late")
    colleague = verified_operator(market, "colleague")
    report(market, colleague, *FINE)
    resolve(market, colleague, 1)
    third, fourth = (verified_operator(market, name) for name in ("third", "fourth"))
    for each in (third, fourth):
        report(market, each, *CRITICAL)
    assert prices(market) == DEAR
    report(market, third, *FINE)
    resolve(market, colleague, 2)

    for _ in range(2):
        for each in (operator, second, late, third, fourth):
            report(market, each, *CRITICAL)
            trigger(market, each, *CRITICAL, StabilityLevel.CRITICAL)

    assert (in_emergency(market), prices(market)) == ((False, False), USUAL)
    assert market.stability.call("voiceOf", NORTH)[1] == 0


def test_operator_of_level_report__repeats_critical__holds_no_event_open(
    market: Market, operator: LocalAccount
) -> None:
    """Nor does who has just been overruled; one of level OPERATE does, until somebody reports
    better."""
    newcomer = verified_operator(market, "newcomer")
    set_score(market, newcomer, 49)
    second = voice(market)
    report(market, operator, *CRITICAL)
    colleague = verified_operator(market, "colleague")
    report(market, newcomer, *FINE)
    with refused(errors.StabilityMaintenance_StillCritical, region=NORTH):
        resolve(market, colleague, 1)
    report(market, colleague, *FINE)
    report(market, newcomer, *CRITICAL)
    resolve(market, colleague, 1)

    for name in ("third", "fourth"):
        report(market, verified_operator(market, name), *CRITICAL)
    report(market, colleague, *FINE)
    for overruled in (operator, second):
        report(market, overruled, *CRITICAL)
    resolve(market, colleague, 2)
    assert (in_emergency(market), prices(market)) == ((False, False), USUAL)


def test_resolution__by_one_of_the_reporters__leaves_it_its_voice(
    market: Market, operator: LocalAccount
) -> None:
    voice(market)
    report(market, operator, *CRITICAL)
    report(market, operator, *FINE)
    resolve(market, operator, 1)
    voice(market, name="third")
    report(market, operator, *CRITICAL)
    assert prices(market) == DEAR


def test_new_operator__verified__reports_and_nothing_else(market: Market) -> None:
    """Verified by mistake or in haste: it starts at 40 points, level REPORT. What its region has
    configured is opened by its reports, and completed by a colleague."""
    market.add_region(NORTH)
    newcomer = registered_operator(market)
    as_authority(market, "verifyOperator", newcomer.address)
    assert market.operators.call("permissionLevelOf", newcomer.address) == PermissionLevel.REPORT
    assert operator_fields(market, newcomer)["score"] == 40
    colleague = verified_operator(market, "colleague")
    set_capacity(market, colleague, 1000, 600, 100)
    configure(market, colleague, Trigger.LOW_FREQUENCY, ActionType.INCREASE_GENERATION)
    (action,) = opened(market, report(market, newcomer, *CRITICAL))
    assert opened(market, report(market, newcomer, *CRITICAL)) == []
    assert (in_emergency(market), prices(market)) == ((False, False), USUAL)
    assert market.stability.call("voiceOf", NORTH) == ("0x" + 40 * "0", 0)
    with refused(
        errors.GridOperatorVerification_LevelTooLow, operator=newcomer.address, level=1, needed=2
    ):
        complete(market, newcomer, action["id"])
    complete(market, colleague, action["id"])
    with refused(
        errors.GridOperatorVerification_LevelTooLow, operator=newcomer.address, level=1, needed=2
    ):
        initiate(market, newcomer)


def test_one_operator__opens_all_it_can__switches_off_nothing(
    market: Market, operator: LocalAccount
) -> None:
    """67: at most 8 actions of the 32 that a region has places for; the automated response and
    colleagues go on. Four such operators leave the automated response."""
    set_capacity(market, operator, 1000, 600, 100)
    configure(market, operator, Trigger.LOW_FREQUENCY, ActionType.INCREASE_GENERATION)
    greedy = verified_operator(market, "greedy")
    for _ in range(MAX_HELD):
        initiate(market, greedy, target=1, priority=1)
    with refused(errors.BalancingCoordination_ShareUsed, operator=greedy.address, maximum=MAX_HELD):
        initiate(market, greedy, target=1, priority=1)
    complete(market, operator, initiate(market, operator, target=1))
    for name in ("two", "three", "four"):
        accomplice = verified_operator(market, name)
        for _ in range(MAX_HELD):
            initiate(market, accomplice, target=1, priority=1)
    assert len(open_ids(market)) == MAX_BY_HAND

    assert len(opened(market, report(market, operator, 4949))) == 1


@pytest.mark.parametrize("by_cancelling", [True, False])
def test_one_operator__opens_and_drops_actions__has_eleven_of_them(
    market: Market, operator: LocalAccount, *, by_cancelling: bool
) -> None:
    """67: each costs 5 points, so from 100 on it is below level OPERATE after the eleventh, by
    cancelling as by letting expire."""
    set_capacity(market, operator, 1000, 600, 100)
    dropped = 0
    while market.operators.call("permissionLevelOf", operator.address) >= PermissionLevel.OPERATE:
        action = initiate(market, operator, target=300)
        if by_cancelling:
            cancel(market, operator, action)
        else:
            market.go_to(market.now + 3601)
            expire(market, action)
        dropped += 1
    assert dropped == 11
