"""Threat 66, whole: the keys of all operators in one hand, against who may leave.

The first core lost its vault in three hours to two keys of one Safe: false meters, the highest
tariff, closing and `collect`, even while it was paused. Here the same hand has the registrar's, the
grid authority's, the guardian's and the treasury's keys, and an accomplice.
"""

from __future__ import annotations

import pytest

from tests.support.core.attack_suite import DAY, HOME, HOUR, KWH, REGISTRAR, START, TODAY, Street
from tests.support.core.chain import Reverted, refused

CASH, EXACT = 10**5, 1000
SAVINGS, STAKE = 8 * 10**5, 2 * 10**6
DELAY = 3 * DAY
HIGHEST = 600_000_000, 8, 2, 1, 65_535


@pytest.fixture
def street() -> Street:
    """A household with savings, and the accomplice with a false meter of a megawatt."""
    street = Street(cash=CASH, outflow=10**6)
    street.home("household", money=SAVINGS)
    street.home("accomplice", money=STAKE, rated=10**6)
    street.chain.set_time(START)
    return street


def scheduled(street: Street, treasury: str, amount: int) -> bytes:
    """The treasury announces that it collects so much."""
    settlement = street["Settlement"]
    data = settlement.abi.function("collect").encode([amount, treasury])
    street.manager.schedule(settlement.address, data, 0, by=treasury)
    return bytes(data)


def leaves(street: Street, name: str) -> None:
    """All that an account may withdraw goes, at once or within a day of the queue."""
    settlement, owner = street["Settlement"], street.at(name)
    queued = settlement.withdrawalCount()
    settlement.withdraw(street.available(owner), owner, by=owner)
    if settlement.withdrawalCount() > queued:
        street.wait(DAY)
        settlement.executeWithdrawal(queued + 1)


@pytest.mark.parametrize("paused", [False, True])
def test_all_operators_in_one_hand__gain_the_suppliers_cash_and_nobodys_savings(
    street: Street, paused: bool
) -> None:
    """All that the supplier has paid in, and nothing of who leaves within the announced times:
    three days before a payout, fifteen before a tariff. In three hours, nothing at all."""
    settlement, owner = street["Settlement"], street.at("household")
    treasury = street.key("Settlement", "collect", delay=DELAY)
    first = street["Communities"].beyondHorizon()
    with refused("Tariffs_WithinHorizon", first - 1, first):
        street["Tariffs"].setTariff(HOME, HIGHEST, first - 1, by=REGISTRAR)
    street["Tariffs"].setTariff(HOME, HIGHEST, first, by=REGISTRAR)
    if paused:
        settlement.pause(by=REGISTRAR)
    with pytest.raises(Reverted, match="AccessManagerNotScheduled"):
        settlement.collect(1, treasury, by=treasury)
    scheduled(street, treasury, 1)
    false = {"accomplice": [10**6] * 24}
    street.live(false, hours=3)
    street.close("accomplice", day=TODAY - 1)
    with refused("Settlement_NothingToClose", TODAY):
        street.close("accomplice")
    with pytest.raises(Reverted, match="AccessManagerNotReady"):
        settlement.collect(1, treasury, by=treasury)
    assert street.token.balanceOf(treasury) == 0
    assert street.account("accomplice")["outside"] == 0

    # The household sees it, and leaves: its money at once, its meter, then the rest.
    street.detach("household")
    leaves(street, "household")
    street.live(false, hours=21)
    street.wait()
    street.close()
    settlement.releaseSecurity(owner)
    leaves(street, "household")
    assert street.account("household")["outside"] == SAVINGS * EXACT

    street.chain.set_time(START + DELAY + HOUR)
    reason = "EmergencyStop_Stopped" if paused else "Settlement_CollectAbove"
    with pytest.raises(Reverted, match=reason):
        settlement.collect(1, treasury, by=treasury)
    found = street.account("accomplice")
    assert found["free"] + found["security"] - STAKE * EXACT == CASH * EXACT
    assert found["outside"] == street.token.balanceOf(treasury) == 0
    street.assert_solvent()


