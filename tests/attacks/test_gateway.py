"""What gateways, members and strangers can do with a community's day that is settled in one call.

Buy 30, feed-in 8: a shared kWh earns 18 and costs 20. In thousandths, a Wh at a price of 30 is 30.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from eth_utils.crypto import keccak

from energy_grid.domain.day_leaves import DayLeaves, Measured, Registers, seal_leaves
from energy_grid.domain.merkle import leaf_tree
from tests.support.core.attack_suite import KWH, START, TARIFF
from tests.support.core.chain import Chain, Deployed, refused
from tests.support.core.full_market import CHALLENGE, DEADLINE
from tests.support.core.gateway_street import GATEWAY, GatewayStreet
from tests.support.core.meter_suite import DAY, REGISTRAR

HOURS, HOUR = 24, 3600
RATED = 10_000
GIVER, TAKER = range(2)
SHARED_OUT, SHARED_IN = 18, 20
GIVEN, TAKEN = HOURS * KWH * TARIFF.feed_in, HOURS * KWH * TARIFF.buy
ABSENT, SEALED, GAP, OTHER_DAY, OTHER_REGISTERS, NETS_NOT_BELIEVABLE = 1, 2, 6, 5, 7, 8
_MAX_CREDITS = 2**40 - 1
RATE = 1_000_000
VERIFICATION = 7 * DAY


class Days(GatewayStreet):
    """A giver and a taker of 1 kWh an hour; each test's first day is over, and nothing anchored."""

    def __init__(self, homes: int = 2, money: int = 10**9, *, is_static: bool = False) -> None:
        super().__init__(
            *(Chain(START), TARIFF),
            homes=homes,
            rated=RATED,
            money=money,
            is_static=is_static,
        )
        self.day = self.first_day
        self.curves = {self.numbers[GIVER]: [KWH] * HOURS, self.numbers[TAKER]: [-KWH] * HOURS}
        self.chain.set_time((self.day + 1) * DAY + 900)

    def worth(self, *homes: int) -> int:
        """Money in thousandths: free, owed to them, secured, less debts and what is pending."""
        found = 0
        for home in homes:
            number, word, owed, security = self.settlement.accountOf(self.holders[home].address)
            pending = self.energy.pendingOf(number)
            found += (word & 2**88 - 1) + (owed >> 88) - (owed & 2**88 - 1) + security - pending
        return int(found)

    def readings(self, home: int) -> list[tuple[Any, ...]]:
        """What the device of a home signed at each hour's end of the first day."""
        meters, is_giver = self.market.meters, home == GIVER
        return [
            meters.sign_reading(
                self.devices[home],
                meters.reading(
                    self.first_day * DAY + hour * HOUR,
                    (0, hour * KWH) if is_giver else (hour * KWH, 0),
                ),
            )
            for hour in range(1, HOURS + 1)
        ]

    def close(self, *homes: int) -> None:
        """By themselves, and then with their own readings, which are late."""
        holders = [self.holders[home].address for home in homes]
        self.settlement.closeThrough(holders, self.day, by=REGISTRAR)
        for home in homes:
            self.market.meters.read_many(*self.readings(home))

    def pass_deadline(self) -> None:
        """From now on members close alone."""
        self.chain.set_time((self.day + 1) * DAY + DEADLINE)

    def passed_over(self) -> dict[int, int]:
        """Reasons by account number, of the newest call."""
        return {
            values["number"]: values["reason"]
            for _, event, values in self.chain.logs
            if event == "MemberPassedOver"
        }

    def leaf(self, leaves: DayLeaves, place: int) -> tuple[bytes, bytes, list[bytes]]:
        """A leaf and its proof."""
        records = leaves.records()
        return records[place], b"", list(leaf_tree(records).proof(place))

    def gain(self, attack: Callable[[], None], *homes: int) -> int:
        """What homes have more than after an honest day."""
        mark = self.chain.snapshot()
        registers, measured = dict(self.days.registers), set(self.days.measured)
        self.days.run(self.day, self.curves)
        honest = self.worth(*homes)
        self.chain.revert(mark)
        self.days.registers, self.days.measured = registers, measured
        attack()
        ours = self.worth(*homes)
        print(f"attacker {ours:,}, twin {honest:,}, gain {ours - honest:,}")
        return ours - honest


@pytest.fixture
def street() -> Days:
    """A day that is over."""
    return Days()


