"""Threats 66 and 67: what one key can cost at most, as a number.

Each key here may call its own functions, and nothing else. SECURITY.md names the same numbers.
"""

from __future__ import annotations

import pytest
from eth_utils.crypto import keccak

from energy_grid.chain.accounts import Account
from tests.support.core.attack_suite import (
    BUY,
    DAY,
    HOME,
    HOUR,
    KWH,
    REGISTRAR,
    SELL,
    START,
    TODAY,
    Street,
    gain,
)
from tests.support.core.chain import Reverted, refused

NOON = START + 12 * HOUR
WORSE, OVERFILLED, SPENT, FORGED, EXPIRED = 4, 10, 2, 1, 3


@pytest.fixture
def street() -> Street:
    """A buyer and a seller with meters; the day begins."""
    street = Street()
    for name in ("buyer", "seller"):
        street.home(name)
    street.chain.set_time(START)
    return street


def test_keeper__between_two_traders__keeps_at_most_what_their_limits_leave(
    street: Street,
) -> None:
    """67: a keeper trades for itself, too: it buys at the seller's limit and sells at the buyer's.
    Both get what they signed; the keeper's gain is the distance of the limits, less the fees."""
    street.home("keeper")
    keeper = street.key("EnergyTrading", "settleBatch")
    street.live()
    noon = NOON + DAY

    def play(*, greedy: bool) -> int:
        buy = street.signed("buyer", BUY, 4 * KWH, 28, noon)
        sell = street.signed("seller", SELL, 4 * KWH, 10, noon)
        if greedy:
            mine = street.signed("keeper", BUY, 4 * KWH, 10, noon)
            again = street.signed("keeper", SELL, 4 * KWH, 28, noon, nonce=1)
            street.batch([mine, sell], [(0, 1, 4 * KWH)], 10, noon, by=keeper)
            street.batch([buy, again], [(0, 1, 4 * KWH)], 28, noon, by=keeper)
        else:
            street.batch([buy, sell], [(0, 1, 4 * KWH)], 19, noon, by=keeper)
        street.live()
        street.wait()
        street.close(day=TODAY + 1)
        return street.worth("keeper")

    spread = 4 * KWH * (28 - 10 - 3)
    assert gain(street, lambda: play(greedy=True), lambda: play(greedy=False)) == spread


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"price": 21}, WORSE),
        ({"price": 14}, WORSE),
        ({"wh": 3 * KWH}, OVERFILLED),
        ({"forged": True}, FORGED),
        ({"late": True}, EXPIRED),
    ],
)
def test_keeper__beyond_what_was_signed__moves_nothing(
    street: Street, change: dict[str, int], reason: int
) -> None:
    """67: not at a worse price, not more, not another order, not later; and nothing twice."""
    keeper = street.key("EnergyTrading", "settleBatch")
    expiry = START + HOUR if "late" in change else 2**40
    orders = [
        street.signed("buyer", BUY, 2 * KWH, 20, NOON, expiry=expiry),
        street.signed("seller", SELL, 2 * KWH, 15, NOON),
    ]
    if "forged" in change:
        orders[0] = (*orders[0][:3], 25, *orders[0][4:])
    if "late" in change:
        street.live(hours=2)
    before = street.worth("buyer"), street.worth("seller")
    fills = [(0, 1, change.get("wh", 2 * KWH))]
    price = change.get("price", 17)
    assert street.batch(orders, fills, price, NOON, skip=True, by=keeper) == 0
    assert reason in street.refusals()
    assert (street.worth("buyer"), street.worth("seller")) == before
    if reason in (WORSE, OVERFILLED):
        assert street.batch(orders, [(0, 1, 2 * KWH)], 17, NOON, by=keeper) == 1
        with refused("EnergyTrading_Refused", street.order_id(orders[0], NOON), SPENT):
            street.batch(orders, [(0, 1, 2 * KWH)], 17, NOON, by=keeper)


def test_keeper__cannot_move_money_out(street: Street) -> None:
    """67: its only function is the batch."""
    keeper = street.key("EnergyTrading", "settleBatch")
    for contract, function, arguments in (
        ("Settlement", "collect", (1, keeper)),
        ("Settlement", "setOutflowLimit", (0,)),
        ("Settlement", "pause", ()),
        ("Tariffs", "setCreditValue", (0, 2**16 - 1)),
        ("SmartMeter", "deactivateMeter", (keeper,)),
        ("EnergyAccounts", "prolong", (0, 1, 1)),
        ("GridManagement", "toggleEmergencyMode", ()),
    ):
        with refused("AccessManagedUnauthorized", keeper):
            street[contract].call(function, *arguments, by=keeper)


