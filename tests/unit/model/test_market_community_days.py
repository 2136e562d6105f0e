"""Rules 21, 22 and 24: a community's day in one call. Days of four hours."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from random import Random

import pytest

from tests.model.market import BPS, Account, Leaf, Market, Refused, Rules, moved
from tests.support.examples import Seeds, live_all
from tests.support.toy_market import (
    DAY,
    GRACE,
    HOUR,
    RICH,
    RULES,
    SLOTS,
    TARIFF,
    TODAY,
    household,
    meter,
    new_market,
    of_day,
    refused,
)

TOY = replace(RULES, challenge=2 * HOUR, deadline=3 * DAY)
FIRST = of_day(TODAY)
NOW = TODAY * DAY
END = NOW + DAY
SETTLING = END + 2 * HOUR
"""When the day of leaves that were anchored at its end can be settled."""
LATE = END + 3 * DAY


@pytest.fixture
def market() -> Market:
    """With three members of a community with a gateway, whose meters have shown registers of 0."""
    market = new_market(TOY)
    market.found("section", by_gateway=True)
    for name in ("giver", "small", "large"):
        member(market, name)
    return market


def member(market: Market, name: str, community: str = "section", **household_is: int) -> Account:
    account = household(market, name, **household_is)
    market.join(name, community, NOW - DAY)
    market.read(name, FIRST, (0, 0), NOW)
    market.close([name], TODAY - 1, NOW + GRACE)
    return account


def leaf(*nets: int, first: tuple[int, int] = (0, 0), continues: bool = False) -> Leaf:
    """Registers rise by the nets alone; slots that are not given are 0."""
    nets += (SLOTS - len(nets)) * (0,)
    rise = sum(max(-net, 0) for net in nets), sum(max(net, 0) for net in nets)
    return Leaf(first=first, last=moved(first, (0, 0), rise), nets=nets, continues=continues)


def anchor(market: Market, day: int = TODAY, community: str = "section", **leaves: Leaf) -> None:
    market.anchor(community, day, leaves, (day + 1) * DAY)


def settle(market: Market, day: int = TODAY, community: str = "section") -> dict[str, str]:
    """As soon as it can be."""
    passed_over = market.settle_day(community, day, (day + 1) * DAY + 2 * HOUR)
    market.check()
    return passed_over


def nets_of_day(account: Account, day: int = TODAY) -> list[int]:
    return [account.balances[of_day(day, number)].net for number in range(SLOTS)]


# Anchoring and settling


def test_settle_day__all_measured__shares_as_readings_in_time_would(market: Market) -> None:
    anchor(market, giver=leaf(1000), small=leaf(-500), large=leaf(-1501))
    assert settle(market) == {}
    balances = {name: each.balances[FIRST] for name, each in market.accounts.items()}
    assert (balances["small"].taken, balances["large"].taken) == (249, 750)
    assert balances["giver"].money == 1000 * 18
    assert balances["small"].money == -249 * (18 + 2) - 251 * 30
    assert [each.day for each in market.accounts.values()] == 3 * [TODAY + 1]


def test_anchor__before_the_end__without_a_gateway__or_when_settled__is_refused(
    market: Market,
) -> None:
    with refused("DayNotOver", TODAY, END):
        market.anchor("section", TODAY, {}, END - 1)
    with refused("NoGateway", "street"):
        market.anchor("street", TODAY, {}, END)
    anchor(market)
    settle(market)
    with refused("Settled", "section", TODAY):
        market.anchor("section", TODAY, {}, END)
    with refused("Settled", "section", TODAY):
        settle(market)


def test_settle_day__within_the_challenge__or_before_it_is_final__is_refused(
    market: Market,
) -> None:
    with refused("NotAnchored", "section", TODAY):
        market.settle_day("section", TODAY, LATE)
    anchor(market)
    market.anchor("section", TODAY, {}, END + 1)
    with refused("Challengeable", "section", TODAY, SETTLING + 1):
        market.settle_day("section", TODAY, SETTLING)
    market.prolong(FIRST + 3, FIRST + 4, DAY, END)
    with refused("DayNotFinal", TODAY):
        market.settle_day("section", TODAY, END + DAY + GRACE - 1)
    market.settle_day("section", TODAY, END + DAY + GRACE)


def test_settle_day__absent__sealed__or_left_out__passes_them_over(market: Market) -> None:
    sealed = replace(leaf(-500), status="sealed")
    anchor(market, giver=leaf(1000), small=sealed)
    assert settle(market) == {"small": "sealed"}
    assert [each.day - TODAY for each in market.accounts.values()] == [1, 0, 0]
    # What nobody else took is fed in.
    assert market.accounts["giver"].balances[FIRST].fed_in == 1000


def test_settle_day__who_is_no_member_or_has_no_meter__is_passed_over(market: Market) -> None:
    household(market, "stranger")
    market.detach("small", NOW - 1)
    anchor(market, stranger=leaf(1), small=leaf(1))
    assert settle(market) == {"small": "not a member", "stranger": "not a member"}


@pytest.mark.parametrize(
    "changed",
    [
        {"nets": (8001, -8001, 0, 0), "last": (0, 0)},
        {"last": (32_000, 32_000), "nets": (0, 0, 0, 0)},
        {"last": (16_001, 16_000), "nets": (0, 0, 0, -1)},
        {"last": (0, 501), "nets": (500, 0, 0, 0)},
        {"last": (2**48 - 1, 0), "nets": (1, 0, 0, 0)},
    ],
)
def test_settle_day__what_no_meter_can_show__is_passed_over(
    market: Market, changed: dict[str, tuple[int, ...]]
) -> None:
    anchor(market, giver=replace(leaf(), **changed), small=leaf(8000, -8000, 8000, -8000))
    assert settle(market) == {"giver": "nets not believable"}


def test_settle_day__a_cursor_that_stands_elsewhere__passes_over(market: Market) -> None:
    household(market, "behind")
    market.join("behind", "section", NOW - DAY)
    market.read("behind", FIRST, (0, 0), NOW)
    anchor(market, behind=leaf(1))
    assert settle(market) == {"behind": "other day"}


def test_settle_day__registers_that_do_not_go_on__pass_over(market: Market) -> None:
    anchor(market, giver=leaf(1, first=(0, 5)), small=leaf(1))
    assert settle(market) == {"giver": "other registers"}


def test_settle_day__the_next_day__goes_on_from_the_leaf_before(market: Market) -> None:
    anchor(market, giver=leaf(1000), small=leaf(-500))
    settle(market)
    goes_on = leaf(7, first=(0, 1000), continues=True)
    anchor(market, TODAY + 1, giver=goes_on)
    # All that were measured must be there.
    with refused("RegistersNotContinued", "section", TODAY + 1):
        settle(market, TODAY + 1)
    absent = Leaf(status="absent", first=(500, 0), continues=True)
    anchor(market, TODAY + 1, giver=goes_on, small=absent)
    assert settle(market, TODAY + 1) == {"small": "absent"}
    assert nets_of_day(market.accounts["giver"], TODAY + 1) == [7, 0, 0, 0]


def test_settle_day__registers_that_begin_again_from_0__go_on(market: Market) -> None:
    end = 2**48 - 5
    account = market.accounts["giver"]
    account.exchanged = (0, 5)
    anchor(market, giver=Leaf(first=(0, end), last=(0, 15), nets=(20, 0, 0, 0)))
    with refused("NoContradiction", "giver", FIRST + 1):
        market.contradict("section", TODAY, "giver", FIRST + 1, (0, 20))
    assert settle(market) == {}
    assert account.registers == (0, 20)


# Contradiction


@pytest.mark.parametrize(
    ("end", "registers", "agrees"),
    [
        (0, (0, 0), True),
        (0, (1, 0), False),
        (1, (0, 1000), True),
        (1, (7, 1007), True),
        (1, (0, 1001), False),
        (4, (500, 1000), True),
        (4, (500, 1001), False),
        (4, (501, 1001), False),
    ],
)
def test_contradict__a_device_that_shows_something_else__passes_the_member_over(
    market: Market, end: int, registers: tuple[int, int], agrees: bool
) -> None:
    anchor(market, giver=leaf(1000, -500), small=leaf(-1))
    if agrees:
        with refused("NoContradiction", "giver", FIRST + end):
            market.contradict("section", TODAY, "giver", FIRST + end, registers)
    else:
        market.contradict("section", TODAY, "giver", FIRST + end, registers)
    assert settle(market) == ({} if agrees else {"giver": "contradicted"})


def test_contradict__another_day__an_absent_leaf__or_a_settled_day__is_refused(
    market: Market,
) -> None:
    anchor(market, giver=leaf(1000))
    for end in (FIRST - 1, FIRST + SLOTS + 1):
        with refused("NoContradiction", "giver", end):
            market.contradict("section", TODAY, "giver", end, (0, 0))
    with refused("NotMeasured", "small"):
        market.contradict("section", TODAY, "small", FIRST, (1, 0))
    settle(market)
    with refused("Settled", "section", TODAY):
        market.contradict("section", TODAY, "giver", FIRST, (1, 0))


def test_anchor__again__forgets_what_was_contradicted(market: Market) -> None:
    anchor(market, giver=leaf(1000))
    market.contradict("section", TODAY, "giver", FIRST + 4, (0, 1))
    with refused("Contradicted", "giver", TODAY):
        market.read_late("section", TODAY, "giver", SETTLING)
    anchor(market, giver=leaf(1))
    assert settle(market) == {}


# Closing alone


def test_close__a_gateways_day__waits_until_it_is_settled_or_late(market: Market) -> None:
    assert market.close(["giver", "small"], TODAY, LATE - 1) == 0
    anchor(market, giver=leaf(1000))
    settle(market)
    assert market.close(["giver", "small"], TODAY, SETTLING) == 1
    assert market.close(["large"], TODAY, SETTLING) == 1
    assert market.accounts["large"].balances[FIRST].net == 0


def test_close__after_the_deadline__is_alone_and_shares_nothing(market: Market) -> None:
    assert market.close(["giver", "small", "large"], TODAY, LATE) == 3
    # The gateway is too late for all of them.
    market.anchor("section", TODAY, {"giver": leaf(1)}, LATE)
    assert market.settle_day("section", TODAY, LATE + 2 * HOUR) == {"giver": "other day"}


def test_close__a_member_without_a_meter_on_the_day__waits_for_nobody(market: Market) -> None:
    market.detach("giver", NOW - 1)
    assert market.close(["giver"], TODAY, END + GRACE) == 1


def test_read_late__a_leaf_of_a_closed_day__trues_up_without_sharing(market: Market) -> None:
    anchor(market, giver=leaf(1000, -500), small=leaf(-1000))
    with refused("Challengeable", "section", TODAY, SETTLING):
        market.read_late("section", TODAY, "giver", SETTLING - 1)
    market.close(["giver"], TODAY, LATE)
    worth = market.accounts["giver"].worth
    market.read_late("section", TODAY, "giver", LATE)
    market.check()
    assert market.accounts["giver"].worth - worth == 1000 * 8 - 500 * 30
    assert market.accounts["giver"].late_to == FIRST + SLOTS
    with refused("NothingToRead", "giver", FIRST + SLOTS):
        market.read_late("section", TODAY, "giver", LATE)
    with refused("NotMeasured", "large"):
        market.read_late("section", TODAY, "large", LATE)


def test_read_late__other_registers__are_refused(market: Market) -> None:
    anchor(market, giver=leaf(1, first=(0, 5)))
    market.close(["giver"], TODAY, LATE)
    with refused("OtherRegisters", "giver", (0, 5)):
        market.read_late("section", TODAY, "giver", LATE)


def test_read_late__a_leaf_of_the_first_open_day__brings_registers_to_its_beginning(
    market: Market,
) -> None:
    account = market.accounts["giver"]
    market.close(["giver"], TODAY, LATE)
    now = LATE + DAY
    market.anchor("section", TODAY + 2, {"giver": leaf(7, first=(900, 100))}, now)
    with refused("DaysOpen", "giver", TODAY + 1):
        market.read_late("section", TODAY + 2, "giver", now + 2 * HOUR)
    market.anchor("section", TODAY + 1, {"giver": leaf(7, first=(900, 100))}, now)
    worth = account.worth
    market.read_late("section", TODAY + 1, "giver", now + 2 * HOUR)
    # Where the boundaries within never come: the dearest import, the lowest export.
    assert account.worth - worth == 100 * 8 - 900 * 30
    assert account.read_to == FIRST + SLOTS
    with refused("NothingToRead", "giver", FIRST + SLOTS):
        market.read_late("section", TODAY + 1, "giver", now + 2 * HOUR)
    assert market.settle_day("section", TODAY + 1, now + 2 * HOUR) == {}
    market.check()
    assert nets_of_day(account, TODAY + 1) == [7, 0, 0, 0]


def test_read_late__a_leaf_after_a_single_slot__brings_a_span(market: Market) -> None:
    account = market.accounts["giver"]
    market.close(["giver"], TODAY, LATE)
    market.read("giver", FIRST + 3, (0, 0), LATE, consent=True)
    market.anchor("section", TODAY + 1, {"giver": leaf(first=(100, 900))}, LATE)
    worth = account.worth
    market.read_late("section", TODAY + 1, "giver", LATE + 2 * HOUR)
    # Not the net: the dearest import, the lowest export.
    assert account.worth - worth == 900 * 8 - 100 * 30


def test_read_late__the_last_of_unread_days__gives_back_what_was_deemed(market: Market) -> None:
    account, worth = market.accounts["giver"], market.accounts["giver"].worth
    days = range(TODAY, TODAY + 3)
    now = LATE + 3 * DAY
    for day in days:
        market.anchor("section", day, {"giver": leaf(10, first=(0, 10 * (day - TODAY)))}, now)
    market.close(["giver"], days[-1], now)
    # Three days of an eighth of four hours of 8 kW.
    assert account.deemed_money == 3 * 4000 * 30
    for day in days:
        market.read_late("section", day, "giver", now + 2 * HOUR)
        market.check()
    assert account.deemed_money == 0
    assert account.worth - worth == 30 * 8


def test_read__in_a_gateways_time__is_refused_until_the_day_was_closed_alone(
    market: Market,
) -> None:
    with refused("ReadByGateway", "giver", FIRST + 1):
        market.read("giver", FIRST + 1, (0, 5), LATE)
    market.close(["giver"], TODAY, LATE)
    worth = market.accounts["giver"].worth
    market.read("giver", FIRST + 1, (0, 5), LATE)
    assert market.accounts["giver"].worth - worth == 5 * 8
    market.check()


def test_hand_over__lets_own_readings_go_on_from_the_newest_settled_leaf(market: Market) -> None:
    for day, first in ((TODAY, (0, 0)), (TODAY + 1, (0, 1000))):
        anchor(market, day, giver=leaf(1000, first=first, continues=first != (0, 0)))
        settle(market, day)
    market.close(["giver"], TODAY + 2, LATE + 2 * DAY)
    begin = FIRST + 2 * SLOTS
    with refused("ReadByGateway", "giver", begin + 1):
        market.read("giver", begin + 1, (3, 2000), LATE + 2 * DAY)
    with refused("NotNewest", "giver", TODAY + 2):
        market.hand_over("section", TODAY, "giver")
    market.hand_over("section", TODAY + 1, "giver")
    with refused("NotNewer", begin, begin):
        market.hand_over("section", TODAY + 1, "giver")
    market.read("giver", begin + 1, (3, 2000), LATE + 2 * DAY)
    market.check()
    assert market.accounts["giver"].late_net == -3


def test_read_late__after_settled_days__needs_the_hand_over(market: Market) -> None:
    anchor(market, giver=leaf(1000))
    settle(market)
    anchor(market, TODAY + 1, giver=leaf(2, first=(0, 1000), continues=True))
    market.close(["giver"], TODAY + 1, LATE + DAY)
    with refused("NotHandedOver", "giver", TODAY + 1):
        market.read_late("section", TODAY + 1, "giver", LATE + DAY)
    market.hand_over("section", TODAY, "giver")
    market.read_late("section", TODAY + 1, "giver", LATE + DAY)
    market.check()


def test_exchange__of_a_device__the_accounts_registers_go_on(market: Market) -> None:
    market.exchange("giver", 8000, (0, 0), (500, 600))
    anchor(market, giver=leaf(1000))
    assert settle(market) == {}
    assert market.accounts["giver"].registers == (500, 1600)
    market.check()


# Gaps


def test_gap__of_a_member__opens_where_the_gateway_has_failed(market: Market) -> None:
    anchor(market, giver=leaf(1000))
    assert market.gap_of("small", SETTLING) is None
    settle(market)
    # Neither the day before, nor what is not settled yet, is missing for who was settled.
    assert market.gap_of("giver", SETTLING) is None
    last = FIRST + SLOTS
    assert market.gap_of("small", SETTLING) == last
    market.close(["small"], TODAY, SETTLING)
    assert market.gap_of("small", SETTLING) == last
    market.read("small", last, (500, 0), SETTLING, consent=True)
    assert market.gap_of("small", SETTLING) is None
    assert market.gap_of("giver", LATE + DAY - 1) is None
    assert market.gap_of("giver", LATE + DAY) == FIRST + 5 * SLOTS - 2


def test_gap__of_a_detached_meter__ends_with_its_last_settled_day(market: Market) -> None:
    market.detach("giver", NOW)
    anchor(market, giver=leaf(1000))
    settle(market)
    market.close(["giver"], TODAY + 2, LATE)
    assert market.gap_of("giver", LATE) is None
    market.release_security("giver", LATE)


# Communities that follow each other


@pytest.mark.parametrize("is_handed_over", [False, True])
def test_settle_day__of_the_next_community__needs_registers_of_the_meter_itself(
    market: Market, is_handed_over: bool
) -> None:
    """The gateway could list who is no member yet, and say anything of its registers."""
    market.found("other", by_gateway=True)
    market.leave("giver", NOW)
    market.join("giver", "other", NOW + 4 * DAY)
    first = (0, 0)
    for day in range(TODAY, TODAY + 5):
        anchor(market, day, giver=leaf(1000, first=first, continues=day > TODAY))
        settle(market, day)
        first = (0, first[1] + 1000)
    anchor(market, day, "other", giver=leaf(5, first=(0, 4995)))
    assert settle(market, day, "other") == {"giver": "not a member"}
    if is_handed_over:
        market.hand_over("section", day, "giver")
    anchor(market, day + 1, "other", giver=leaf(5, first=first, continues=True))
    passed_over = {} if is_handed_over else {"giver": "other registers"}
    assert settle(market, day + 1, "other") == passed_over


# Coefficients


def test_set_coefficient__higher__is_an_offer__lower__is_beyond_the_horizon(
    market: Market,
) -> None:
    market.found("static", by_gateway=True, is_static=True)
    account = member(market, "home", "static")
    market.set_coefficient("static", "home", 4000, NOW)
    assert (account.offer, account.coefficient.last) == (4000, 0)
    with refused("OtherOffer", "home", 3999, 4000):
        market.accept_coefficient("home", 3999, NOW)
    market.accept_coefficient("home", 4000, NOW)
    with refused("OtherOffer", "home", 4000, 0):
        market.accept_coefficient("home", 4000, NOW)
    assert [account.coefficient.at(day) for day in (TODAY, TODAY + 1)] == [0, 4000]
    market.set_coefficient("static", "home", 1000, NOW)
    assert [account.coefficient.at(TODAY + each) for each in (4, 5)] == [4000, 1000]
    market.leave("home", NOW + DAY)
    assert account.coefficient.at(TODAY + 6) == 0


def test_accept_coefficient__more_than_is_left__is_refused_until_somebody_has_less(
    market: Market,
) -> None:
    market.found("static", by_gateway=True, is_static=True)
    for name, bps in (("one", 7000), ("two", 3000)):
        member(market, name, "static")
        market.set_coefficient("static", name, bps, NOW)
        market.accept_coefficient(name, bps, NOW)
    market.set_coefficient("static", "two", 3001, NOW)
    with refused("CoefficientsFull", "static", 7000, 3001):
        market.accept_coefficient("two", 3001, NOW)
    market.set_coefficient("static", "one", 6999, NOW)
    with refused("CoefficientsFull", "static", 7000, 3001):
        market.accept_coefficient("two", 3001, NOW + 3 * DAY)
    market.accept_coefficient("two", 3001, NOW + 4 * DAY)


def test_set_coefficient__above_all__of_a_stranger__or_by_the_dynamic_key__is_refused(
    market: Market,
) -> None:
    market.found("static", by_gateway=True, is_static=True)
    with refused("NotStatic", "section"):
        market.set_coefficient("section", "giver", 1, NOW)
    with refused("CoefficientAbove", BPS + 1, BPS):
        market.set_coefficient("static", "giver", BPS + 1, NOW)
    with refused("NotMember", "giver", "static"):
        market.set_coefficient("static", "giver", 1, NOW)
    with refused("NoGateway", "plain"):
        market.found("plain", is_static=True)


def test_settle_day__static_key__takes_its_part_and_givers_share_what_is_taken(
    market: Market,
) -> None:
    market.found("static", by_gateway=True, is_static=True)
    parts = {"one": 5000, "two": 3333, "three": 0}
    for name in ("sun", "roof", *parts):
        member(market, name, "static").coefficient.set(TODAY, parts.get(name, 0))
    leaves = {"sun": 1000, "roof": 501, "one": -400, "two": -900, "three": -900}
    anchor(market, community="static", **{name: leaf(net) for name, net in leaves.items()})
    assert settle(market, community="static") == {}
    balances = {name: market.accounts[name].balances[FIRST] for name in leaves}
    # 750 are one's part; 1501 * 3333 // 10000 two's.
    assert [balances[name].taken for name in parts] == [400, 500, 0]
    assert [balances[name].given for name in ("sun", "roof")] == [599, 300]
    assert balances["two"].money == -500 * (18 + 2) - 400 * 30


# Rule 24: whatever way the same registers come in, the bill is the same


class Street:
    """Random members, positions, debts, credits and nets; made the same as often as one likes."""

    def __init__(self, seed: int, size: int, *, is_static: bool) -> None:
        draws = Random(seed)
        self.rules = Rules(slot_seconds=draws.choice((900, 3600)))
        self.is_static, self.seed, self.size = is_static, seed, size
        self.names = [f"home {number}" for number in range(size)]
        self.days = range(TODAY, TODAY + 2)
        nets = (0, draws.randint(1, 9), 300, 2000)
        self.nets = {
            (name, day): [
                draws.choice((-1, 1)) * draws.randint(0, draws.choice(nets))
                for _ in self.rules.slots(day)
            ]
            for name in self.names
            for day in self.days
        }

    def market(self, *, by_gateway: bool) -> Market:
        draws = Random(self.seed)
        market = Market(self.rules, TARIFF, 5)
        market.fund_grid(draws.choice((0, RICH)))
        market.found(
            "section",
            draws.choice((0, 3333, BPS)),
            by_gateway=by_gateway,
            is_static=self.is_static,
        )
        before = (TODAY - 1) * self.rules.day_seconds
        left = BPS
        for name in self.names:
            account = market.open(name, before)
            market.deposit(name, draws.choice((0, 10**4, RICH)))
            market.attach(name, 8000, (0, 0), 0, before)
            account.deemed = draws.choice((0, 999))
            market.join(name, "section", before)
            market.set_keeps(name, draws.random() < 0.5, before)
            account.coefficient.set(TODAY, coefficient := draws.randint(0, min(left, 300)))
            left -= coefficient
        for _ in range(self.size):
            buyer, seller = (draws.choice(self.names) for _ in range(2))
            first = TODAY * self.rules.day_slots + draws.randrange(self.rules.day_slots)
            wh, price = draws.choice((1, 500)), draws.randint(0, 40)
            with suppress(Refused):
                market.trade(buyer, seller, range(first, first + 1), wh, price, before)
        return market

    def settle(self) -> Market:
        """By leaves."""
        market = self.market(by_gateway=True)
        ends = dict.fromkeys(self.names, (0, 0))
        for name in self.names:
            begin = TODAY * self.rules.day_seconds
            market.read(name, self.rules.slots(TODAY).start, (0, 0), begin)
        market.close(self.names, TODAY - 1, begin + self.rules.grace)
        for day in self.days:
            leaves = {}
            for name in self.names:
                nets, first = self.nets[name, day], ends[name]
                ends[name] = moved(first, (0, 0), _rise(nets))
                leaves[name] = Leaf(
                    first=first, last=ends[name], nets=(*nets,), continues=day > TODAY
                )
            now = (day + 1) * self.rules.day_seconds
            market.anchor("section", day, leaves, now)
            assert market.settle_day("section", day, now + self.rules.challenge) == {}
            market.check()
        return market

    def close(self) -> Market:
        """Account by account, by readings in time."""
        market = self.market(by_gateway=False)
        market.close(self.names, TODAY - 1, TODAY * self.rules.day_seconds + self.rules.grace)
        for day in self.days:
            for name in self.names:
                meter(market, name, *self.nets[name, day], day=day)
            now = (day + 1) * self.rules.day_seconds + self.rules.grace
            assert market.close(self.names, day, now) == self.size
            market.check()
        return market


def _rise(nets: list[int]) -> tuple[int, int]:
    return sum(max(-net, 0) for net in nets), sum(max(net, 0) for net in nets)


def compare_ways(seed: int, size: int = 0) -> None:
    """Everything of every account, and the grid account."""
    street = Street(seed, size or Random(seed).randint(1, 160), is_static=False)
    one, other = street.settle(), street.close()
    fields = ("free", "debt", "receivable", "credits", "deemed", "day", "registers", "balances")
    for name in street.names:
        found, wanted = one.accounts[name], other.accounts[name]
        assert [getattr(found, each) for each in fields] == [
            getattr(wanted, each) for each in fields
        ], (seed, name)
    assert (one.cash, one.credits_paid, [*one.queue]) == (
        other.cash,
        other.credits_paid,
        [*other.queue],
    )


@pytest.mark.parametrize(("seed", "size"), [(0, 1), (1, 2), (2, 3), (3, 20), (4, 160), (5, 160)])
def test_settle_day__dynamic_key__is_the_bill_of_readings_in_time(seed: int, size: int) -> None:
    compare_ways(seed, size)


def test_settle_day__other_streets__is_the_bill_of_readings_in_time(seeds: Seeds) -> None:
    """Other ones in every run."""
    live_all(seeds(1), compare_ways)


@pytest.mark.parametrize(("seed", "size"), [(0, 1), (1, 2), (2, 7), (3, 60), (5, 160)])
def test_settle_day__static_key__shares_by_its_formulas(seed: int, size: int) -> None:
    street = Street(seed, size, is_static=True)
    market = street.settle()
    for day in street.days:
        for slot in street.rules.slots(day):
            surplus, deficit, taken = {}, {}, {}
            for name in street.names:
                account = market.accounts[name]
                net, rest = account.net[slot], account.net[slot] + account.position[slot]
                surplus[name] = max(0, min(net, rest))
                deficit[name] = max(0, min(-net, -rest))
            supply = sum(surplus.values())
            for name in street.names:
                beta = market.accounts[name].coefficient.at(day)
                taken[name] = min(deficit[name], beta * supply // 10_000)
            shared = sum(taken.values())
            for name in street.names:
                balance = market.accounts[name].balances[slot]
                given = surplus[name] * shared // supply if supply else 0
                assert (balance.taken, balance.given) == (taken[name], given), (seed, name)