@pytest.mark.parametrize("is_listed", [True, False])
def test_member_left_out__loses_sharing_alone(street: Days, is_listed: bool) -> None:
    """Absent or without a leaf, it closes by its own readings: nobody gains by it."""
    giver = street.numbers[GIVER]

    def attack() -> None:
        if not is_listed:
            street.days.numbers = [giver]
        street.days.run(street.day, {giver: street.curves[giver]})
        street.close(TAKER)

    lost = HOURS * KWH * (TARIFF.buy - SHARED_IN + SHARED_OUT - TARIFF.feed_in)
    assert street.gain(attack, GIVER, TAKER) == -lost


def test_rival_left_out__by_the_gateway_of_a_friend__pays_its_part_of_sharing() -> None:
    """The documented bound of trust in a gateway: a giver's friend gives what the rival would
    have. It gains what the rival loses at most; the bill of others does not change."""
    street = Days(homes=3)
    giver, taker, rival = street.numbers
    street.curves[rival] = [KWH] * HOURS

    def attack() -> None:
        street.days.run(street.day, {each: street.curves[each] for each in (giver, taker)})
        assert street.passed_over() == {rival: ABSENT}

    part = HOURS * KWH // 2 * (SHARED_OUT - TARIFF.feed_in)
    assert street.gain(attack, GIVER) == part
    street = Days(homes=3)
    street.curves[rival] = [KWH] * HOURS
    assert street.gain(attack, TAKER) == 0


def test_export_above_rated_power__earns_nothing(street: Days) -> None:
    """Of a gateway's friend: passed over, and its leaf brings nothing late either."""
    giver = street.numbers[GIVER]

    def attack() -> None:
        curves = street.curves | {giver: [RATED + 1] * HOURS}
        leaves = street.days.run(street.day, curves)
        assert street.passed_over() == {giver: NETS_NOT_BELIEVABLE}
        street.settlement.closeThrough([street.holders[GIVER].address], street.day)
        with refused("CommunityDays_NetsNotBelievable", giver):
            street.days.contract.readLate(
                street.days.community, street.day, street.leaf(leaves, GIVER)
            )

    assert street.gain(attack, GIVER) == -HOURS * KWH * SHARED_OUT


def test_export_at_rated_power__is_what_a_gateways_word_is_worth(street: Days) -> None:
    """The bound: a meter's rated power all day, paid by the grid account's cash."""
    curves = {street.numbers[GIVER]: [RATED] * HOURS, street.numbers[TAKER]: [0] * HOURS}
    before, cash = street.worth(GIVER), street.settlement.gridAccount()[0]
    street.days.run(street.day, curves)
    gained = street.worth(GIVER) - before
    assert gained == RATED * HOURS * TARIFF.feed_in
    assert street.settlement.gridAccount()[0] == cash - gained


def admitted(street: Days) -> Deployed:
    """DemandResponse, in which REGISTRAR is a grid operator with money, and the taker enrolled."""
    chain, manager = street.chain, street.market.manager.address
    forwarder, token = street.market.forwarder.address, street.market.token
    operators = chain.deploy("GridOperatorVerification", manager, REGISTRAR)
    baselines = chain.deploy("DemandBaselines", (street.settlement.address,), (100, 2, 2, 200))
    enrolments = chain.deploy("DemandEnrolments", chain.address_after(1), forwarder)
    modules = operators.address, baselines.address, enrolments.address, forwarder
    demand = chain.deploy("DemandResponse", manager, token.address, modules, (VERIFICATION,))
    operators.registerOperator("Operator", street.market.meters_home, 1_000, by=REGISTRAR)
    operators.verifyOperator(REGISTRAR, by=REGISTRAR)
    operators.setOperatorScore(REGISTRAR, 100, by=REGISTRAR)
    demand.registerGridOperator(REGISTRAR, by=REGISTRAR)
    token.faucet(RATE, by=REGISTRAR)
    token.approve(demand.address, RATE, by=REGISTRAR)
    taker = street.holders[TAKER].address
    demand.registerConsumer(taker, by=taker)
    return demand


