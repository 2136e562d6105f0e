"""The demand-response story of meters: baselines of the days before, and what they pay for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from energy_grid.client import Account, Call, errors
from energy_grid.contracts.tariffs import Tariff
from scripts._walkthrough.houses import DAY, HOUR, House, publish
from scripts._walkthrough.run import START
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import CENT, DOLLAR, dollars

__all__ = ["read_afternoon", "read_evening", "tell_of_metered_events"]

# Wh from 18 to 19, by days after the Tuesday on which the story begins: not at the weekend.
_HOUSEHOLD = {1: 1400, 2: 1600, 3: 1500, 6: 1552, 7: 1448}
_BAKERY = {1: 3000, 2: 3100, 3: 2900, 6: 3200, 7: 2800}
_EVENT_DAY = 8
# Wh in each hour of an afternoon.
_AFTERNOON = dict.fromkeys(range(13, 18), -100)
_WEEKDAYS = ("Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "Monday")


def tell_of_metered_events(stage: Stage) -> dict[str, House]:
    """A week of evenings, then an event that meters decide, with a word beside them; gives the
    houses."""
    houses = _meters(stage)
    for day in _HOUSEHOLD:
        consumed = {"the household": _HOUSEHOLD[day], "the bakery": _BAKERY[day]}
        read_evening(stage, houses, day, consumed)
    houses["the new consumer"] = _house(stage, "the new consumer", "NORTH")
    event = _event(stage, houses)
    _by_meter(stage, event)
    _word_beside(stage, event)
    _paid(stage, event)
    return houses


def read_afternoon(
    stage: Stage, houses: dict[str, House], names: Iterable[str], until: int
) -> None:
    """The relay sends at each full hour from 14:00 on what the meters of these houses have signed.

    Args:
        until: the last of these hours, Unix seconds.
    """
    relay, send = stage.person("the relay"), stage.market.meters.submit_signed_readings
    begin = until // DAY * DAY + 14 * HOUR

    def hours() -> Iterator[tuple[Account, Call]]:
        for end in range(max(begin, -(-stage.now // HOUR) * HOUR), until + 1, HOUR):
            stage.wait_until(end)
            for name in names:
                readings = houses[name].readings(end, _AFTERNOON)
                for first in range(0, len(readings), 96):
                    yield relay, send(readings[first : first + 96])

    weekday = _WEEKDAYS[(until - START) // DAY % 7]
    stage.repeats(f"{weekday}, until {until % DAY // HOUR}:00: readings of each hour", hours())


def read_evening(
    stage: Stage, houses: dict[str, House], day: int, consumed: Mapping[str, int]
) -> None:
    """The relay sends what the meters of these houses have signed until 18:00, and until 19:00.

    Args:
        day: days after the story's first, a Tuesday.
        consumed: Wh in that hour, by consumer.
    """
    evening = START + day * DAY + 18 * HOUR
    read_afternoon(stage, houses, consumed, evening)
    stage.wait_until(evening + HOUR)
    drawn = ", ".join(f"{name} has drawn {wh} Wh" for name, wh in consumed.items())
    readings = [houses[name].readings(stage.now, {18: -wh}) for name, wh in consumed.items()]
    publish(stage, f"19:00: {drawn}", *readings)


def _house(stage: Stage, name: str, region: str) -> House:
    house = House(stage, name, "4")
    house.deposits("4")
    house.gets_meter(region=region)
    return house


def _meters(stage: Stage) -> dict[str, House]:
    market, demand = stage.market, stage.market.demand_response
    stage.chapter("A week of evenings, as meters saw them")
    stage.says("The household and the bakery get meters. A baseline is the mean of the last ten")
    stage.says("weekdays (for an event at a weekend, of weekend days) that are known, in the same")
    stage.says("hours, here of five at least. A reduction must be more than twice their spread.")
    tariff = Tariff(
        buy=30 * CENT, feed_in=8 * CENT, network_fee=0, protocol_fee=0, max_factor=30_000
    )
    for region in ("NORTH", "SOUTH"):
        call = market.tariffs.add_region(region, tariff)
        stage.does(f"{region} has a tariff", stage.safe, call)
    houses = {name: _house(stage, name, "NORTH") for name in ("the household", "the bakery")}
    houses["the southern consumer"] = _house(stage, "the southern consumer", "SOUTH")
    for name in ("the southern consumer", "the new consumer"):
        who = stage.person(name)
        stage.does(f"{name} is a consumer, too", who, demand.register_consumer(who.address))
    return houses


def _event(stage: Stage, houses: dict[str, House]) -> int:
    demand, operator, household = (
        stage.market.demand_response,
        stage.person("the operator"),
        stage.person("the household"),
    )
    first = stage.market.slot(START + _EVENT_DAY * DAY + 18 * HOUR)
    stage.chapter("An event that meters decide")
    drawn = {"the household": 300, "the bakery": 2500, "the new consumer": 12}
    read_afternoon(stage, houses, drawn, START + _EVENT_DAY * DAY + 17 * HOUR)
    stage.wait_until(START + _EVENT_DAY * DAY + 17 * HOUR + 2700)
    baselines = stage.market.demand_baselines
    found = baselines.baseline_of(household.address, stage.now, first, first + 4)
    stage.says("The last slots are not read yet, which moves it down by half of the spread.")
    stage.check(found == (1460, 160), f"the household's baseline is {found}")
    stage.shows("W that the household takes from 18 to 19, and the least that counts", found)
    stage.refuses_to_answer(
        "of no slots",
        errors.DemandBaselines_BadSlots,
        lambda: baselines.baseline_of(household.address, stage.now, first, first),
    )
    stage.shows("whether it is metered", baselines.is_metered(household.address, first, first + 4))
    start = demand.start_event(2, 3 * DOLLAR, HOUR)
    stage.does("2 kW less from 18 to 19, for 3 $ a kW", operator, start, "EventStarted")
    event = demand.event_count()
    read_evening(stage, houses, _EVENT_DAY, drawn)
    word = demand.verify_reduction(
        event, household.address, baseline=600, actual=300, meter_start=0, meter_end=300
    )
    stage.refuses(
        "the operator's word for the household, whose meter decides",
        errors.DemandResponse_Metered,
        operator,
        word,
        consumer=household.address,
    )
    return event


def _by_meter(stage: Stage, event: int) -> None:
    demand, anybody = stage.market.demand_response, stage.person("the relay")
    household, bakery, neighbour, southern_consumer, new_consumer = map(
        stage.person,
        (
            "the household",
            "the bakery",
            "the neighbour",
            "the southern consumer",
            "the new consumer",
        ),
    )
    verify = demand.verify_from_meter
    stage.chapter("By the meters, once their readings are final")
    of_household = verify(event, household.address)
    stage.refuses(
        "before that", errors.DemandResponse_TooEarly, anybody, of_household, event_id=event
    )
    stage.wait_until(START + _EVENT_DAY * DAY + 20 * HOUR)
    stage.does(
        "the household's meter: 1.5 kW as usual, 0.3 today",
        anybody,
        of_household,
        "ReductionVerified",
    )
    found = demand.get_participation(event, household.address)
    stage.check(found.reduction_w == 1200, f"the household saved {found.reduction_w} W")
    stage.shows("the household in the event", found)
    stage.refuses(
        "twice", errors.AlreadyParticipating, anybody, of_household, consumer=household.address
    )
    stage.does("the bakery's: 3 kW as usual, 2.5 today", anybody, verify(event, bakery.address))
    stage.refuses(
        "the neighbour, who has no meter",
        errors.DemandBaselines_NotMetered,
        anybody,
        verify(event, neighbour.address),
        consumer=neighbour.address,
    )
    stage.refuses(
        "the southern consumer, whose meter is in the SOUTH",
        errors.DemandBaselines_OtherRegion,
        anybody,
        verify(event, southern_consumer.address),
        consumer=southern_consumer.address,
    )
    announced = demand.get_event(event).announced_at
    measured = stage.market.demand_baselines.measure(
        household.address,
        "NORTH",
        announced,
        *slots_of(stage, event),
        committed=100,
        is_member=False,
    )
    stage.shows("what the household's meter shows", measured)
    stage.refuses(
        "the new consumer, whose meter is new",
        errors.DemandBaselines_TooFewDays,
        anybody,
        verify(event, new_consumer.address),
        found=0,
        needed=5,
    )


def slots_of(stage: Stage, event: int) -> tuple[int, int]:
    """The measured slots of an event."""
    known = stage.market.demand_response.get_event(event)
    return stage.market.slot(known.measured_from), stage.market.slot(known.end_time)


def _word_beside(stage: Stage, event: int) -> None:
    demand, operator, neighbour = (
        stage.market.demand_response,
        stage.person("the operator"),
        stage.person("the neighbour"),
    )
    stage.says("Metered reductions come first: 1.7 of 2 kW. A report takes nothing from them.")
    stage.does(
        "the operator reports that the neighbour saved 5 kW",
        operator,
        demand.verify_reduction(
            event, neighbour.address, baseline=5000, actual=0, meter_start=0, meter_end=0
        ),
    )


def _paid(stage: Stage, event: int) -> None:
    demand, anybody = stage.market.demand_response, stage.person("the relay")
    stage.wait_until(demand.get_event(event).verifiable_until + 1)
    stage.does("it is completed", anybody, demand.complete_event(event), "EventCompleted")
    stage.does("and paid", anybody, demand.distribute_rewards(event, 100), "RewardPaid")
    page = demand.get_event_participations(event, 0, 100)
    paid = [one.reward_amount for one in page]
    stage.check(paid == [3_600_000, 1_500_000, 900_000], f"paid: {paid}")
    shares = list(map(dollars, paid))
    stage.shows(
        "rewards: household 1.2 kW metered, bakery 0.5 kW, neighbour the remaining 0.3 kW",
        shares,
    )
