"""Communities' days: what a gateway reads of a street, and one call closes."""

from __future__ import annotations

from dataclasses import replace

from energy_grid.client import Account, errors
from energy_grid.domain.day_leaves import Absent
from energy_grid.domain.enums import Reason
from energy_grid.market.day_store import StoredDay
from scripts._walkthrough.command import walkthrough
from scripts._walkthrough.common import show_authority
from scripts._walkthrough.houses import DAY, HOME, HOUR, House, publish, today
from scripts._walkthrough.stage import Stage, Story
from scripts.walkthrough._gateway_leaves import SLOTS, Flat, day_of, leaf_of

# The deployment has made the first community, without a gateway.
_OURS = 2
_GATEWAY = 6
_MORNING = dict.fromkeys(range(6, 9), -800)
_NOON = dict.fromkeys(range(11, 14), 1600)
_BURN = dict.fromkeys(range(24), -3600)


def tell(stage: Stage) -> None:
    """five houses and a gateway: a day of all in one call, and what becomes of those left out."""
    names = ("the bakery", "the roof", "the flat", "the tower", "the studio", "the cellar")
    houses = {name: House(stage, name, "60") for name in names}
    stage.person("the gateway")
    _a_gateway(stage, houses)
    wednesday = _a_day_is_anchored(stage, houses)
    _it_is_challenged(stage, houses, wednesday)
    _it_is_settled(stage, houses, wednesday)
    _what_follows(stage, houses, wednesday)
    thursday = _another_day(stage, houses, wednesday)
    _alone(stage, houses, wednesday, thursday)
    _at_deployment(stage)
    days = stage.market.community_days
    show_authority(stage, [days], days.anchor(_OURS, today(stage) - 1, b"\1" * 32))


def _gateway() -> Account:
    return Account.local(_GATEWAY)


def _a_gateway(stage: Stage, houses: dict[str, House]) -> None:
    communities, days = stage.market.communities, stage.market.community_days
    manager = stage.person("the manager")
    stage.chapter("A gateway reads a street")
    stage.says("Nobody publishes single readings. A meter operator anchors 32 bytes a day, and a")
    stage.says("call closes the day of all.")
    stage.shows("seconds in which everybody can contradict it", days.challenge())
    stage.shows("seconds after which members close by themselves", days.deadline())
    founds = communities.create_with_gateway(HOME, 5000, manager.address, _gateway().address, False)
    stage.does("a community is founded with it", manager, founds, "GatewayCreated")
    for house in houses.values():
        house.deposits("50")
        house.gets_meter()
        if house.name != "the cellar":
            stage.does(f"{house.name} joins", house.holder, communities.join(_OURS), "Joined")
    midnight = (today(stage) + 1) * DAY
    stage.wait_until(midnight + HOUR)
    first = [one.readings(midnight) for name, one in houses.items() if name != "the flat"]
    publish(stage, "their own readings end at midnight; the flat's is missing", *first)
    everybody = [each.address for each in houses.values()]
    close = stage.market.settlement.close_through(everybody, today(stage) - 1)
    stage.does("and what was before closes", stage.keeper, close, "DayClosed")


def _leaves_of_wednesday(houses: dict[str, House], day: int, *, studio: int) -> StoredDay:
    bakery, roof, flat, tower, other, _ = houses.values()
    return day_of(
        _OURS,
        day,
        [
            Flat(bakery.number, (0, 0), {**_MORNING, 12: -1600}),
            Flat(roof.number, (0, 0), _NOON),
            Flat(flat.number, (700, 0), {12: -800}),
            Flat(tower.number, (5000, 0), {12: -800}),
            Flat(other.number, (0, 0), {20: studio}),
        ],
    )


