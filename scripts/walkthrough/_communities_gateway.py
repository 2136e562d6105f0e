"""A community whose days a gateway reads, and the static key."""

from __future__ import annotations

from energy_grid.client import errors
from scripts._walkthrough.houses import DAY, HOME, HOUR, House, today
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import NOBODY

__all__ = ["tell_of_a_gateway"]

_WITHOUT, _OURS = 2, 3


def tell_of_a_gateway(stage: Stage) -> None:
    """A tower of flats takes its roof's energy by fixed parts."""
    tower, flat = House(stage, "the tower", "60"), House(stage, "the flat", "60")
    _founded(stage)
    _another_gateway(stage)
    for house in (tower, flat):
        house.deposits("50")
        house.gets_meter()
        call = stage.market.communities.join(_OURS)
        stage.does(f"{house.name} joins", house.holder, call, "Joined")
    _coefficients(stage, tower, flat)
    _later(stage, tower)


def _founded(stage: Stage) -> None:
    communities, manager = stage.market.communities, stage.person("the tower's manager")
    gateway = stage.person("the meter operator")
    stage.chapter("A community with a gateway")
    stage.says("A meter operator reads whole days of all members. By the static key, each takes at")
    stage.says("most its own part of all surplus.")
    stage.refuses(
        "one without the operator",
        errors.Communities_ZeroGateway,
        manager,
        communities.create_with_gateway(HOME, 5000, manager.address, NOBODY.address, True),
    )
    stage.does(
        "one with it",
        manager,
        communities.create_with_gateway(HOME, 5000, manager.address, gateway.address, True),
        "CommunityCreated",
        "GatewayCreated",
    )
    found = [communities.is_by_gateway(each) for each in (_WITHOUT, _OURS)]
    stage.check(found == [False, True], f"{found}")
    stage.shows("whether the communities have one", found)
    stage.shows("region, theta and whether the key is static", communities.terms_of(_OURS, 21_000))


def _another_gateway(stage: Stage) -> None:
    communities, manager = stage.market.communities, stage.person("the tower's manager")
    other, street = stage.person("another operator"), stage.person("the street's manager")
    first = communities.beyond_horizon() + 7
    stage.does("somebody founds one without", street, communities.create(HOME, 0, street.address))
    stage.refuses(
        "which never has one",
        errors.Communities_NoGateway,
        street,
        communities.set_gateway(_OURS + 1, other.address, first),
        id=_OURS + 1,
    )
    stage.refuses(
        "another operator before everybody could leave",
        errors.Communities_WithinHorizon,
        manager,
        communities.set_gateway(_OURS, other.address, first - 1),
        first_day=first,
    )
    stage.does(
        "another operator, from the first day on that leaves time",
        manager,
        communities.set_gateway(_OURS, other.address, first),
        "GatewayNamed",
    )
    stage.shows("today's", communities.gateway_of(_OURS))
    stage.shows("the next one, and its first day", communities.next_gateway_of(_OURS))


def _coefficients(stage: Stage, tower: House, flat: House) -> None:
    communities, manager = stage.market.communities, stage.person("the tower's manager")
    stage.chapter("Parts of the roof")
    for what, error, call in (
        (
            "of a community with the dynamic key",
            errors.Communities_NotStatic,
            communities.set_coefficient(_OURS + 1, flat.address, 1),
        ),
        (
            "more than all",
            errors.Communities_CoefficientAbove,
            communities.set_coefficient(_OURS, flat.address, 10_001),
        ),
    ):
        street = stage.person("the street's manager")
        actor = street if error is errors.Communities_NotStatic else manager
        stage.refuses(what, error, actor, call)
    for house, bps in ((tower, 6000), (flat, 5000)):
        call = communities.set_coefficient(_OURS, house.address, bps)
        stage.does(f"{house.name} is offered {bps / 100:g} %", manager, call, "CoefficientOffered")
    stage.shows("the flat's offer", communities.offer_of(flat.address))
    stage.refuses(
        "the flat takes more than that",
        errors.Communities_OtherOffer,
        flat.holder,
        communities.accept_coefficient(6000),
        offered=5000,
    )
    call = communities.accept_coefficient(6000)
    stage.does("the tower accepts", tower.holder, call, "CoefficientSet")
    stage.refuses(
        "the flat, when 40 % are left",
        errors.Communities_CoefficientsFull,
        flat.holder,
        communities.accept_coefficient(5000),
        others=6000,
        bps=5000,
    )
    tomorrow = today(stage) + 1
    numbers = [tower.number, flat.number]
    stage.shows("tomorrow's", communities.coefficients_on(tomorrow, numbers))
    stage.shows("all of them", communities.coefficient_sum_on(_OURS, tomorrow))


def _later(stage: Stage, tower: House) -> None:
    communities, manager = stage.market.communities, stage.person("the tower's manager")
    stage.wait_until((today(stage) + 1) * DAY + HOUR)
    call = communities.set_coefficient(_OURS, tower.address, 5000)
    stage.refuses(
        "a lower one, while days before the tower's first part are open",
        errors.Communities_CoefficientPending,
        manager,
        call,
        account=tower.address,
    )
    close = stage.market.settlement.close_through([tower.address], today(stage) - 1)
    stage.does("they close", stage.keeper, close)
    stage.does("then it can be lowered, beyond the horizon", manager, call, "CoefficientSet")