def test_treasury__collects_all_it_can__leaves_what_belongs_to_others() -> None:
    """66, 67: the fees, and the grid account's cash less the value of all credits, receivables and
    the payments of seven days. Afterwards everybody redeems and withdraws in full."""
    street = Street(cash=10**5)
    street.home("owner", keeps=True)
    street.home("feeder")
    street.home("payer")
    street.chain.set_time(START)
    for day in range(3):
        street.live({"owner": [KWH] * 24, "feeder": [KWH] * 24, "payer": [-KWH] * 24})
        street.wait()
        street.close(day=TODAY + day)
        street.chain.set_time(START + (day + 1) * DAY)
    settlement = street["Settlement"]
    treasury = street.key("Settlement", "collect")
    cash, owed, fees, credits, _ = settlement.gridAccount()
    stays = credits * 5 + owed + 3 * 24 * KWH * 8
    most = (cash - stays + fees) // 1000
    with refused("Settlement_CollectAbove", most, most + 1):
        settlement.collect(most + 1, treasury, by=treasury)
    before = {name: street.worth(name) for name in street.holders}
    settlement.collect(most, treasury, by=treasury)
    assert {name: street.worth(name) for name in street.holders} == before
    street.assert_solvent()
    settlement.redeem(street.account("owner")["credits"], by=street.at("owner"))
    for name in street.holders:
        street.detach(name)
    street.live()
    street.wait()
    street.close(day=TODAY + 3)
    for name in street.holders:
        settlement.releaseSecurity(street.at(name))
        whole = street.account(name)["free"] // 1000
        settlement.withdraw(whole, street.at(name), by=street.at(name))
        assert street.account(name)["free"] < 1000


def test_treasury__collects_while_days_are_open__leaves_receivables_for_them() -> None:
    """66, 67: what days will pay that nobody has closed does not stay; it is owed then."""
    street = Street(cash=10**5)
    street.home("feeder")
    street.chain.set_time(START)
    street.live({"feeder": [KWH] * 24 * 8}, hours=24 * 8)
    street.wait()
    settlement, treasury = street["Settlement"], street.key("Settlement", "collect")
    settlement.collect(10**5, treasury, by=treasury)
    free = street.account("feeder")["free"]
    street.close(day=TODAY + 7)
    found = street.account("feeder")
    assert (found["free"], found["receivable"]) == (free, 8 * 24 * KWH * 8)
    street.fund(8 * 24 * 8)
    assert street.account("feeder")["free"] == free + 8 * 24 * KWH * 8


def test_treasury__under_the_outflow_limit__needs_days_and_cannot_stop_households() -> None:
    """66: one call takes the limit at most; what it used up leaves each metered household its
    allowance, and the others wait a day."""
    street = Street(outflow=10**6)
    street.home("household", money=2 * 10**6)
    street.person("trader", money=10**6)
    street.chain.set_time(START)
    settlement, treasury = street["Settlement"], street.key("Settlement", "collect")
    with refused("Settlement_AboveOutflow", 10**6, 10**6 + 1):
        settlement.collect(10**6 + 1, treasury, by=treasury)
    settlement.collect(10**6, treasury, by=treasury)
    with refused("Settlement_AboveOutflow", 0, 1):
        settlement.collect(1, treasury, by=treasury)
    for name in ("household", "trader"):
        settlement.withdraw(10**6, street.at(name), by=street.at(name))
    found = [street.account(name)["outside"] for name in ("household", "trader")]
    assert found == [10**9, 0]
    street.chain.set_time(START + DAY)
    settlement.executeWithdrawal(1)
    assert street.account("trader")["outside"] == 10**9