def test_payout__that_everybody_has_seen__is_stopped_by_a_guardian(street: Street) -> None:
    """66: within the delay, without a vote."""
    settlement, guardian = street["Settlement"], REGISTRAR
    treasury = street.key("Settlement", "collect", delay=DELAY)
    data = scheduled(street, treasury, 1)
    street.manager.cancel(treasury, settlement.address, data, by=guardian)
    street.chain.set_time(START + DELAY)
    with pytest.raises(Reverted, match="AccessManagerNotScheduled"):
        settlement.collect(1, treasury, by=treasury)


def test_payout__announced__is_what_the_limit_and_the_reserve_leave(street: Street) -> None:
    """66: what is announced is no more than could be collected: what belongs to others stays, as
    without a delay."""
    settlement = street["Settlement"]
    treasury = street.key("Settlement", "collect", delay=DELAY)
    scheduled(street, treasury, CASH)
    scheduled(street, treasury, CASH + 1)
    street.live({"household": [-KWH] * 24})
    street.wait(DELAY)
    with refused("Settlement_CollectAbove", CASH, CASH + 1):
        settlement.collect(CASH + 1, treasury, by=treasury)
    settlement.collect(CASH, treasury, by=treasury)
    assert street.token.balanceOf(treasury) == CASH
    with pytest.raises(Reverted, match="AccessManagerNotScheduled"):
        settlement.collect(CASH, treasury, by=treasury)


def kept(street: Street, *, money: int = SAVINGS) -> int:
    """A saver keeps a day's export; the Wh that it has."""
    street.chain.set_time(START - HOUR)
    street.home("saver", money=money, keeps=True)
    street.chain.set_time(START)
    street.live({"saver": [KWH] * 24})
    street.wait()
    street.close()
    return street.account("saver")["credits"]


@pytest.mark.parametrize("shut", [False, True])
def test_energy_tokens__of_who_has_no_meter__become_money(shut: bool) -> None:
    """66: whoever holds them leaves at the credit value, even after the end of the market."""
    street = Street(cash=CASH)
    wh = kept(street)
    settlement, token = street["Settlement"], street["EnergyToken"]
    street.person("collector", money=0)
    collector = street.at("collector")
    settlement.withdrawCredits(wh, by=street.at("saver"))
    token.transfer(collector, wh, by=street.at("saver"))
    if shut:
        settlement.shutdown(by=REGISTRAR)
    settlement.depositCredits(wh, by=collector)
    settlement.redeem(wh, by=collector)
    worth = wh * street["Tariffs"].creditValueAt(TODAY + 1)
    assert street.account("collector")["free"] == worth
    settlement.withdraw(worth // EXACT, collector, by=collector)
    assert street.token.balanceOf(collector) == worth // EXACT
    assert (token.totalSupply(), street.account("collector")["credits"]) == (0, 0)
    street.assert_solvent()


def test_credits__of_who_was_cut_off__answer_for_its_debt_before_they_move() -> None:
    """69: the registrar deactivates the meter of a saver whose money is gone. Its credits pay what
    its last day cost, and what is owed after that keeps new ones from leaving."""
    street = Street(cash=CASH)
    wh = kept(street, money=8000 + 2160)
    settlement, saver = street["Settlement"], street.at("saver")
    street["SmartMeter"].deactivateMeter(street.devices["saver"].address, by=REGISTRAR)
    settlement.withdraw(street.available(saver), saver, by=saver)
    street.live({"saver": [-8 * KWH] * 24})
    street.wait(HOUR)
    street.close("saver", day=TODAY + 1)
    found = street.account("saver")
    assert (wh, found["credits"]) == (24 * KWH, 0)
    assert found["debt"] > 0
    with pytest.raises(Reverted, match="Settlement_InsufficientBalance"):
        settlement.withdrawCredits(1, by=saver)
    street.assert_solvent()
