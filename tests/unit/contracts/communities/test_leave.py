"""Communities.leave."""

from __future__ import annotations

from eth_utils.address import to_checksum_address

from tests.support.core.chain import refused
from tests.support.core.energy_suite import DAY, EnergyWorld
from tests.unit.contracts.communities.suite import (
    SIGNER,
    own,
    signature,
)


def test_leave__takes_back_signatures(world: EnergyWorld) -> None:
    own(world, SIGNER, 9)
    first = signature(world, SIGNER, 1, world.now + 40 * DAY)
    world.communities.joinFor(SIGNER, 1, world.now + 40 * DAY, first)
    later = signature(world, SIGNER, 1, world.now + 40 * DAY)
    world.settlement.setCursor(9, world.today + 1)
    world.communities.leave(by=SIGNER)
    world.chain.set_time(world.now + 17 * DAY)
    with refused("Communities_WrongSignature", SIGNER, 2):
        world.communities.joinFor(SIGNER, 1, world.now + 40 * DAY, later)


def test_leave__ends_beyond_the_horizon(world: EnergyWorld) -> None:
    north = world.address("north")
    with refused("Communities_NotMember", to_checksum_address(north), 0):
        world.communities.leave(by=north)
    world.communities.join(1, by=north)
    begin = world.today + 1
    # Until its beginning is closed, a membership cannot end.
    with refused("EnergyAccounts_MembershipPending", 1, world.account("north").day, begin):
        world.communities.leave(by=north)
    world.settlement.setCursor(1, begin)
    world.communities.leave(by=north)
    end = world.rules.beyond_horizon(world.now)
    assert world.chain.logs[0][1:] == (
        "Left",
        {
            "id": 1,
            "account": to_checksum_address(north),
            "day": end,
            "by": to_checksum_address(north),
        },
    )
    assert world.energy.membershipOf(1) == (1, 0, end)
    assert world.communities.beyondHorizon() == end
    with refused("Communities_NotMember", to_checksum_address(north), 0):
        world.communities.leave(by=north)
    with refused("Communities_IsMember", to_checksum_address(north), 1):
        world.communities.join(1, by=north)
    assert world.communities.communityOf(1)[2] == 1
    world.chain.set_time(end * DAY)
    assert world.communities.communityOf(1)[2] == 0


def test_leave__a_day_before_another_is_gone__both_are_members_today(world: EnergyWorld) -> None:
    communities, day = world.communities, world.today + 1
    world.metered("second")
    names = "north", "second"
    for number, name in enumerate(names, 1):
        communities.join(1, by=world.address(name))
        world.settlement.setCursor(number, day)
    communities.leave(by=world.address("north"))
    end = world.rules.beyond_horizon(world.now)
    world.chain.set_time(end * DAY - 1)
    communities.leave(by=world.address("second"))
    assert communities.communityOf(1)[2] == 2
    world.chain.set_time(end * DAY)
    assert communities.communityOf(1)[2] == 1