def test_stranger__with_capital_uses_up_the_outflow_limit__delays_and_takes_nothing() -> None:
    """66, 67: it deposits and withdraws the limit. The treasury waits until the limit is back,
    others are queued, and metered households have their allowance."""
    street = Street(outflow=10**6)
    street.home("household", money=2 * 10**6)
    street.person("trader", money=10**6)
    street.person("stranger", money=10**6)
    street.chain.set_time(START)
    settlement, treasury = street["Settlement"], street.key("Settlement", "collect")
    settlement.withdraw(10**6, street.at("stranger"), by=street.at("stranger"))
    with refused("Settlement_AboveOutflow", 0, 1):
        settlement.collect(1, treasury, by=treasury)
    for name in ("household", "trader"):
        settlement.withdraw(10**6, street.at(name), by=street.at(name))
    found = [street.account(name)["outside"] for name in ("stranger", "household", "trader")]
    assert found == [10**9, 10**9, 0]
    street.chain.set_time(START + DAY)
    settlement.collect(10**6, treasury, by=treasury)
    settlement.executeWithdrawal(1)
    assert street.account("trader")["outside"] == 10**9


def test_guardian__pauses_prolongs_and_lengthens__costs_seven_days_each(street: Street) -> None:
    """66, 67: a pause stops what is new; exits stay open. Slots are final seven days later at most,
    and a queued withdrawal waits seven days more, once."""
    settlement = street["Settlement"]
    guardian = street.key("Settlement", "pause", "unpause", "lengthenWithdrawal")
    other = street.key("EnergyAccounts", "prolong")
    owner = street.at("buyer")
    settlement.pause(by=guardian)
    with refused("EmergencyStop_Stopped", 1):
        street.deposit(owner, 1)
    settlement.withdraw(street.available(owner), owner, by=owner)
    first = TODAY * 24
    with refused("EnergyAccounts_TooLong", 7 * DAY + 1, 7 * DAY):
        street["EnergyAccounts"].prolong(first, first + 24, 7 * DAY + 1, by=other)
    street["EnergyAccounts"].prolong(first, first + 24, 7 * DAY, by=other)
    with refused("EnergyAccounts_OutageOpen", first + 23):
        street["EnergyAccounts"].prolong(first + 24, first + 48, 7 * DAY, by=other)
    street.wait()
    street.close(day=TODAY - 1)
    street.chain.set_time(START + 8 * DAY + 899)
    with refused("Settlement_NothingToClose", TODAY):
        street.close(day=TODAY)
    street.wait(1)
    street.close(day=TODAY)


def test_guardian__prolongs_all_slots_to_come__is_refused(street: Street) -> None:
    """67: one call makes every slot for ever final seven days later: all bills, incomes and
    securities wait, and reserves are those of eight days."""
    guardian = street.key("EnergyAccounts", "prolong")
    with refused("EnergyAccounts_BadRange", TODAY * 24, 2**24):
        street["EnergyAccounts"].prolong(TODAY * 24, 2**24, 7 * DAY, by=guardian)


def test_guardian__lengthens_a_queued_withdrawal_once(street: Street) -> None:
    """66, 67: seven days, and no more."""
    poor = Street(outflow=1)
    poor.person("owner", money=1000)
    settlement, owner = poor["Settlement"], poor.at("owner")
    guardian = poor.key("Settlement", "lengthenWithdrawal")
    settlement.withdraw(1000, owner, by=owner)
    with refused("Settlement_LengtheningTooLong", 7 * DAY + 1, 7 * DAY):
        settlement.lengthenWithdrawal(1, 7 * DAY + 1, by=guardian)
    settlement.lengthenWithdrawal(1, 7 * DAY, by=guardian)
    with refused("Settlement_AlreadyLengthened", 1):
        settlement.lengthenWithdrawal(1, 1, by=guardian)
    due = poor.now + 8 * DAY
    poor.chain.set_time(due - 1)
    with refused("Settlement_WithdrawalNotDue", 1, due):
        settlement.executeWithdrawal(1)
    poor.chain.set_time(due)
    settlement.executeWithdrawal(1)
    assert poor.account("owner")["outside"] == 1000 * 1000


def test_registrar__deactivates_a_meter__costs_nothing_of_the_day(street: Street) -> None:
    """67: without the holder. The rest of the day is still read."""
    registrar = street.key("SmartMeter", "deactivateMeter", "registerMeter", "rotateMeterKey")
    flows = {"seller": [8 * KWH] * 24}

    def play(*, attacked: bool) -> int:
        street.live(flows, hours=12)
        if attacked:
            street["SmartMeter"].deactivateMeter(street.devices["seller"].address, by=registrar)
        street.live(flows, hours=12)
        street.wait()
        street.close()
        return street.worth("seller")

    assert gain(street, lambda: play(attacked=True), lambda: play(attacked=False)) == 0