def test_load_curve__moved_within_a_day_by_a_gateway__is_paid_as_a_reduction(street: Days) -> None:
    """The bound: an event's budget. The registers of the day's end are the true ones, and so is
    the bill."""
    demand, taker = admitted(street), street.holders[TAKER].address
    usual = {street.numbers[GIVER]: [0] * HOURS, street.numbers[TAKER]: [-KWH] * HOURS}
    proofs = {}
    # From a Friday to the next Tuesday, whose two similar days are that Friday and the Monday.
    for day in range(street.day, street.day + 4):
        proofs[day] = street.leaf(street.days.run(day, usual), TAKER)
    today = street.day + 4
    street.chain.set_time(today * DAY + 10 * HOUR + 1)
    event = demand.startEvent(1, RATE, 2 * HOUR, by=REGISTRAR)
    moved = [-1 if hour in (11, 12) else -KWH for hour in range(HOURS)]
    moved[20] -= 2 * (KWH - 1)
    before = street.worth(TAKER)
    leaves = street.days.run(today, {**usual, street.numbers[TAKER]: moved})
    assert before - street.worth(TAKER) == TAKEN

    proofs[today] = street.leaf(leaves, TAKER)
    for day, leaf in proofs.items():
        span = day * HOURS, (day + 1) * HOURS
        street.days.contract.proveHistory(street.days.community, day, leaf, *span)
    demand.verifyFromMeter(event, taker)
    street.chain.set_time(today * DAY + 13 * HOUR + 900 + VERIFICATION + 1)
    demand.completeEvent(event)
    held = street.market.token.balanceOf(taker)
    demand.distributeRewards(event, 1)
    assert street.market.token.balanceOf(taker) - held == RATE * (KWH - 1) // KWH


def test_invented_begin__of_registers__is_passed_over(street: Days) -> None:
    """Registers that the meter has not shown, on a first day and, without CONTINUES, on others."""
    days, giver = street.days, street.numbers[GIVER]
    days.registers[giver] = Registers(0, 5 * KWH)
    days.run(street.day, street.curves)
    assert street.passed_over() == {giver: OTHER_REGISTERS}
    days.measured = set()
    street.day += 1
    days.run(street.day, street.curves)
    # The giver's day before is still open.
    assert street.passed_over() == {giver: OTHER_DAY, street.numbers[TAKER]: OTHER_REGISTERS}


def test_jump_of_registers__between_days__settles_nothing(street: Days) -> None:
    """The day's last registers are what the next one's continue; without CONTINUES, those of the
    meter count."""
    days, giver = street.days, street.numbers[GIVER]
    days.run(street.day, street.curves)
    before = street.worth(GIVER, TAKER)
    days.registers[giver] = Registers(0, 10**6)
    leaves = days.leaves(street.curves)
    days.anchor(street.day + 1, leaves)
    with refused("CommunityDays_RegistersNotContinued", days.community, street.day + 1):
        days.settle(street.day + 1, leaves)
    days.measured = set()
    days.registers[giver] = Registers(0, 10**6)
    days.run(street.day + 1, street.curves)
    assert street.passed_over() == dict.fromkeys(street.numbers, OTHER_REGISTERS)
    assert street.worth(GIVER, TAKER) == before


@pytest.mark.parametrize("is_late", [True, False], ids=["its leaves late", "own readings"])
@pytest.mark.parametrize("is_false", [True, False], ids=["a false root", "withheld"])
def test_withheld_leaves__or_a_false_root__cost_sharing_alone(
    street: Days, is_false: bool, is_late: bool
) -> None:
    """Nobody can settle; members close after the deadline, to the unit as without sharing. What
    the gateway says then comes too late for sharing, and not for the bill."""
    days, before = street.days, (street.worth(GIVER), street.worth(TAKER))
    leaves = days.leaves(street.curves)
    root = bytes(31) + b"\1" if is_false else leaf_tree(leaves.records()).root
    days.contract.anchor(days.community, street.day, root, by=GATEWAY)
    if is_false:
        honest = leaf_tree(leaves.records()).root
        with refused("CommunityDays_WrongLeaves", honest, root):
            days.settle(street.day, leaves)
    street.pass_deadline()
    if is_late:
        everybody = [holder.address for holder in street.holders]
        street.settlement.closeThrough(everybody, street.day)
        days.anchor(street.day, leaves)
        street.chain.set_time(street.chain.now + CHALLENGE)
        for place in (GIVER, TAKER):
            leaf = street.leaf(leaves, place)
            days.contract.readLate(days.community, street.day, leaf)
    else:
        street.close(GIVER, TAKER)
    after = street.worth(GIVER), street.worth(TAKER)
    assert (after[GIVER] - before[GIVER], before[TAKER] - after[TAKER]) == (GIVEN, TAKEN)


