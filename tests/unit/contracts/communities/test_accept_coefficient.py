"""Communities.acceptCoefficient."""

from __future__ import annotations

from eth_utils.address import to_checksum_address

from tests.support.core.chain import refused
from tests.support.core.energy_suite import DAY, EnergyWorld
from tests.unit.contracts.communities.suite import FORWARDER, STRANGER, append, found, table
from tests.unit.contracts.communities.test_set_coefficient import NORTH, static

__all__ = ["static"]

SOUTH = 2


def second(world: EnergyWorld, bps: int) -> str:
    """Another member of community 3, with an offer."""
    world.metered("second")
    address = world.address("second")
    world.communities.join(3, by=address)
    world.communities.setCoefficient(3, address, bps, by=world.authority)
    return address


def test_accept_coefficient__an_offer__holds_from_tomorrow(static: EnergyWorld) -> None:
    communities, address = static.communities, second(static, 8_000)
    tomorrow = static.today + 1
    account = to_checksum_address(address)
    with refused("Communities_OtherOffer", account, 7_999, 8_000):
        communities.acceptCoefficient(7_999, by=address)
    communities.acceptCoefficient(8_000, by=address)
    (log,) = static.chain.logs
    accepted = {"id": 3, "account": account, "bps": 8_000, "day": tomorrow}
    assert log[1:] == ("CoefficientSet", accepted)
    assert table(static, SOUTH, range(tomorrow - 1, tomorrow + 2)) == [0, 8_000, 8_000]
    assert static.communities.coefficientsOn(tomorrow, [SOUTH, NORTH, 9]) == (8_000, 2_000, 0)
    assert communities.offerOf(address) == 0
    for bps in (0, 8_000):
        with refused("Communities_OtherOffer", account, bps, 0):
            communities.acceptCoefficient(bps, by=address)
    with refused("Communities_UnknownAccount", STRANGER):
        communities.acceptCoefficient(1, by=STRANGER)


def test_accept_coefficient__above_the_whole__waits_until_others_have_less(
    static: EnergyWorld,
) -> None:
    communities, address = static.communities, second(static, 8_001)
    with refused("Communities_CoefficientsFull", 3, 2_000, 8_001):
        communities.acceptCoefficient(8_001, by=address)
    lower = static.rules.beyond_horizon(static.now)
    communities.setCoefficient(3, static.address("north"), 1_999, by=static.authority)
    static.chain.set_time((lower - 1) * DAY - 1)
    with refused("Communities_CoefficientsFull", 3, 2_000, 8_001):
        communities.acceptCoefficient(8_001, by=address)
    static.chain.set_time((lower - 1) * DAY)
    communities.acceptCoefficient(8_001, by=address)
    assert communities.coefficientSumOn(3, lower) == 10_000


def test_accept_coefficient__instead_of_a_lower_one_that_is_planned(static: EnergyWorld) -> None:
    """Neither the old plan nor what it would have freed is left."""
    communities, north = static.communities, static.address("north")
    planned = static.rules.beyond_horizon(static.now)
    communities.setCoefficient(3, north, 100, by=static.authority)
    communities.setCoefficient(3, north, 1_500, by=static.authority)
    static.settlement.setCursor(NORTH, static.today)
    communities.acceptCoefficient(1_500, by=north)
    days = range(static.today, static.today + 30)
    assert table(static, NORTH, days) == [2_000] + [1_500] * 29
    assert [communities.coefficientSumOn(3, day) for day in days[1:]] == [1_500] * 29
    static.chain.set_time((planned + 5) * DAY)
    assert communities.coefficientSumOn(3, planned + 6) == 1_500


def test_accept_coefficient__twice__waits_until_days_before_the_first_are_closed(
    static: EnergyWorld,
) -> None:
    communities, north = static.communities, static.address("north")
    for bps in (3_000, 4_000):
        communities.setCoefficient(3, north, bps, by=static.authority)
        communities.acceptCoefficient(bps, by=north)
    changed = static.today + 1
    static.chain.set_time(changed * DAY)
    communities.setCoefficient(3, north, 5_000, by=static.authority)
    refusal = "Communities_CoefficientPending", to_checksum_address(north), changed - 1, changed
    with refused(*refusal):
        communities.acceptCoefficient(5_000, by=north)
    static.settlement.setCursor(NORTH, changed)
    communities.acceptCoefficient(5_000, by=north)
    assert table(static, NORTH, range(changed, changed + 2)) == [4_000, 5_000]
    assert communities.coefficientSumOn(3, changed + 1) == 5_000