def test_registrar__without_the_holders_signature__attaches_nothing(street: Street) -> None:
    """66: neither a meter to an account, nor another region, nor a second one; a device key alone,
    or a consent alone, is not enough."""
    street.person("victim")
    liar = street.holders["buyer"]
    device = street.devices["buyer"]
    meters, registrar = street.meters, street.key("SmartMeter", "registerMeter")
    registration = meters.registration(device, street.at("victim"))
    proof = meters.registration_proof(device, registration)
    false = meters.registration_proof(liar, registration)
    with pytest.raises(Reverted):
        meters.meters.registerMeter(registration, proof, false, by=registrar)
    assert street["EnergyAccounts"].meteredOf(street.number("victim")) == (0, 0)


def test_registrar_and_treasury__together__reach_reserve_and_security_at_most(
    street: Street,
) -> None:
    """66: two keys of one Safe, and a stolen device, without which no key is changed. The registrar
    gives the meter its own key, which shows import at rated power for days, and the treasury
    collects what was charged. A holder that takes its money out at the first false reading loses
    its open day's reserve and its security: never more."""
    registrar = street.key("SmartMeter", "rotateMeterKey")
    treasury, settlement, owner = (
        street.key("Settlement", "collect"),
        street["Settlement"],
        street.at("buyer"),
    )
    old, new = street.devices["buyer"], Account(keccak(text="the registrar's"))
    rotation = old.address, new.address
    proof = street.meters.rotation_proof(new, old.address)
    with refused("SmartMeter_NoConsent", owner, street.meters.rotation_hash(*rotation)):
        street["SmartMeter"].rotateMeterKey(*rotation, proof, b"", by=registrar)
    stolen = street.meters.rotation_proof(old, *rotation)
    street["SmartMeter"].rotateMeterKey(*rotation, proof, stolen, by=registrar)
    street.devices["buyer"] = new
    false = {"buyer": [-8 * KWH] * 24}
    street.live(false, hours=1)
    reserve, security = 24 * KWH * 90, 8_000_000
    settlement.withdraw(street.available(owner), owner, by=owner)
    street.live(false, hours=23)
    for day in range(4):
        street.wait()
        street.close(day=TODAY + day)
        if day == 3:
            break
        street.chain.set_time(START + (day + 1) * DAY)
        if day == 2:
            street.detach("buyer")
        street.live(false)
    settlement.releaseSecurity(owner)
    assert street.account("buyer")["debt"] == 4 * 8 * 24 * KWH * 30 - reserve - security
    assert street.spoils("buyer") == 10**10 - reserve - security
    cash, owed, *_ = settlement.gridAccount()
    assert cash - owed == 10**12 + reserve + security
    settlement.collect((cash - owed) // 1000, treasury, by=treasury)
    street.assert_solvent()


def test_authority__blocks_a_side__stops_new_trades_and_no_exit(street: Street) -> None:
    """67: a blocked account trades no more; what it has traded settles, and its money leaves."""
    authority = street.key("GridManagement", "deactivateParticipant", "reactivateParticipant")
    seller, settlement = street.at("seller"), street["Settlement"]

    def play(*, blocked: bool) -> int:
        street.trade("buyer", "seller", 4 * KWH, 20, NOON)
        if blocked:
            for is_producer in (True, False):
                street["GridManagement"].deactivateParticipant(seller, is_producer, by=authority)
            with refused("Settlement_SideBlocked", seller, False):
                street.order("seller", SELL, KWH, 20, NOON + HOUR)
        street.live({"seller": [0] * 12 + [4 * KWH]})
        street.wait()
        street.close()
        settlement.withdraw(street.available(seller), seller, by=seller)
        return street.worth("seller")

    assert gain(street, lambda: play(blocked=True), lambda: play(blocked=False)) == 0


def test_community_key__of_a_stranger__is_none(street: Street) -> None:
    """67: only a manager schedules theta, and no key of the AccessManager stands above it."""
    day = street["Communities"].beyondHorizon()
    for stranger in (REGISTRAR, street.at("buyer")):
        with refused("Communities_NotManager", street.community, stranger):
            street["Communities"].setTheta(street.community, 0, day, by=stranger)
    own = street["Communities"].create(HOME, 0, street.at("buyer"))
    with refused("Communities_NotManager", own, street.at("seller")):
        street["Communities"].expel(own, street.at("buyer"), by=street.at("seller"))