def _a_day_is_anchored(stage: Stage, houses: dict[str, House]) -> StoredDay:
    days, gateway, wednesday = stage.market.community_days, _gateway(), today(stage)
    stage.chapter("Wednesday is over")
    stage.says("At noon the roof has 4.8 kWh too much, and the bakery lacks 1.6.")
    found = _leaves_of_wednesday(houses, wednesday, studio=-400)
    for what, error, call in (
        (
            "before it is",
            errors.CommunityDays_DayNotOver,
            days.anchor(_OURS, wednesday, found.root),
        ),
        (
            "the root of nothing",
            errors.CommunityDays_NoRoot,
            days.anchor(_OURS, wednesday - 1, bytes(32)),
        ),
        (
            "a community that has no gateway",
            errors.CommunityDays_NotGateway,
            days.anchor(1, wednesday - 1, found.root),
        ),
    ):
        stage.refuses(what, error, gateway, call)
    data = found.leaves.encode()
    stage.refuses(
        "somebody settles what is not anchored",
        errors.CommunityDays_NotAnchored,
        stage.keeper,
        days.settle_day(_OURS, wednesday, data),
        day=wednesday,
    )
    stage.wait_until((wednesday + 1) * DAY + HOUR)
    stage.shows(f"{len(data)} bytes of leaves have the root", days.root_of(data))
    stage.refuses_to_answer("no leaves", errors.CommunityDays_NoLeaves, lambda: days.root_of(b""))
    stage.refuses_to_answer(
        "a leaf that is none", errors.CommunityDays_BadLeaf, lambda: days.root_of(b"\5"), place=0
    )
    anchors = days.anchor(_OURS, wednesday, found.root)
    stage.does("the gateway anchors it", gateway, anchors, "DayAnchored")
    return found


def _it_is_challenged(stage: Stage, houses: dict[str, House], wednesday: StoredDay) -> None:
    days, day = stage.market.community_days, wednesday.day
    bakery, _, _, _, studio, _ = houses.values()
    midnight = (day + 1) * DAY
    stage.chapter("Six hours for whoever knows better")
    signed = bakery.loses(midnight, imported=2400 + 1600)
    leaf = leaf_of(wednesday, bakery.number)
    stage.refuses(
        "by a reading that says the same",
        errors.CommunityDays_NoContradiction,
        stage.keeper,
        days.contradict(_OURS, day, leaf, signed),
        number=bakery.number,
    )
    stage.refuses(
        "of a leaf that is not there",
        errors.CommunityDays_WrongProof,
        stage.keeper,
        days.contradict(_OURS, day, replace(leaf, proof=()), signed),
    )
    stage.does(
        "the studio's meter has counted 2.4 kWh, not 0.4",
        stage.keeper,
        days.contradict(
            _OURS, day, leaf_of(wednesday, studio.number), studio.loses(midnight, imported=2400)
        ),
        "LeafContradicted",
    )
    stage.shows("what is known of the day", days.day_of(_OURS, day))


def _it_is_settled(stage: Stage, houses: dict[str, House], wednesday: StoredDay) -> None:
    market, keeper, day = stage.market, stage.keeper, wednesday.day
    days, data = market.community_days, wednesday.leaves.encode()
    bakery, _, _, tower, _, _ = houses.values()
    stage.chapter("One call")
    stage.refuses(
        "too early",
        errors.CommunityDays_Challengeable,
        keeper,
        days.settle_day(_OURS, day, data),
    )
    stage.wait_until((day + 1) * DAY + 8 * HOUR)
    stage.refuses(
        "nobody can take the bakery out before",
        errors.Settlement_NothingToClose,
        keeper,
        market.settlement.close_through([bakery.address], day),
    )
    other = _leaves_of_wednesday(houses, day, studio=-800).leaves.encode()
    stage.refuses(
        "with other leaves",
        errors.CommunityDays_WrongLeaves,
        keeper,
        days.settle_day(_OURS, day, other),
    )
    stage.shows("whether members can close by themselves", days.is_open(_OURS, day))
    events = stage.does(
        "then it is settled",
        keeper,
        days.settle_day(_OURS, day, data),
        "DaySettled",
        "MemberPassedOver",
    )
    passed = {
        one["number"]: Reason(one["reason"]) for one in events if one.event == "MemberPassedOver"
    }
    stage.check(len(passed) == 3, f"{passed}")
    stage.shows(
        "passed over: the flat, the tower and the studio", [each.name for each in passed.values()]
    )
    stage.check(passed[tower.number] is Reason.OTHER_REGISTERS, f"{passed}")
    cents = market.settlement.balance_of(bakery.address)
    stage.says("The bakery has taken 1.6 kWh at 19 cents and bought 2.4 at 30.")
    stage.check(cents == 46_000_000 - 1_600 * 190 - 2_400 * 300, f"{cents}")
    stage.refuses("again", errors.CommunityDays_Settled, keeper, days.settle_day(_OURS, day, data))
    stage.shows("what the next day's registers must continue", days.registers_of(_OURS))
    stage.shows("whether members can close by themselves now", days.is_open(_OURS, day))