def test_accept_coefficient__through_the_forwarder__by_the_member(world: EnergyWorld) -> None:
    modules = (
        *(world.settlement.address, world.energy.address, world.tariffs.address),
        *(world.meter.address, FORWARDER),
    )
    communities = world.chain.deploy("Communities", modules)
    data = communities.abi.function("acceptCoefficient").encode([7])
    north = to_checksum_address(world.address("north"))
    with refused("Communities_OtherOffer", north, 7, 0):
        append(world, communities, data, north, FORWARDER)
    with refused("Communities_UnknownAccount", STRANGER):
        append(world, communities, data, north, STRANGER)


def test_accept_coefficient__former_memberships__never_count(static: EnergyWorld) -> None:
    communities, north = static.communities, static.address("north")
    account, other = to_checksum_address(north), found(static)
    communities.setCoefficient(3, north, 9_000, by=static.authority)
    communities.leave(by=north)
    assert communities.offerOf(north) == 0
    end = static.rules.beyond_horizon(static.now)
    with refused("Communities_OtherOffer", account, 9_000, 0):
        communities.acceptCoefficient(9_000, by=north)
    days = range(end - 1, end + 2)
    assert table(static, NORTH, days) == [2_000, 0, 0]
    assert [communities.coefficientSumOn(3, day) for day in days] == [2_000, 0, 0]
    # The next membership begins on the very day on which this one ends.
    static.chain.set_time((end - 1) * DAY)
    communities.join(other, by=north)
    communities.setCoefficient(other, north, 10_000, by=static.authority)
    communities.acceptCoefficient(10_000, by=north)
    assert table(static, NORTH, days) == [2_000, 10_000, 10_000]
    assert communities.coefficientSumOn(other, end) == 10_000
    static.settlement.setCursor(NORTH, end)
    communities.leave(by=north)
    last = static.rules.beyond_horizon(static.now)
    assert table(static, NORTH, range(last - 1, last + 1)) == [10_000, 0]
    # A new member has none, also where it was before.
    static.chain.set_time((last + 3) * DAY)
    static.settlement.setCursor(NORTH, last)
    communities.join(3, by=north)
    assert table(static, NORTH, range(last, last + 30)) == [0] * 30
    assert [communities.coefficientSumOn(each, last + 4) for each in (3, other)] == [0, 0]


def test_accept_coefficient__former_days_open__waits_until_they_are_closed(
    static: EnergyWorld,
) -> None:
    """A new membership began on the day on which the former one ended, and its days are open."""
    communities, north = static.communities, static.address("north")
    other = found(static)
    communities.leave(by=north)
    end = static.rules.beyond_horizon(static.now)
    static.chain.set_time((end - 1) * DAY)
    communities.join(other, by=north)
    communities.setCoefficient(other, north, 10_000, by=static.authority)
    static.chain.set_time(end * DAY)
    static.settlement.setCursor(NORTH, end - 1)
    account = to_checksum_address(north)
    with refused("Communities_CoefficientPending", account, end - 1, end):
        communities.acceptCoefficient(10_000, by=north)
    assert table(static, NORTH, range(end - 1, end + 2)) == [2_000, 0, 0]
    static.settlement.setCursor(NORTH, end)
    communities.acceptCoefficient(10_000, by=north)
    assert table(static, NORTH, range(end, end + 2)) == [0, 10_000]


def test_leave__with_one_basis_point_or_none__ends_it_once(static: EnergyWorld) -> None:
    communities, north = static.communities, static.address("north")
    first = static.rules.beyond_horizon(static.now)
    communities.setCoefficient(3, north, 1, by=static.authority)
    static.chain.set_time(first * DAY)
    static.settlement.setCursor(NORTH, first)
    communities.leave(by=north)
    end = static.rules.beyond_horizon(static.now)
    assert table(static, NORTH, range(end - 1, end + 2)) == [1, 0, 0]
    # The next membership has none, and leaving it changes nothing.
    static.chain.set_time((end + 3) * DAY)
    static.settlement.setCursor(NORTH, end + 4)
    communities.join(3, by=north)
    communities.leave(by=north)
    assert table(static, NORTH, range(end, end + 40)) == [0] * 40
