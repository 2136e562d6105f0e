"""CommunityDays' constructor, and what it fixes."""

from __future__ import annotations

import pytest

from tests.model.market import DAY
from tests.support.core.chain import Deployed, refused
from tests.support.core.full_market import CHALLENGE, DEADLINE
from tests.support.core.gateway_street import GatewayStreet

LONGEST = 7 * DAY


def deploy(street: GatewayStreet, challenge: int, deadline: int) -> Deployed:
    """Another one, with the modules of the first."""
    market = street.market
    names = ("Settlement", "EnergyAccounts", "Communities", "SmartMeter", "Tariffs")
    modules = tuple(market[name].address for name in names)
    manager = market.manager.address
    return street.chain.deploy("CommunityDays", manager, modules, challenge, deadline)


@pytest.mark.parametrize(
    ("challenge", "deadline", "name", "value"),
    [
        (LONGEST + 1, LONGEST, "challenge", LONGEST + 1),
        (0, LONGEST + 1, "deadline", LONGEST + 1),
        (DAY, DAY, "deadline", DAY),
        (0, 0, "deadline", 0),
    ],
)
def test_constructor__a_time_out_of_range__is_refused(
    street: GatewayStreet, challenge: int, deadline: int, name: str, value: int
) -> None:
    with refused("CommunityDays_BadParameter", name, value):
        deploy(street, challenge, deadline)


@pytest.mark.parametrize(("challenge", "deadline"), [(0, 1), (LONGEST - 1, LONGEST)])
def test_constructor__times_at_the_bounds__are_taken(
    street: GatewayStreet, challenge: int, deadline: int
) -> None:
    days = deploy(street, challenge, deadline)
    assert (days.CHALLENGE(), days.DEADLINE()) == (challenge, deadline)


def test_constructor__modules__are_those_of_the_market(street: GatewayStreet) -> None:
    days = street.days.contract
    assert (days.CHALLENGE(), days.DEADLINE()) == (CHALLENGE, DEADLINE)
    assert days.authority() == street.market.manager.address
