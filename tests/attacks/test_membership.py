"""Threats 64, 65 and 67: communities, their members and their managers."""

from __future__ import annotations

import pytest

from tests.support.core.attack_suite import (
    DAY,
    HOME,
    HOUR,
    KWH,
    START,
    TODAY,
    Street,
    gain,
    twins,
)
from tests.support.core.chain import refused


@pytest.fixture
def street() -> Street:
    """A giver and a taker in a community; the day of their meters begins."""
    street = Street()
    street.person("manager")
    street["Communities"].setManager(street.community, street.at("manager"), by=street.supplier)
    for name in ("giver", "taker"):
        street.home(name, member=True)
    street.chain.set_time(START)
    street.wait()
    street.close(day=TODAY - 1)
    street.chain.set_time(START)
    return street


def days_of(street: Street, flows: dict[str, list[int]], until: int) -> None:
    """Days that are lived and closed, to before the last."""
    day = street.now // DAY
    while day < until:
        street.live(flows)
        street.wait()
        street.close(day=day)
        street.assert_solvent()
        day += 1
        street.chain.set_time(day * DAY)


def test_two_communities__at_once__are_refused(street: Street) -> None:
    """65: neither by joining twice, nor by joining again while a membership has not ended."""
    communities, giver = street["Communities"], street.at("giver")
    other = communities.create(HOME, 10_000, giver)
    with refused("Communities_IsMember", giver, street.community):
        communities.join(other, by=giver)
    communities.leave(by=giver)
    with refused("Communities_IsMember", giver, street.community):
        communities.join(other, by=giver)


def test_phantom_members__without_energy__change_nobodys_share(street: Street) -> None:
    """65: accounts without a meter cannot join; meters that show nothing take and give nothing."""
    communities = street["Communities"]
    street.person("phantom")
    with refused("Communities_OtherRegion", street.at("phantom"), 0):
        communities.join(street.community, by=street.at("phantom"))
    flows = {"giver": [3 * KWH] * 24, "taker": [-5 * KWH] * 24}

    def play(count: int) -> int:
        street.chain.set_time(START - HOUR)
        for number in range(count):
            street.home(f"phantom {number}", rated=1, member=True)
        street.chain.set_time(START)
        days_of(street, flows, TODAY + 1)
        return street.worth("giver")

    assert len(set(twins(street, lambda: play(10), lambda: play(0)))) == 1


def test_phantom_trades__of_a_member__are_not_shared(street: Street) -> None:
    """31, 65: energy that was sold short, or bought, is no metered energy: the trader's share of
    others' surplus does not grow, and it pays what its position costs."""
    street.chain.set_time(START - HOUR)
    for name in ("owner", "owner's other"):
        street.home(name, member=name == "owner")
    street.chain.set_time(START)
    noon = START + 12 * HOUR
    flows = {"giver": [0] * 12 + [3 * KWH], "taker": [0] * 12 + [-3 * KWH]}
    flows["owner"] = [0] * 12 + [-KWH]

    def play(*, trades: bool) -> int:
        if trades:
            street.trade("owner's other", "owner", 8 * KWH, 0, noon)
        days_of(street, flows, TODAY + 1)
        takers.append(street.worth("taker"))
        return street.worth("owner", "owner's other")

    takers: list[int] = []
    lost = 8 * KWH * (30 - 8 + 3)
    assert gain(street, lambda: play(trades=True), lambda: play(trades=False)) == -lost
    assert takers[0] == takers[1]


def test_left__in_view_of_bad_days__ends_beyond_the_horizon(street: Street) -> None:
    """64: who knows the weather of the next days leaves no sooner, and is not thrown out sooner;
    a second leave, or an expulsion after it, moves nothing."""
    communities, manager = street["Communities"], street.at("manager")
    communities.leave(by=street.at("giver"))
    _, then, from_day = street["EnergyAccounts"].membershipOf(street.number("giver"))
    assert (then, from_day) == (0, TODAY + 15)
    with refused("Communities_NotMember", street.at("giver"), street.community):
        communities.expel(street.community, street.at("giver"), by=manager)
    with refused("Communities_NotMember", street.at("giver"), 0):
        communities.leave(by=street.at("giver"))


@pytest.mark.parametrize("theta", [0, 10_000])
def test_manager__changes_theta__costs_nothing_to_who_leaves_that_day(
    street: Street, theta: int
) -> None:
    """67: what a manager can cost. Theta and a leave begin on the same day beyond the horizon, so
    that a member that leaves when it sees the change has lost the sharing, and nothing more; who
    stays pays, or earns, at most c(10000) - c(5000) a kWh from then on."""
    communities = street["Communities"]
    first = communities.beyondHorizon()
    victim = "giver" if theta == 0 else "taker"
    flows = {"giver": [KWH] * 24, "taker": [-KWH] * 24}

    def play(*, changed: bool, leaves: bool) -> int:
        if changed:
            communities.setTheta(street.community, theta, first, by=street.at("manager"))
        if leaves:
            communities.leave(by=street.at(victim))
        days_of(street, flows, first + 1)
        return street.worth(victim)

    stays, leaves, left_before, before = twins(
        street,
        lambda: play(changed=True, leaves=False),
        lambda: play(changed=True, leaves=True),
        lambda: play(changed=False, leaves=True),
        lambda: play(changed=False, leaves=False),
    )
    assert leaves == left_before
    # One day at the new price: 18 becomes 8 for the giver, or 28 for the taker.
    assert before - stays == 24 * KWH * 10
    assert before - leaves == 24 * KWH * 10


def test_manager__expels_a_member__costs_its_sharing_from_the_horizon_on(street: Street) -> None:
    """67: at most (c - f) a kWh given and (b - c - g) a kWh taken, and not before fifteen days."""
    communities = street["Communities"]
    first = communities.beyondHorizon()
    flows = {"giver": [KWH] * 24, "taker": [-KWH] * 24}

    def play(*, expelled: bool) -> int:
        if expelled:
            communities.expel(street.community, street.at("giver"), by=street.at("manager"))
        days_of(street, flows, first)
        before = street.worth("giver")
        assert before == 10**10 + (first - TODAY) * 24 * KWH * 18
        days_of(street, flows, first + 1)
        return street.worth("giver")

    expelled, member = twins(street, lambda: play(expelled=True), lambda: play(expelled=False))
    assert member - expelled == 24 * KWH * (18 - 8)


def test_own_community__of_one_owner__earns_no_more_than_sharing(street: Street) -> None:
    """65: an owner of a plant and a house founds a community of its own with theta 10000: what one
    account earns the other pays, and the network fee is the grid's."""
    street.chain.set_time(START - HOUR)
    for name in ("plant", "house"):
        street.home(name)
    street.chain.set_time(START)
    communities = street["Communities"]
    flows = {"plant": [2 * KWH] * 24, "house": [-2 * KWH] * 24}

    def play(theta: int) -> int:
        street.chain.set_time(START - HOUR)
        own = communities.create(HOME, theta, street.at("plant"))
        for name in ("plant", "house"):
            communities.join(own, by=street.at(name))
        street.chain.set_time(START)
        days_of(street, flows, TODAY + 1)
        return street.worth("plant", "house")

    assert gain(street, lambda: play(10_000), lambda: play(0)) == 0
    assert twins(street, lambda: play(5000))[0] == 2 * 10**10 - 24 * 2 * KWH * 2