def test_settled_after_the_deadline__closes_nobody_twice(street: Days) -> None:
    """Who has closed alone is passed over, and its leaf has nothing to bring."""
    days, giver = street.days, street.numbers[GIVER]
    street.pass_deadline()
    street.close(GIVER, TAKER)
    before = street.worth(GIVER, TAKER)
    leaves = days.run(street.day, street.curves)
    assert set(street.passed_over().values()) == {OTHER_DAY}
    with refused("CommunityDays_NothingToRead", giver, (street.day + 1) * HOURS):
        days.contract.readLate(days.community, street.day, street.leaf(leaves, GIVER))
    assert street.worth(GIVER, TAKER) == before


def test_stranger__before_the_deadline__can_do_nothing(street: Days) -> None:
    """Neither close members alone, nor contradict honest leaves, nor settle altered ones."""
    days = street.days

    def attack() -> None:
        leaves = days.leaves(street.curves)
        days.anchor(street.day, leaves)
        street.chain.set_time((street.day + 1) * DAY + DEADLINE - 1)
        everybody = [holder.address for holder in street.holders]
        with refused("Settlement_NothingToClose", street.day):
            street.settlement.closeThrough(everybody, street.day)
        for home, number in enumerate(street.numbers):
            for place, signed in enumerate(street.readings(home), street.day * HOURS + 1):
                with refused("CommunityDays_NoContradiction", number, number, place):
                    days.contract.contradict(
                        days.community, street.day, street.leaf(leaves, home), signed
                    )
        honest = leaves.leaves[GIVER]
        assert isinstance(honest, Measured)
        nets = leaves.nets.copy()
        nets[GIVER] *= 2
        last = Registers(0, 2 * honest.last.exported)
        altered = replace(
            leaves, leaves=(replace(honest, last=last), leaves.leaves[TAKER]), nets=nets
        )
        roots = [leaf_tree(each.records()).root for each in (altered, leaves)]
        with refused("CommunityDays_WrongLeaves", *roots):
            days.contract.settleDay(days.community, street.day, altered.encode())
        days.settle(street.day, leaves)

    assert street.gain(attack, GIVER, TAKER) == 0


def test_own_readings__of_a_settled_day__count_nothing_twice(street: Days) -> None:
    """Before it is settled, and after; nor does its leaf, nor does a reading against it."""
    days = street.days

    def publish() -> None:
        for home in range(2):
            street.market.meters.read_many(*street.readings(home))
            assert {name for _, name, _ in street.chain.logs} == {"ReadingSkipped"}

    def attack() -> None:
        publish()
        leaves = days.run(street.day, street.curves)
        publish()
        for home, number in enumerate(street.numbers):
            leaf = street.leaf(leaves, home)
            with refused("CommunityDays_ClosedTogether", number, street.day):
                days.contract.readLate(days.community, street.day, leaf)
            with refused("CommunityDays_Settled", days.community, street.day):
                days.contract.contradict(days.community, street.day, leaf, street.readings(home)[0])

    assert street.gain(attack, GIVER, TAKER) == 0


def test_contradicted__lie_of_a_gateway__earns_nothing(street: Days) -> None:
    """Export that was not there, within rated power: one signed reading ends it."""
    giver = street.numbers[GIVER]

    def attack() -> None:
        leaves = street.days.leaves(street.curves | {giver: [2 * KWH] * HOURS})
        street.days.anchor(street.day, leaves)
        street.days.contract.contradict(
            street.days.community,
            street.day,
            street.leaf(leaves, GIVER),
            street.readings(GIVER)[7],
        )
        street.days.settle(street.day, leaves)
        street.close(GIVER)

    assert street.gain(attack, GIVER) == -HOURS * KWH * (SHARED_OUT - TARIFF.feed_in)


def test_member_with_a_gap__stops_nobody(street: Days) -> None:
    """Passed over until its registers come; the other's day is settled."""
    days, (giver, taker) = street.days, street.numbers
    days.run(street.day, {giver: street.curves[giver]})
    street.settlement.closeThrough([street.holders[TAKER].address], street.day)
    before = street.worth(GIVER)
    street.day += 1
    days.run(street.day, street.curves)
    assert street.passed_over() == {taker: GAP}
    assert street.worth(GIVER) - before == GIVEN


