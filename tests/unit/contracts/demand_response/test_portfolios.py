"""Portfolios of aggregators: what their members come to together, and the fee."""

from __future__ import annotations

from random import Random

import pytest

from energy_grid.domain.baselines import PortfolioMember, counted_of
from energy_grid.domain.demand_response import portfolio_rewards
from energy_grid.domain.enums import ParticipationStatus
from tests.support.core.chain import refused
from tests.unit.contracts.demand_response.world import RATE, RATED, SLOT, STRANGER, DemandWorld

AGGREGATOR = "0x" + 39 * "0" + "A"
FEE_BPS = 1_000
TARGET = 9


class Street:
    """Households that joined through an aggregator, and an event of two hours.

    Args:
        nets: Wh in each slot of the event, by household; 1,000 Wh of import are usual.
        spread: Wh by which the days before it differ, up and down.
    """

    def __init__(self, *nets: int | None, committed: int = 100, spread: int = 0) -> None:
        self.world = world = DemandWorld(similar_days=4)
        self.program = world.program(target=TARGET)
        self.houses = [f"0x{0x100 + at:040x}" for at in range(len(nets))]
        for at, house in enumerate(self.houses):
            world.add_meter(house, 20 + at)
            world.enrolments.acceptMember(self.program, house, committed, FEE_BPS, by=AGGREGATOR)
            world.demand.joinThrough(self.program, committed, AGGREGATOR, FEE_BPS, by=house)
        world.chain.set_time(world.now + 1)
        world.event = world.announce(self.program, start=(world.running + 12) * SLOT, target=TARGET)
        for at, net in enumerate(nets):
            similar = [back for back in range(1, 12) if world.is_similar(back)]
            for place, back in enumerate(similar):
                world.draw(-1_000 + (spread if place % 2 else -spread), back, 20 + at)
                world.spend_morning(-1_000, back, 20 + at)
            world.spend_morning(-1_000, number=20 + at)
            world.draw(net, number=20 + at)
        world.chain.set_time(world.final_at)

    def verify(self) -> None:
        """All of them, in any order, once those who are not read can be."""
        self.world.chain.set_time(max(self.world.now, self.world.unread_from))
        houses = list(self.houses)
        Random(1).shuffle(houses)
        for house in houses:
            self.world.verify(house)

    @property
    def counted(self) -> int:
        """W of the portfolio."""
        return int(self.world.enrolments.getPortfolio(self.world.event, AGGREGATOR)[1])


