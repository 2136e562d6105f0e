"""CommunityDays.anchor."""

from __future__ import annotations

from tests.model.market import DAY
from tests.support.core.chain import refused
from tests.support.core.full_market import CHALLENGE
from tests.support.core.gateway_street import GATEWAY, GatewayStreet
from tests.support.core.meter_suite import REGISTRAR
from tests.unit.contracts.community_days.suite import STRANGER, curves, events, proven, signed

_ROLE = 41
ROOT, OTHER = b"\1" * 32, b"\2" * 32


def test_anchor__by_whoever_is_not_the_gateway__is_refused(street: GatewayStreet) -> None:
    days, day = street.days, street.first_day
    street.chain.set_time((day + 1) * DAY)
    with refused("AccessManagedUnauthorized", STRANGER):
        days.contract.anchor(days.community, day, ROOT, by=STRANGER)
    street.market.manager.grantRole(_ROLE, STRANGER, 0, by=REGISTRAR)
    with refused("CommunityDays_NotGateway", days.community, STRANGER):
        days.contract.anchor(days.community, day, ROOT, by=STRANGER)
    with refused("CommunityDays_NotGateway", 9, GATEWAY):
        days.contract.anchor(9, day, ROOT, by=GATEWAY)
    street.market.manager.revokeRole(_ROLE, GATEWAY, by=REGISTRAR)
    with refused("AccessManagedUnauthorized", GATEWAY):
        days.contract.anchor(days.community, day, ROOT, by=GATEWAY)


def test_anchor__a_gateway_that_follows__anchors_from_its_first_day(
    street: GatewayStreet,
) -> None:
    days, communities = street.days, street.market["Communities"]
    first = communities.beyondHorizon() + 7
    communities.setGateway(days.community, STRANGER, first, by=street.market.supplier)
    street.market.manager.grantRole(_ROLE, STRANGER, 0, by=REGISTRAR)
    street.chain.set_time(first * DAY - 1)
    with refused("CommunityDays_NotGateway", days.community, STRANGER):
        days.contract.anchor(days.community, first - 2, ROOT, by=STRANGER)
    street.chain.set_time(first * DAY)
    with refused("CommunityDays_NotGateway", days.community, GATEWAY):
        days.contract.anchor(days.community, first - 1, ROOT, by=GATEWAY)
    days.contract.anchor(days.community, first - 1, ROOT, by=STRANGER)
    assert days.contract.dayOf(days.community, first - 1)[0] == ROOT


def test_anchor__a_day_that_is_not_over_or_no_root__is_refused(street: GatewayStreet) -> None:
    days, day = street.days, street.first_day
    street.chain.set_time((day + 1) * DAY - 1)
    for early in (day, day + 1):
        with refused("CommunityDays_DayNotOver", early, day):
            days.contract.anchor(days.community, early, ROOT, by=GATEWAY)
    street.chain.set_time((day + 1) * DAY)
    with refused("CommunityDays_NoRoot"):
        days.contract.anchor(days.community, day, bytes(32), by=GATEWAY)
    days.contract.anchor(days.community, day, ROOT, by=GATEWAY)
    values = {"community": days.community, "day": day, "root": ROOT, "gateway": GATEWAY}
    assert events(street) == [("DayAnchored", values)]
    assert days.contract.dayOf(days.community, day) == (ROOT, street.chain.now, False, 0, 0)


def test_anchor__again__begins_the_challenge_anew(street: GatewayStreet) -> None:
    days, day = street.days, street.first_day
    false = days.leaves(curves(street))
    days.anchor(day, false)
    reading = signed(street, 1, (day + 1) * 24, (1, 2))
    days.contract.contradict(days.community, day, proven(false, 1), reading)
    assert days.contract.dayOf(days.community, day)[4] == 1 << 1
    street.chain.set_time(street.chain.now + 100)
    anchored = street.chain.now
    days.contract.anchor(days.community, day, OTHER, by=GATEWAY)
    assert days.contract.dayOf(days.community, day) == (OTHER, anchored, False, 0, 0)
    street.chain.set_time(anchored + CHALLENGE - 1)
    with refused("CommunityDays_Challengeable", days.community, day, anchored + CHALLENGE):
        days.contract.settleDay(days.community, day, false.encode())


def test_anchor__a_settled_day__is_refused(street: GatewayStreet) -> None:
    days, day = street.days, street.first_day
    days.run(day, curves(street))
    with refused("CommunityDays_Settled", days.community, day):
        days.contract.anchor(days.community, day, ROOT, by=GATEWAY)