def test_member_in_debt__stops_nobody() -> None:
    """Its next day is settled with the others' all the same."""
    street = Days(money=10_001)
    street.days.run(street.day, street.curves)
    assert street.settlement.debtOf(street.holders[TAKER].address)
    before = street.worth(GIVER)
    street.days.run(street.day + 1, street.curves)
    assert street.passed_over() == {}
    assert street.worth(GIVER) - before == HOURS * KWH * SHARED_OUT


def test_challenge__begins_anew_with_another_root(street: Days) -> None:
    """A gateway cannot show honest leaves and settle others at the last moment."""
    days = street.days
    leaves = days.leaves(street.curves)
    days.anchor(street.day, leaves)
    street.chain.set_time(street.chain.now + CHALLENGE)
    days.anchor(street.day, leaves)
    until = street.chain.now + CHALLENGE
    with refused("CommunityDays_Challengeable", days.community, street.day, until):
        days.contract.settleDay(days.community, street.day, leaves.encode())


def test_leaver__that_skips_its_first_own_day__pays_all_of_it(street: Days) -> None:
    """The gateway cannot forget it, and its own registers go on from where the gateway's ended."""
    days, meters, taker = street.days, street.market.meters, street.numbers[TAKER]
    holder, device = street.holders[TAKER], street.devices[TAKER]
    street.market["Communities"].leave(by=holder.address)
    left = int(street.energy.membershipOf(taker)[2])
    for day in range(street.day, left - 1):
        days.run(day, street.curves)
    last = days.run(left - 1, street.curves)
    # Who was measured has a leaf on the first day after, or nobody's day is settled.
    giver = {street.numbers[GIVER]: street.curves[street.numbers[GIVER]]}
    kept = dict(days.registers), set(days.measured), list(days.numbers)
    days.numbers = [street.numbers[GIVER]]
    forgetful = days.leaves(giver)
    days.anchor(left, forgetful)
    with refused("CommunityDays_RegistersNotContinued", days.community, left):
        days.settle(left, forgetful)
    days.registers, days.measured, days.numbers = kept
    days.run(left, giver)
    assert street.passed_over() == {taker: ABSENT}
    days.contract.handOver(days.community, left - 1, street.leaf(last, TAKER))
    street.settlement.closeThrough([holder.address], left)
    before = street.worth(TAKER)
    # It shows its register a day later alone, as if nothing had been on the day between.
    begun = days.registers[taker].imported
    reading = meters.reading((left + 1) * DAY, (begun + HOURS * KWH, 0))
    signed = meters.sign_reading(device, reading)
    meters.meters.submitWithConsent(signed, 2**40, b"", by=holder.address)
    assert before - street.worth(TAKER) == HOURS * KWH * TARIFF.buy


def test_full_credit_field__keeps_no_more__and_the_rest_is_fed_in(street: Days) -> None:
    """Deposited credits up to the last Wh that the field counts: none is lost, none wraps."""
    giver, room = street.holders[GIVER], 100
    street.curves[street.numbers[TAKER]] = [0] * HOURS
    token = street.market["EnergyToken"]
    balance_at = keccak(bytes.fromhex(giver.address[2:]).rjust(32, b"\0") + bytes(32))
    street.chain.evm.insert_account_storage(
        token.address, int.from_bytes(balance_at), _MAX_CREDITS - room
    )
    street.settlement.setKeeps(True, by=giver.address)
    street.settlement.depositCredits(_MAX_CREDITS - room, by=giver.address)
    # It holds from tomorrow on, which is the second day after the first.
    for day in (street.day, street.day + 1):
        street.days.run(day, street.curves)
    before = street.worth(GIVER)
    street.days.run(street.day + 2, street.curves)
    assert street.passed_over() == {}
    assert street.settlement.creditsOf(giver.address) == _MAX_CREDITS
    assert street.worth(GIVER) - before == (HOURS * KWH - room) * TARIFF.feed_in


def shares(street: Days, home: int, bps: int) -> None:
    """A coefficient of the static key, offered and accepted: from tomorrow on."""
    member, communities = street.holders[home].address, street.market["Communities"]
    communities.setCoefficient(street.days.community, member, bps, by=street.market.supplier)
    communities.acceptCoefficient(bps, by=member)


def test_static_key__coefficients_that_change_after_a_day__do_not_change_its_sharing() -> None:
    """Manager, gateway and a friend know the day's curves: what they agree on then is too late."""
    street = Days(is_static=True)

    def attack() -> None:
        shares(street, TAKER, 10_000)
        street.days.run(street.day, street.curves)
        assert street.passed_over() == {}

    # Nobody had a coefficient on the day.
    assert street.gain(attack, TAKER) == 0