def _what_follows(stage: Stage, houses: dict[str, House], wednesday: StoredDay) -> None:
    market, keeper, day = stage.market, stage.keeper, wednesday.day
    days, first = market.community_days, wednesday.day * SLOTS
    _, roof, flat, _, _, _ = houses.values()
    stage.chapter("What one leaf is good for")
    leaf = leaf_of(wednesday, roof.number)
    stage.refuses(
        "quarters of another day",
        errors.CommunityDays_BadRange,
        keeper,
        days.prove_history(_OURS, day, leaf, first - 1, first + 8),
        from_slot=first - 1,
    )
    noon = first + 44
    proves = days.prove_history(_OURS, day, leaf, noon, noon + 12)
    stage.does("the roof's noon becomes history", keeper, proves, "HistoryProven")
    stage.shows("a quarter of it", market.energy_accounts.net_of(roof.number, noon))
    exported = market.meters.get_daily_production(roof.meter.address, day)
    stage.shows("and the day, as carbon credits read it", exported)
    stage.refuses(
        "the flat was not closed with the others",
        errors.CommunityDays_NotClosedTogether,
        keeper,
        days.hand_over(_OURS, day, leaf_of(wednesday, flat.number)),
        number=flat.number,
    )
    hands = days.hand_over(_OURS, day, leaf)
    stage.does("the roof's own readings could go on from here", keeper, hands, "HandedOver")


