"""Random weeks of the whole market: money and energy of all are the model's after every step."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from tests.invariant.test_energy_model import HOMES, NAMES, RATED
from tests.invariant.test_settlement_model import MoneyLife
from tests.invariant.test_trading_model import RandomBook
from tests.model.market import BPS, DAY, Account, Market, Refused, Tariff, plus, up
from tests.support.core.settlement_suite import EXACT
from tests.support.core.trading_world import BUY, SELL
from tests.support.core.whole_market import CHAIN_ONLY, Offer, WholeWorld
from tests.support.examples import Seeds, live_all

REFUSALS = CHAIN_ONLY | {
    *("", "InsufficientBalance", "InDebt", "NoDebt", "GapOpen", "NothingToClose", "DaysOpen"),
    *("Skipped", "NotNewer", "FromFuture", "NoMeter", "Implausible", "ImplausibleEnergy"),
    "RegisterDecreased",
    *("HasMeter", "SecurityTaken", "Detached", "InactiveMeter", "Replayed", "Conflicting"),
    *("IsMember", "NoDebt", "WithinHorizon", "ThetaAbove", "CreditValueRises", "FeedInAbove"),
    *("FeedInBelowCredit", "SlotFinal", "OutageOpen", "TooLong", "PriceAbove", "CollectAbove"),
    *("CreditsMissing", "GridAccountShort", "ERC20InsufficientBalance", "Inactive", "SideBlocked"),
    *("SelfTrade", "OfferNotOpen", "TradeNotPending", "NotParty", "NotSeller", "AboveRemaining"),
    *("GateClosed", "BeyondHorizon", "ExpiryInPast", "NotActive", "NotOwner", "WrongSide"),
    *("Expired", "PeriodMismatch", "NotCrossing", "Refused", "PowerAbove", "RegistersMissing"),
    *("NothingProlonged", "BadRange", "TooFarAhead"),
}
"""All names that either side may give."""
STOPPABLE = ("Settlement", "EnergyTrading", "PeerToPeerTrading")


class _Book(RandomBook):
    """Orders of all kinds in a world that others change, too."""

    names = NAMES

    def __init__(self, world: WholeWorld, tariff: Tariff, draws: Random) -> None:
        self.random, self.slot, self.tariff = draws, world.rules.slot_seconds, tariff
        self.world, self.nonce = world.book, 0

    def any(self) -> None:
        """One of what people do with orders."""
        kinds = [self.place] * 3 + [self.match] * 4 + [self.cancel] + [self.batch] * 3
        self.random.choice(kinds)()


class WholeLife(MoneyLife):
    """The lives of the other suites, in one world."""

    world: WholeWorld

    def __init__(self, seed: int, slot: int | None = None) -> None:
        self.draws = draws = Random(seed)
        slot = slot or draws.choice((900, 3600))
        tariff, start = self.tariff(), draws.randint(20_000, 20_006) * DAY + draws.randrange(DAY)
        self.world = world = WholeWorld(
            *(tariff, draws.choice((0, 50, 80))),
            slot=slot,
            start=start,
            outflow=draws.choice((10**15, 10**6)),
        )
        world.add_region("region 1", self.tariff())
        self.shown, self.mute, self.trouble = {}, {}, draws.choice((0.02, 0.15, 0.4))
        self.calls = self.closed = 0
        self.poor = draws.choice((16_500, 60_000, 10**6))
        if draws.random() < 0.5:
            world.fund(draws.choice((10, 10**3, 10**7)))
        for name in NAMES:
            region = "region 1" if name == "far" else "home"
            world.open(name, draws.choice((self.poor, 10**7)), region)
        for community, region in (("street", "home"), ("village", "home"), ("beach", "region 1")):
            world.found(community, draws.choice((0, 1, 3333, 5000, 10_000)), region)
        for name in HOMES:
            world.attach(name, RATED, (0, 0))
            self.shown[name] = {world.slot: (0, 0)}
            world.join(name, "beach" if name == "far" else "street")
            world.set_keeps(name, draws.random() < 0.5)
        self.dry = draws.random() < 0.4
        scale = slot // 900
        self.sun = {name: draws.randint(-900, 900) * scale for name in HOMES}
        self.acts = draws.choice((20, 40, 70))
        self.book = _Book(world, tariff, draws)

    def live(self, days: int) -> None:
        """Slots pass, meters speak, people act."""
        world, draws, slots = self.world, self.draws, self.world.rules.day_slots
        for _ in range(days * slots):
            self.next_slot(draws.choice((0, 0, 0, 1, 450, 899)))
            if draws.random() < 0.95:
                self.read()
                world.step()
            for _ in range(int(self.acts / slots + draws.random())):
                self.anything()
                world.step()
            if draws.random() < 2 / slots:
                self.close()
                world.step()
            if draws.random() < 0.05 / slots:
                self.sleep(draws.choice((1, 3, 10, 33)))

    def sleep(self, days: int) -> None:
        """Nobody reads a meter."""
        end = self.world.slot + days * self.world.rules.day_slots
        while self.world.slot < end:
            self.next_slot(0)
        for name in HOMES:
            # What was lost is skipped, by those who do not catch up in order.
            if self.draws.random() < 0.7:
                ends = self.shown[name]
                newest = self.world.slot
                self.world.read([(name, newest, ends[newest])], consent=self.draws.random() < 0.8)
        self.world.step()

    def close(self) -> None:
        """Any accounts, in any order, or the parties of a trade."""
        world, draws = self.world, self.draws
        if world.book.trades and draws.random() < 0.3:
            self.closed += world.settle(draws.choice(world.book.trades[-9:]))
            return
        names = draws.sample(NAMES, draws.randint(1, len(NAMES)))
        self.closed += world.close(names, world.today - draws.choice((0, 1, 1, 2, 9)))

    def anything(self) -> None:
        """One of all calls."""
        self.draws.choice(
            [self.book.any] * 6
            + [self.money] * 5
            + [self.credit] * 4
            + [self.spot] * 3
            + [self.member] * 2
            + [self.authority] * 3
            + [self.oracle] * 2
            + [self.meter]
        )()

    def money(self) -> None:
        """In, out, debts, and the running slot."""
        world, draws = self.world, self.draws
        name, other = draws.sample(NAMES, 2)
        account = world.account(name)
        match draws.randrange(9):
            case 0:
                world.deposit(name, draws.choice((1, 30, self.poor, 10**5)))
            case 1:
                world.deposit(name, draws.choice((1, 10**4)), payer=other)
            case 2 | 3:
                free = account.free // EXACT
                world.withdraw(name, draws.choice((1, 10, free // 2 + 1, free + 1)))
            case 4:
                owing = [each for each in NAMES if world.account(each).debt] or [name]
                world.repay(draws.choice(owing), draws.choice((1, 500, 10**6)))
            case 5 if world.withdrawals:
                world.cancel_withdrawal(draws.randrange(len(world.withdrawals)))
            case 6 if world.withdrawals:
                world.execute_withdrawal(draws.randrange(len(world.withdrawals)))
            case _:
                limit = draws.choice((None, None, 10, 500, 10**6))
                world.consume(name, draws.choice((1, 700)), limit)

    def credit(self) -> None:
        """Credits of accounts and as tokens."""
        world, draws = self.world, self.draws
        rich = [each for each in NAMES if world.account(each).credits] or list(NAMES)
        name, other = draws.choice(rich), draws.choice(NAMES)
        credits = world.account(name).credits
        match draws.randrange(6):
            case 0:
                world.redeem(name, draws.randint(1, credits + 1))
            case 1 | 2:
                world.withdraw_credits(name, draws.choice((1, credits // 2 + 1, credits + 1)))
            case 3:
                world.deposit_credits(draws.choice(NAMES))
            case 4:
                tokens = world.market.tokens[name]
                world.transfer(name, other, draws.randint(0, tokens + (draws.random() < 0.1)))
            case 5:
                world.set_keeps(name, draws.random() < 0.5)

    def spot(self) -> None:
        """Offers to all, and to one."""
        world, draws = self.world, self.draws
        name, other = draws.sample(NAMES, 2)
        offers = world.market.offers
        place = len(offers) - 1 - draws.randrange(min(len(offers), 4)) if offers else -1
        match draws.randrange(5):
            case 0 | 1:
                holders = [each for each in NAMES if world.market.tokens[each]] or [name]
                seller = draws.choice(holders)
                wh = draws.randint(1, max(1, world.market.tokens[seller])) + (draws.random() < 0.1)
                price, buyer = draws.choice((1, 90, 300)), draws.choice(("", other))
                world.offer(Offer(seller, wh, price, buyer))
            case 2 | 3 if offers:
                buyer = offers[place].buyer or name
                wh = draws.randint(1, offers[place].remaining + 1)
                world.accept(place, other if draws.random() < 0.1 else buyer, wh)
            case 4 if offers:
                world.take_back(place, draws.choice((offers[place].seller, other)))

    def member(self) -> None:
        """Communities."""
        world, draws = self.world, self.draws
        name = draws.choice(NAMES)
        match draws.randrange(3):
            case 0:
                world.join(name, draws.choice(("street", "village", "beach")))
            case 1:
                world.leave(name, suspended=draws.random() < 0.6)
            case 2:
                day = world.rules.beyond_horizon(world.now) + draws.randint(-1, 3)
                world.set_theta(draws.choice(("street", "village")), draws.randint(0, 10_001), day)

    def authority(self) -> None:
        """The supplier, the guardian and those who set prices."""
        world, draws = self.world, self.draws
        beyond = world.rules.beyond_horizon(world.now) + draws.randint(0, 3)
        match draws.randrange(9):
            case 0:
                world.set_tariff(draws.choice(world.regions), self.tariff(), beyond)
            case 1:
                world.set_credit_value(draws.randint(0, 80), beyond)
            case 2:
                world.set_buy_price(draws.choice(world.regions), draws.randint(250, 400))
            case 3:
                begin = world.slot + draws.randint(-4, 4)
                seconds = draws.choice((0, 3600, DAY, 7 * DAY, 7 * DAY + 1))
                world.prolong(range(begin, begin + draws.randint(1, 40)), seconds)
            case 4 if not self.dry:
                world.fund(draws.choice((1, 50, 10**4)))
            case 5:
                cash = (world.market.cash + world.market.protocol_fees) // EXACT
                world.collect(draws.choice((1, cash // 2 + 1, cash + 1)))
            case 6:
                world.set_outflow(draws.choice((1, 10**5, 10**15)))
            case 7:
                # Nothing is stopped for long.
                stopped = [each for each in STOPPABLE if world.is_stopped(each)]
                world.toggle_stop(draws.choice(stopped or STOPPABLE))
            case 8:
                blocked = [*world.market.blocked]
                side = draws.choice(sorted(blocked) or [(draws.choice(NAMES), SELL)])
                world.toggle_side(*side if blocked else (side[0], draws.choice((BUY, SELL))))

    def oracle(self) -> None:
        """Rounds, and emergencies."""
        oracles, draws = self.world.oracles, self.draws
        region = draws.choice(self.world.regions)
        match draws.randrange(6):
            case 0:
                oracles.report(oracles.report_price, draws.randint(100, 900))
            case 1:
                weather = draws.randint(0, 1_000), draws.randint(-500, 3_000), 800, 0
                oracles.report(oracles.report_weather, region, weather)
            case 2:
                oracles.confirm_grid(region)
            case 3:
                oracles.toggle()
            case 4:
                oracles.implement(region, draws.randrange(5))
            case _:
                state = draws.randint(500, 1_500), draws.randint(900, 1_100), 5_000, 100
                oracles.report(oracles.report_grid, region, state)
        oracles.compare(region)

    def meter(self) -> None:
        """Other devices, and readings that move nothing."""
        world, draws = self.world, self.draws
        home = draws.choice(HOMES)
        shown = self.shown[home][world.slot]
        match draws.randrange(6):
            case 0:
                new = (draws.randint(0, 999), 5)
                if world.exchange(home, draws.choice((RATED, RATED + 5000)), new, shown):
                    self.shown[home] = {world.slot: new}
            case 1:
                self.change_meter(home)
            case 2:
                world.detach(home)
            case 3:
                more = max(shown[0], 0) + draws.randint(0, 9), max(shown[1], 0)
                world.read_between(home, more)
            case 4:
                world.release(draws.choice(NAMES))
            case 5:
                earlier = draws.choice([*self.shown[home]])
                wrong = plus(self.shown[home][earlier][0] - draws.choice((0, 0, 90))), shown[1]
                end = draws.choice((earlier, world.slot + 1))
                world.read([(home, end, wrong)], consent=draws.random() < 0.3)


def _run(seed: int, days: int = 0) -> WholeLife:
    """Slots of 900 s in odd worlds, of 3600 s in even ones."""
    life = WholeLife(seed, 900 if seed % 2 else 3600)
    try:
        life.live(days or (5 if seed % 2 else 15))
        # All that can be traded has passed, and every outage.
        life.sleep(24)
        life.closed += life.world.close(NAMES, life.world.today)
        life.world.step()
        assert not any(map(life.world.pot_of, NAMES))
        life.world.compare_all()
    except BaseException as failure:
        failure.add_note(f"seed {seed}, step {life.world.steps}, time {life.world.now}")
        raise
    return life


def live(seed: int) -> WholeLife:
    """As the tests below; nothing is refused for another reason."""
    life = _run(seed)
    assert set(life.world.refusals) <= REFUSALS
    return life


# In the last one more receivables wait than a call serves, and charges set them off meanwhile.
@pytest.mark.parametrize("seed", [*range(8), 1_007_861_798])
def test_a_random_life__is_the_models(seed: int) -> None:
    life = live(seed)
    assert life.closed
    assert life.world.book.orders


def test_other_lives__agree_with_the_model(seeds: Seeds) -> None:
    """Other ones in every run; a hundred times as many in a soak."""
    live_all(seeds(1), live)


def _dearer(self: Market, account: Account, slot: int) -> int:
    return _deficit_price(self, account, slot) + 1


def _shared_down(self: Tariff, theta: int) -> int:
    return self.feed_in + theta * (self.buy - self.network_fee - self.feed_in) // BPS


def _credits_first(self: Market, account: Account, value: int) -> None:
    used = min(account.credits, account.debt // value) if value else 0
    account.credits -= used
    self.credits_paid += used
    account.debt -= used * value
    _repay(self, account, value)


def _takes_more(self: Market, account: Account, slot: int) -> tuple[int, int]:
    taken, given = _shared(self, account, slot)
    return taken + (taken > 0), given


def _less_cover(self: Tariff) -> int:
    return up(self.buy * self.max_factor, BPS) - 1


_deficit_price, _repay, _shared = Market.deficit_price, Market._repay, Market.shared


@pytest.mark.parametrize(
    ("of", "name", "broken", "seed"),
    [
        (Market, "deficit_price", _dearer, 0),
        (Tariff, "shared", _shared_down, 2),
        (Market, "_repay", _credits_first, 10),
        (Market, "shared", _takes_more, 0),
        (Tariff, "max_buy", property(_less_cover), 0),
    ],
    ids=["price", "rounding", "order of repayment", "floor of sharing", "cover"],
)
def test_a_broken_model__is_seen(
    of: type, name: str, broken: Any, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of, name, broken)
    with pytest.raises((AssertionError, Refused)):
        _run(seed)