def test_static_key__more_than_all__cannot_be_given_away() -> None:
    """Sums stay at 100 %, so nobody's quota comes from another's."""
    street = Days(homes=3, is_static=True)
    communities, friend = street.market["Communities"], street.holders[2].address
    shares(street, TAKER, 7_000)
    offer = street.days.community, friend, 3_001
    communities.setCoefficient(*offer, by=street.market.supplier)
    with refused("Communities_CoefficientsFull", street.days.community, 7_000, 3_001):
        communities.acceptCoefficient(3_001, by=friend)
    # Nor a higher one than was offered.
    with refused("Communities_OtherOffer", friend, 3_002, 3_001):
        communities.acceptCoefficient(3_002, by=friend)


@pytest.mark.parametrize(
    ("home", "lost"),
    [(GIVER, SHARED_OUT - TARIFF.feed_in), (TAKER, 0), (2, TARIFF.buy - SHARED_IN)],
    ids=["giver", "taker", "sealed"],
)
def test_static_key__a_sealed_member__takes_nothing(home: int, lost: int) -> None:
    """It hides its curve and loses sharing. Its coefficient goes to nobody else: what it would have
    taken is fed in."""
    street = Days(homes=3, is_static=True)
    days, other = street.days, street.numbers[2]
    street.curves[other] = [-KWH] * HOURS
    for each in (TAKER, 2):
        shares(street, each, 5_000)
    before = [days.run(street.day + each, street.curves) for each in range(2)][-1]
    street.day += 2
    street.chain.set_time((street.day + 1) * DAY + 900)

    def attack() -> None:
        leaves, openings = seal_leaves(days.leaves(street.curves), {other: bytes(32)})
        days.anchor(street.day, leaves)
        days.settle(street.day, leaves)
        assert street.passed_over() == {other: SEALED}
        street.settlement.closeThrough([street.holders[2].address], street.day)
        days.contract.handOver(days.community, street.day - 1, street.leaf(before, 2))
        record, _, proof = street.leaf(leaves, 2)
        days.contract.readLate(days.community, street.day, (record, openings[other], proof))

    assert street.gain(attack, home) == -HOURS * KWH // 2 * lost


def test_sealed_leaf__opens_as_nothing_else(street: Days) -> None:
    """Neither as another curve, nor with another salt, nor as another account's; and what it hides
    must be believable."""
    days, contract, (giver, taker) = street.days, street.days.contract, street.numbers
    curves = street.curves | {giver: [RATED + 1] * HOURS}
    leaves, openings = seal_leaves(days.leaves(curves), {giver: bytes(32), taker: b"s" * 32})
    days.anchor(street.day, leaves)
    days.settle(street.day, leaves)
    assert street.passed_over() == dict.fromkeys(street.numbers, SEALED)
    everybody = [holder.address for holder in street.holders]
    street.settlement.closeThrough(everybody, street.day)
    record, _, proof = street.leaf(leaves, TAKER)
    honest = openings[taker]
    for opening in (
        *(honest[:-33] + bytes((honest[-33] ^ 1,)) + honest[-32:], honest[:-32] + bytes(32)),
        *(openings[giver], honest + b"\0", honest[:-1]),
    ):
        with refused("CommunityDays_NotMeasured", taker):
            contract.readLate(days.community, street.day, (record, opening, proof))
    hidden, _, its_proof = street.leaf(leaves, GIVER)
    with refused("CommunityDays_NetsNotBelievable", giver):
        contract.readLate(days.community, street.day, (hidden, openings[giver], its_proof))
    contract.readLate(days.community, street.day, (record, honest, proof))


def test_sealed_leaf__hides_no_consumption(street: Days) -> None:
    """Opened late, it costs what the grid alone costs: at most the sharing is gained back."""
    days, taker = street.days, street.numbers[TAKER]

    def attack() -> None:
        leaves, openings = seal_leaves(days.leaves(street.curves), {taker: bytes(32)})
        days.anchor(street.day, leaves)
        days.settle(street.day, leaves)
        street.settlement.closeThrough([street.holders[TAKER].address], street.day)
        record, _, proof = street.leaf(leaves, TAKER)
        days.contract.readLate(days.community, street.day, (record, openings[taker], proof))

    assert street.gain(attack, TAKER) == -HOURS * KWH * (TARIFF.buy - SHARED_IN)
