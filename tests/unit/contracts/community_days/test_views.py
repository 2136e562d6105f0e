"""What CommunityDays says of days; roots are in test_root_of.py."""

from __future__ import annotations

from tests.model.market import DAY
from tests.support.core.full_market import DEADLINE
from tests.support.core.gateway_street import GatewayStreet
from tests.unit.contracts.community_days.suite import curves


def test_views__of_days_that_nobody_knows__are_empty(street: GatewayStreet) -> None:
    days = street.days.contract
    for community, day in (1, street.first_day), (9, 0), (2**256 - 1, 2**256 - 1):
        assert days.dayOf(community, day) == (bytes(32), 0, False, 0, 0)
        assert days.registersOf(community) == bytes(32)


def test_is_open__from_the_settlement_or_the_deadline_on(street: GatewayStreet) -> None:
    days, day, contract = street.days, street.first_day, street.days.contract
    leaves = days.leaves(curves(street))
    days.anchor(day, leaves)
    assert not contract.isOpen(days.community, day)
    days.settle(day, leaves)
    assert contract.isOpen(days.community, day)
    following = day + 1
    street.chain.set_time((following + 1) * DAY + DEADLINE - 1)
    assert not contract.isOpen(days.community, following)
    street.chain.set_time((following + 1) * DAY + DEADLINE)
    assert contract.isOpen(days.community, following)
    assert not contract.isOpen(days.community, following + 1)
