"""Threats 37, 39 and 67: a reporter that lies when the time is right, and reports that are old."""

from __future__ import annotations

from itertools import cycle

import pytest

from tests.model.market import Tariff, up
from tests.support.core.attack_suite import (
    DAY,
    HOME,
    HOUR,
    KWH,
    REGISTRAR,
    START,
    Street,
    gain,
)
from tests.support.core.oracle_suite import factors, report, reporters

TARIFF = Tariff(buy=3_000, feed_in=800, network_fee=2, protocol_fee=1, max_factor=30_000)
BEFORE = (700, 1_000, 5_000, 100)
"""Demand, supply, frequency, voltage at 17:00; and later, when people have come home."""
SINCE = (1_000, 1_000, 5_000, 100)
LIE = (0, 1_000, 5_000, 100)
STALE, TRUE = 13_095, 15_900
"""The factors of the evening's slots by these states: 17.6 % apart."""
EVENING = START + 17 * HOUR
MAX_AGE = 2 * HOUR
USE = 8 * KWH
"""What the liar's household takes in an hour."""


def evening(street: Street) -> list[str]:
    """17:00: three reporters have closed a round. A fourth comes a little later, with the same."""
    street.home("liar")
    street.chain.set_time(START)
    street.live({"liar": [-USE] * 17}, hours=17)
    keys = reporters(street, 4)
    for key in keys:
        report(street, key, BEFORE)
    oracle = street["GridOracle"]
    assert oracle.openRoundOf(HOME) == 2
    assert oracle.isFresh(HOME)
    return keys


def at(street: Street, second: int) -> None:
    """The household lives on until then."""
    hours = (second - street.now) // HOUR
    street.live({"liar": [-USE] * hours}, hours=hours)
    street.chain.set_time(second)


def rest_of_the_day(street: Street) -> int:
    """What the liar's household has when the day is settled."""
    hours = up(START + DAY - street.now, HOUR)
    street.live({"liar": [-USE] * hours}, hours=hours)
    street.wait()
    street.close()
    return street.worth("liar")


@pytest.mark.parametrize("corrected", [False, True])
def test_liar__with_an_old_report_that_waits_in_the_round__gains_nothing(corrected: bool) -> None:
    """One liar and one honest report of two hours ago made an answer that was 17.6 % off and fresh
    for two hours more. An old report does not count, and its reporter can replace it."""
    street = Street(TARIFF, quorum=3)
    liar, second, _, late = evening(street)
    at(street, EVENING + MAX_AGE - 10)

    def play(*, lies: bool) -> int:
        report(street, liar, LIE if lies else SINCE)
        report(street, second, SINCE)
        if corrected:
            report(street, late, SINCE)
        assert factors(street) == [STALE, *[TRUE if corrected else 10_000] * 2]
        return rest_of_the_day(street)

    assert gain(street, lambda: play(lies=True), lambda: play(lies=False)) == 0


def test_liar__with_the_oldest_report_that_counts__moves_a_slot_of_the_next_hour() -> None:
    """The most that is left: a value that was true half of the maximum age ago, shown until the
    whole of it has passed since. Slots that begin later are not priced by it."""
    street = Street(TARIFF, quorum=3)
    liar, second, _, _ = evening(street)
    at(street, EVENING + MAX_AGE // 2 - 10)
    shown_until = EVENING + MAX_AGE

    def play(*, lies: bool) -> int:
        report(street, liar, LIE if lies else SINCE)
        report(street, second, SINCE)
        assert street["GridOracle"].freshUntil(HOME) == shown_until
        assert street["Tariffs"].factorOf(1, shown_until // HOUR) == 10_000
        return rest_of_the_day(street)

    prices = [up(factor * TARIFF.buy, 10_000) for factor in (STALE, TRUE)]
    moved = gain(street, lambda: play(lies=True), lambda: play(lies=False))
    assert 0 < moved == (prices[1] - prices[0]) * USE


def test_liar__reports_first_in_each_round__cannot_age_answers_away() -> None:
    """A report right after a round has closed makes the next answer look as old as it is. Honest
    reporters who come every half hour, each at its own minute, keep the feed fresh all the time."""
    street = Street(quorum=3)
    street.chain.set_time(START)
    liar, *honest = reporters(street, 4)
    oracle, fresh = street["GridOracle"], []
    turns = cycle([(honest[0], 420), (honest[1], 1_320), (honest[2], 60)])
    for _ in range(36):
        key, pause = next(turns)
        known = oracle.openRoundOf(HOME)
        report(street, key, BEFORE)
        if oracle.openRoundOf(HOME) > known:
            report(street, liar, LIE)
            fresh.append(True)
        if fresh:
            street.chain.set_time(street.now + pause)
            fresh.append(oracle.isFresh(HOME))
    assert oracle.openRoundOf(HOME) > 10
    assert all(fresh)


def test_replacement__by_a_liar__moves_nobody_elses_age_and_counts_once() -> None:
    """However often it speaks, it is one of three; the answer is as old as the honest report."""
    street = Street(quorum=3)
    street.chain.set_time(START)
    liar, first, second = reporters(street, 3)
    oracle = street["GridOracle"]
    report(street, first, BEFORE)
    street.chain.set_time(START + 1_800)
    for _ in range(5):
        report(street, liar, LIE)
    assert oracle.openRoundOf(HOME) == 1
    report(street, second, SINCE)
    assert oracle.getGridState(HOME) == BEFORE
    assert oracle.freshUntil(HOME) == START + MAX_AGE
    # What is answered stays: its next words go to the next round.
    report(street, liar, LIE)
    assert oracle.getGridState(HOME) == BEFORE


def test_governance__lowers_a_quorum_and_raises_an_age__costs_what_a_whole_quorum_can() -> None:
    """One reporter alone then prices the slots of two hours, up to the tariff's highest factor; a
    day's freshness prices no later ones, and nothing that has begun."""
    street = Street(TARIFF, quorum=3)
    street.chain.set_time(EVENING)
    liar = reporters(street, 4)[0]
    oracle, tariffs = street["GridOracle"], street["Tariffs"]
    oracle.setParameters(1, DAY, by=REGISTRAR)
    report(street, liar, (2**64 - 1, 1, 4_500, 50))

    assert oracle.freshUntil(HOME) == EVENING + DAY
    running, *coming = factors(street)
    assert running == 10_000
    reach = tariffs.MAX_AGE() // HOUR
    found = [tariffs.factorOf(1, EVENING // HOUR + each) for each in range(1, 24)]
    assert 20_000 < max(found) == coming[0] <= TARIFF.max_factor
    assert set(found[reach:]) == {10_000}


def test_governance__lowers_the_age__ends_the_factor() -> None:
    """No answer is fresh then: the slots after the next round cost what the tariff says."""
    street = Street(TARIFF, quorum=3)
    street.chain.set_time(EVENING)
    keys = reporters(street, 3)
    for key in keys:
        report(street, key, SINCE)
    assert factors(street)[1] > 10_000
    street["GridOracle"].setParameters(3, 60, by=REGISTRAR)
    for key in keys:
        report(street, key, SINCE)
    assert factors(street) == [10_000] * 3