def test_portfolio__members_who_used_more__are_netted() -> None:
    """3,600 and 400 W less, and 2,000 W more: 2,000 W, shared by those who used less."""
    street = Street(-100, -900, -1_500)
    street.verify()
    world = street.world
    assert street.counted == world.known.total_reduction_w == 2_000
    assert world.enrolments.shareOf(world.event, AGGREGATOR, 3_600) == 1_800
    world.complete()
    rewards = [2_000 * part // 4_000 * RATE // 1_000 for part in (3_600, 400)]
    fees = [reward * FEE_BPS // 10_000 for reward in rewards]
    assert world.demand.distributeRewards(world.event, 100, by=STRANGER)
    paid = [world.wallet(house) for house in street.houses]
    assert paid == [reward - fee for reward, fee in zip(rewards, fees, strict=True)] + [0]
    assert world.participation(street.houses[0]).reward_amount == paid[0]
    assert world.participation(street.houses[0]).aggregator == AGGREGATOR
    assert world.participation(street.houses[2]).status is ParticipationStatus.REJECTED
    assert world.demand.feesOf(AGGREGATOR) == sum(fees)
    assert world.known.paid == sum(rewards)

    world.demand.claimFees(STRANGER, by=AGGREGATOR)
    paid_out = {"aggregator": AGGREGATOR, "to": STRANGER, "amount": sum(fees)}
    assert world.log("FeesPaid") == paid_out
    assert world.wallet(STRANGER) == sum(fees)
    with refused("DemandResponse_NothingToClaim", AGGREGATOR):
        world.demand.claimFees(STRANGER, by=AGGREGATOR)


def test_portfolio__claimed_by_a_member__its_fee_is_earned_then() -> None:
    street = Street(-100)
    street.verify()
    world, (house,) = street.world, street.houses
    world.complete()
    world.demand.claimReward(world.event, house, by=house)
    reward = 3_600 * RATE // 1_000
    fee = reward * FEE_BPS // 10_000
    earned = {"event_id": world.event, "aggregator": AGGREGATOR, "consumer": house, "amount": fee}
    assert world.log("FeeEarned") == earned
    assert (world.wallet(house), world.demand.feesOf(AGGREGATOR)) == (reward - fee, fee)
    assert not world.demand.distributeRewards(world.event, 100, by=STRANGER) or (
        world.demand.feesOf(AGGREGATOR) == fee
    )


def test_portfolio__chance_of_many__adds_up_less_than_their_reductions() -> None:
    """Each of 16 took 800 W less, by which its days differ: alone it earns nothing, together
    they do."""
    street = Street(*[-800] * 16, spread=180)
    street.verify()
    world = street.world
    minimum = world.participation(street.houses[0]).minimum_w
    assert 800 < minimum < 4 * 800
    assert street.counted == 16 * 800
    alone = Street(-800, spread=180)
    alone.verify()
    assert alone.counted == 0


def test_portfolio__less_than_half_of_its_commitments__nothing_and_no_own_misses() -> None:
    for nets, counted in (((-700, -1_000), 1_200), ((-701, -1_000), 0)):
        street = Street(*nets, committed=1_200)
        street.verify()
        assert street.counted == counted
        assert street.world.enrolment(street.houses[1]).missed == 0


def test_portfolio__a_member_hides_its_readings__counts_as_all_that_it_could_use() -> None:
    """Who used more cannot leave the sum: it would be worth 100 W less, its minimum, alone. Wh of a
    slot are rounded up."""
    street = Street(*[-100] * 5, None)
    street.verify()
    assert street.counted == 5 * 3_600 - (RATED + 2 - 4_000)
    street = Street(*[-100] * 3, None)
    street.verify()
    assert street.counted == 0
    street = Street(-100, -5_000)
    world = street.world
    world.demand.leaveProgram(street.program, by=street.houses[1])
    street.verify()
    assert street.counted == 0


def test_share_of__a_portfolio_without_reductions__nothing() -> None:
    street = Street(-1_500)
    share_of, event = street.world.enrolments.shareOf, street.world.event
    assert share_of(event, AGGREGATOR, 100) == share_of(event, STRANGER, 100) == 0
    street.verify()
    assert share_of(event, AGGREGATOR, 100) == 0


@pytest.mark.parametrize("seed", range(8))
def test_portfolio__at_random__as_in_the_model(seed: int) -> None:
    draws = Random(seed)
    committed, spread = draws.choice((100, 900)), draws.choice((0, 50, 200))
    levels = (-100, -600, -900, -1_000, -1_400, None)
    nets = [draws.choice(levels) for _ in range(draws.randint(1, 7))]
    street = Street(*nets, committed=committed, spread=spread)
    street.verify()
    world = street.world
    found = [world.participation(house) for house in street.houses]
    for at, one in enumerate(found):
        assert one.actual_usage_w == world.actual(committed, 20 + at)
    members = [PortfolioMember(one.reduction_w, one.minimum_w, committed) for one in found]
    assert street.counted == counted_of(members) == world.known.total_reduction_w
    world.complete()
    rewards = portfolio_rewards(TARGET, RATE, members, fee_bps=FEE_BPS)
    assert [world.participation(house).reward_amount for house in street.houses] == [
        reward for reward, _ in rewards
    ]
    world.demand.distributeRewards(world.event, 100, by=STRANGER)
    assert world.demand.feesOf(AGGREGATOR) == sum(fee for _, fee in rewards)
