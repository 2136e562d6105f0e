"""What the modules of the market may do with energy accounts, and what is refused to each."""

from __future__ import annotations

from energy_grid.client import errors
from scripts._walkthrough.houses import DAY, SLOT, House, today
from scripts._walkthrough.stage import Impersonated, Stage

__all__ = ["tell_of_modules"]


def tell_of_modules(stage: Stage, houses: dict[str, House]) -> None:
    """Meters, settlement and communities act by themselves, so that each step stands alone."""
    _meters(stage, houses)
    _settlement(stage)
    _communities(stage, houses)
    _community_days(stage, houses)
    _at_deployment(stage)


def _meters(stage: Stage, houses: dict[str, House]) -> None:
    energy = stage.market.energy_accounts
    meters, stranger = Impersonated(stage.market.meters.address), stage.person("a stranger")
    prosumer, consumer, _ = houses.values()
    first = (today(stage) + 1) * DAY // SLOT
    stage.chapter("What the contract of meters may do")
    stage.refuses(
        "a stranger attaches a meter",
        errors.EnergyAccounts_WrongCaller,
        stranger,
        energy.attach(prosumer.number, 1, first, 4000),
        caller=stranger.address,
        expected=meters.address,
    )
    for what, error, call in (
        (
            "a second meter for the consumer",
            errors.EnergyAccounts_HasMeter,
            energy.attach(consumer.number, 1, first, 4000),
        ),
        (
            "one that begins within a day",
            errors.EnergyAccounts_BadBound,
            energy.attach(prosumer.number, 1, first + 1, 4000),
        ),
        (
            "one of 17 GW",
            errors.EnergyAccounts_PowerTooHigh,
            energy.attach(prosumer.number, 1, first, 2**34),
        ),
        (
            "the end of a meter that is gone",
            errors.EnergyAccounts_NoMeter,
            energy.detach(prosumer.number, first),
        ),
        (
            "a span that ends where it begins",
            errors.EnergyAccounts_BadRange,
            energy.record_span(consumer.number, first, first, 0, 0),
        ),
    ):
        stage.refuses(what, error, meters, call)
    stage.does(
        "the consumer's next device has 3 kW", meters, energy.set_rated_power(consumer.number, 3000)
    )


def _settlement(stage: Stage) -> None:
    energy, neighbour = stage.market.energy_accounts, stage.person("the neighbour", money="1")
    settlement = Impersonated(stage.market.settlement.address)
    stage.chapter("Who has no meter declares what it uses")
    stage.does("the neighbour pays in a dollar", neighbour, stage.market.settlement.deposit(10**6))
    number, slot = stage.market.settlement.number_of(neighbour.address), stage.now // SLOT
    stage.does(
        "Settlement passes on that it has bought 2 kWh from the grid",
        settlement,
        energy.declare(number, slot, 2000),
    )
    stage.refuses(
        "2 GWh more",
        errors.EnergyAccounts_DeclaredTooMuch,
        settlement,
        energy.declare(number, slot, 2**31),
        declared=2000,
    )
    stage.shows("what counts for it", energy.energy_of(neighbour.address, slot))
    stage.refuses(
        "a meter in region 2: what it declared is priced at home",
        errors.EnergyAccounts_OtherRegion,
        Impersonated(stage.market.meters.address),
        energy.attach(number, 2, (today(stage) + 1) * DAY // SLOT, 4000),
        region=1,
    )


def _communities(stage: Stage, houses: dict[str, House]) -> None:
    energy = stage.market.energy_accounts
    communities = Impersonated(stage.market.communities.address)
    number = houses["the consumer"].number
    stage.chapter("What the contract of communities may do")
    stage.refuses(
        "a membership from today on",
        errors.EnergyAccounts_DayBegun,
        communities,
        energy.set_community(number, 1, today(stage), False),
    )
    stage.does(
        "one from tomorrow on",
        communities,
        energy.set_community(number, 1, today(stage) + 1, False),
    )
    stage.refuses(
        "its end, while days before its beginning are open",
        errors.EnergyAccounts_MembershipPending,
        communities,
        energy.set_community(number, 0, today(stage) + 17, False),
        from_day=today(stage) + 1,
    )


def _community_days(stage: Stage, houses: dict[str, House]) -> None:
    energy, day = stage.market.energy_accounts, today(stage)
    number, first = houses["the consumer"].number, (day - 30) * DAY // SLOT
    days = Impersonated(stage.market.community_days.address)
    stage.chapter("What the contract of communities' days may do")
    stage.shows("its meter, its community and how far its trades reach", energy.terms_of([number]))
    stage.shows("positions of today, eight quarters a word", energy.positions_on(day, (number,)))
    stage.shows("whether a gateway reads for it", energy.is_by_gateway(number))
    stage.shows("to which day a gateway has read", energy.settled_to(number))
    readable = energy.is_readable(number, (day + 1) * DAY // SLOT, (day + 2) * DAY // SLOT)
    stage.shows("whether its own readings of tomorrow count", readable)
    stage.does(
        "nets of a day that a gateway has read become history",
        days,
        energy.show_nets(number, first, [2**31 + 500]),
    )
    stage.shows("the first quarter of it", energy.net_of(number, first))
    stage.does("what late registers charge is taken", days, energy.take_pending(number))


def _at_deployment(stage: Stage) -> None:
    market = stage.market
    modules = (
        market.settlement.address,
        market.meters.address,
        market.communities.address,
        market.community_days.address,
        market.tariffs.address,
    )
    stage.chapter("What is checked at deployment")
    stage.refuses_to_deploy(
        "two days for readings",
        errors.EnergyAccounts_BadParameter,
        "EnergyAccounts",
        market.access.address,
        modules,
        2 * DAY,
        value=2 * DAY,
    )