def _another_day(stage: Stage, houses: dict[str, House], wednesday: StoredDay) -> StoredDay:
    market, keeper, day = stage.market, stage.keeper, wednesday.day + 1
    days, energy, gateway = market.community_days, market.energy_accounts, _gateway()
    bakery, roof, flat, tower, studio, cellar = houses.values()
    stage.chapter("Thursday: a gateway that forgets")
    first = day * SLOTS
    stage.does(
        "the guardian gives readings of the last quarter half a day more",
        stage.safe,
        energy.prolong(first + 95, first + 96, DAY // 2),
        "Prolonged",
    )
    stage.wait_until((day + 1) * DAY + HOUR)
    wrong = Flat(bakery.number, (4100, 0), _MORNING, continues=True)
    rows = [
        Flat(bakery.number, (4000, 0), _MORNING),
        Flat(roof.number, (0, 4800), _NOON),
        Flat(flat.number, (1500, 0), {**_BURN, 12: -9000}),
        Flat(tower.number, (5800, 0), _MORNING),
        Absent(number=studio.number),
        Flat(cellar.number, (0, 0), _MORNING),
    ]
    for what, found in (
        ("registers that jump", day_of(_OURS, day, [wrong, *rows[1:]])),
        ("then leaves that continue nothing", day_of(_OURS, day, rows)),
    ):
        stage.does(what, gateway, days.anchor(_OURS, day, found.root), "DayAnchored")
        stage.wait(7 * HOUR)
        settles = days.settle_day(_OURS, day, found.leaves.encode())
        if "jump" in what:
            stage.refuses(
                "before the last quarter is final",
                errors.CommunityDays_DayNotFinal,
                keeper,
                settles,
            )
            stage.wait_until((day + 1) * DAY + 14 * HOUR)
            stage.refuses(
                "and then",
                errors.CommunityDays_RegistersNotContinued,
                keeper,
                settles,
                day=day,
            )
        else:
            stage.does("it is settled for the roof alone", keeper, settles, "MemberPassedOver")
    stage.refuses(
        "Wednesday's leaf, now that another one is newer",
        errors.CommunityDays_NotNewest,
        keeper,
        days.hand_over(_OURS, wednesday.day, leaf_of(wednesday, roof.number)),
    )
    return found


def _alone(
    stage: Stage, houses: dict[str, House], wednesday: StoredDay, thursday: StoredDay
) -> None:
    market, keeper = stage.market, stage.keeper
    days, settlement = market.community_days, market.settlement
    bakery, roof, flat, tower, studio, cellar = houses.values()

    def late(day: StoredDay, house: House) -> object:
        return days.read_late(_OURS, day.day, leaf_of(day, house.number))

    stage.chapter("Those who were passed over")
    for what, error, day, house in (
        (
            "the roof's Thursday, which is closed",
            errors.CommunityDays_ClosedTogether,
            thursday,
            roof,
        ),
        (
            "the studio's, which was contradicted",
            errors.CommunityDays_Contradicted,
            wednesday,
            studio,
        ),
        (
            "its Thursday, which was not measured",
            errors.CommunityDays_NotMeasured,
            thursday,
            studio,
        ),
        ("the cellar's, which is no member", errors.CommunityDays_NotAMember, thursday, cellar),
        (
            "the flat's Thursday, with 9 kWh in an hour",
            errors.CommunityDays_NetsNotBelievable,
            thursday,
            flat,
        ),
        (
            "the tower's, before its Wednesday is closed",
            errors.CommunityDays_DaysOpen,
            thursday,
            tower,
        ),
        (
            "the bakery's, before Thursday is closed",
            errors.CommunityDays_NotHandedOver,
            thursday,
            bakery,
        ),
    ):
        stage.refuses(what, error, keeper, late(day, house))
    call = late(wednesday, flat)
    what, skipped = "a stranger, who would skip its Tuesday", errors.CommunityDays_Skipped
    stage.refuses(what, skipped, keeper, call, number=flat.number)
    what = "its holder lets the registers until Wednesday come"
    stage.does(what, flat.holder, call, "LeafRead")
    stage.refuses("twice", errors.CommunityDays_NothingToRead, keeper, call)
    close = settlement.close_through([flat.address, tower.address], wednesday.day)
    stage.does("its Wednesday and the tower's close alone", keeper, close, "DayClosed")
    stage.does("and the leaf's nets are charged late", keeper, call, "LeafRead", "ReadLate")
    stage.refuses(
        "the tower's, which begins with other registers",
        errors.CommunityDays_OtherRegisters,
        keeper,
        late(wednesday, tower),
        number=tower.number,
    )
    hands = days.hand_over(_OURS, wednesday.day, leaf_of(wednesday, bakery.number))
    stage.does("the bakery's own readings go on", keeper, hands, "HandedOver")
    close = settlement.close_through([bakery.address], thursday.day)
    stage.does("its Thursday closes alone", keeper, close, "DayClosed")
    stage.does("and is read late", keeper, late(thursday, bakery), "LeafRead")


def _at_deployment(stage: Stage) -> None:
    market = stage.market
    modules = (
        market.settlement.address,
        market.energy_accounts.address,
        market.communities.address,
        market.meters.address,
        market.tariffs.address,
    )
    stage.chapter("What is checked at deployment")
    for what, name, values in (
        ("eight days of challenge", "challenge", (8 * DAY, DAY)),
        ("no time between challenge and deadline", "deadline", (DAY, DAY)),
    ):
        stage.refuses_to_deploy(
            what,
            errors.CommunityDays_BadParameter,
            "CommunityDays",
            market.access.address,
            modules,
            *values,
            name=name,
        )


story = Story(name="community_days", contracts=("CommunityDays",), tell=tell)
cli = walkthrough(str(__doc__), story)
