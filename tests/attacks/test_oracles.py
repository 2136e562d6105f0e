"""Threats 37, 39 and 67: a reporter that lies when the time is right, and reports that are old."""

from __future__ import annotations

from tests.model.market import up
from tests.support.core.attack_suite import DAY, HOME, HOUR, KWH, START, Street, gain, twins
from tests.support.core.oracle_suite import factors, report, reporters
from tests.model.market import Tariff

TARIFF = Tariff(buy=3_000, feed_in=800, network_fee=2, protocol_fee=1, max_factor=30_000)
BEFORE = (700, 1_000, 5_000, 100)
"""Demand, supply, frequency, voltage at 17:00; and after it, when people come home."""
SINCE = (1_000, 1_000, 5_000, 100)
LIE = (0, 1_000, 5_000, 100)
STALE, TRUE = 13_095, 15_900
"""The factors of the evening's slots by these states: 17.6 % apart."""
EVENING = START + 17 * HOUR
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


def rest_of_the_day(street: Street) -> int:
    """What the liar's household has when the day is settled."""
    hours = (START + DAY - street.now - 1) // HOUR + 1
    street.live({"liar": [-USE] * hours}, hours=hours)
    street.wait()
    street.close()
    return street.worth("liar")


def test_liar__with_an_old_report_that_waits_in_the_round__gains_nothing() -> None:
    """One liar and one honest report of two hours ago made an answer that was 17.6 % off, and
    fresh for two more hours. An old report does not count, and its reporter can replace it."""
    street = Street(TARIFF, quorum=3)
    liar, second, _, late = evening(street)
    street.live({"liar": [-USE] * 1}, hours=1)
    street.chain.set_time(EVENING + 2 * HOUR - 10)

    def play(*, lies: bool) -> int:
        report(street, liar, LIE if lies else SINCE)
        report(street, second, SINCE)
        report(street, late, SINCE)
        print(factors(street), street["GridOracle"].freshUntil(HOME) - EVENING)
        return rest_of_the_day(street)

    assert gain(street, lambda: play(lies=True), lambda: play(lies=False)) == 0
