"""Communities: neighbours who share their surplus, how they come together, and how they part."""

from __future__ import annotations

from energy_grid.client import errors
from energy_grid.market.days import closed_day
from energy_grid.market.signing import domain_of, sign_join
from scripts._walkthrough.command import walkthrough
from scripts._walkthrough.houses import DAY, HOME, HOUR, SLOT, House, day_in_words, live, today
from scripts._walkthrough.stage import Stage, Story
from scripts._walkthrough.tokens import NOBODY, dollars
from scripts.walkthrough._communities_bounds import tell_of_bounds
from scripts.walkthrough._communities_gateway import tell_of_a_gateway

# The deployment has made the first one, for everybody of the home region.
_OURS = 2
_NOON = {12: 3000}
_ALL_DAY = dict.fromkeys(range(24), -2000)


def tell(stage: Stage) -> None:
    """four houses of a street, of which three share a noon; one cannot pay, one must go."""
    houses = {
        name: House(stage, name, money)
        for name, money in (
            ("the prosumer", "60"),
            ("the consumer", "60"),
            ("the debtor", "10"),
            ("the lodger", "10"),
        )
    }
    _a_community(stage)
    _who_may_join(stage, houses)
    _they_join(stage, houses)
    _a_noon_is_shared(stage, houses)
    _a_debt(stage, houses)
    _theta(stage)
    _expelled(stage, houses)
    _parting(stage, houses)
    tell_of_a_gateway(stage)
    tell_of_bounds(stage, houses)


def _a_community(stage: Stage) -> None:
    communities, manager = stage.market.communities, stage.person("the manager")
    stage.chapter("Tuesday: a community")
    stage.says("Its members share what one has too much of and another lacks in the same quarter.")
    stage.says("Theta says where the price lies: half of the way from 8 cents, the feed-in, to 30.")
    stage.shows("members that a community can have", communities.max_members())
    stage.refuses(
        "theta above all of the way",
        errors.Communities_ThetaAbove,
        manager,
        communities.create(HOME, 10_001, manager.address),
        theta=10_001,
        highest=10_000,
    )
    stage.does(
        "one with half of it, which anybody can create",
        manager,
        communities.create(HOME, 5000, manager.address),
        "CommunityCreated",
    )
    stage.shows("communities: a deployment makes the first", communities.community_count())
    stage.shows("what is known of it", communities.community_of(_OURS))
    stage.refuses_to_answer(
        "of another one",
        errors.Communities_Unknown,
        lambda: communities.community_of(3),
        id=3,
    )
    forwarder = stage.market.contract("ERC2771Forwarder").address
    stage.shows("whether members can join by a relay", communities.is_trusted_forwarder(forwarder))


def _who_may_join(stage: Stage, houses: dict[str, House]) -> None:
    communities, stranger = stage.market.communities, stage.person("a stranger")
    stage.chapter("Who may join")
    prosumer = houses["the prosumer"]
    stage.refuses(
        "somebody without an account",
        errors.Communities_UnknownAccount,
        stranger,
        communities.join(_OURS),
        account=stranger.address,
    )
    for house in houses.values():
        house.deposits({"the prosumer": "50", "the consumer": "50"}.get(house.name, "10"))
    stage.refuses(
        "an account without a meter",
        errors.Communities_OtherRegion,
        prosumer.holder,
        communities.join(_OURS),
        region=0,
    )
    for house in houses.values():
        house.gets_meter()


def _they_join(stage: Stage, houses: dict[str, House]) -> None:
    communities, relay = stage.market.communities, stage.person("the relay")
    prosumer, consumer, debtor, _ = houses.values()
    stage.chapter("They join")
    stage.says("By a call, or by a signature that anybody brings. Membership begins at midnight.")
    stage.does("the prosumer", prosumer.holder, communities.join(_OURS), "Joined")
    stage.refuses(
        "the prosumer again",
        errors.Communities_IsMember,
        prosumer.holder,
        communities.join(_OURS),
        id=_OURS,
    )
    deadline, nonce = stage.now + HOUR, communities.nonces(consumer.address)
    domain = domain_of(communities)
    stage.shows("what a signature is bound to", domain)
    gateway = communities.next_gateway_of(_OURS).gateway
    signature = sign_join(consumer.holder, _OURS, gateway, nonce, deadline, domain)
    stage.shows("the hash of it", communities.hash_join(consumer.address, _OURS, deadline))
    stage.refuses(
        "the consumer's, for the debtor",
        errors.Communities_WrongSignature,
        relay,
        communities.join_for(debtor.address, _OURS, deadline, signature),
        account=debtor.address,
        nonce=0,
    )
    stage.refuses(
        "one whose time is over",
        errors.Communities_Expired,
        relay,
        communities.join_for(consumer.address, _OURS, stage.now - 1, signature),
        deadline=stage.now - 1,
    )
    stage.does(
        "the consumer, by its own",
        relay,
        communities.join_for(consumer.address, _OURS, deadline, signature),
        "Joined",
    )
    stage.does("the debtor", debtor.holder, communities.join(_OURS), "Joined")
    found = stage.market.energy_accounts.membership_of(debtor.number)
    stage.shows("the debtor's community: now, next, and from which day", found)


def _a_noon_is_shared(stage: Stage, houses: dict[str, House]) -> None:
    market, keeper = stage.market, stage.keeper
    prosumer, consumer, debtor, lodger = houses.values()
    wednesday = today(stage) + 1
    stage.chapter("Wednesday: a noon is shared")
    stage.says("From 12 to 13 the prosumer has 3 kWh too much, the consumer and the debtor lack 2")
    stage.says("each, and so does the lodger, who is no member. The debtor runs a heater all day.")
    nets = {prosumer: _NOON, consumer: {12: -2000}, debtor: _ALL_DAY, lodger: _ALL_DAY}
    live(stage, "readings until 13:00", wednesday * DAY + 13 * HOUR, nets)
    slot = (wednesday * DAY + 12 * HOUR) // SLOT
    stage.shows(
        "a quarter of noon: what members have, and lack",
        market.energy_accounts.sums_of(_OURS, slot),
    )
    stage.shows("the consumer in it", market.energy_accounts.energy_of(consumer.address, slot))
    live(stage, "and until midnight", (wednesday + 1) * DAY, nets)
    stage.wait_until((wednesday + 1) * DAY + HOUR)
    accounts = [each.address for each in (consumer, debtor, lodger, prosumer)]
    events = stage.does(
        "on Thursday the day closes for all",
        keeper,
        market.settlement.close_through(accounts, wednesday),
        "DayClosed",
        "DebtIncurred",
    )
    closed = {
        one["account"]: closed_day(one)
        for one in events
        if one.event == "DayClosed" and one["day"] == wednesday
    }
    taken = [closed[each.address].taken for each in (consumer, debtor, lodger)]
    stage.check(taken == [1500, 1500, 0], f"taken: {taken}")
    for house in (prosumer, consumer):
        stage.shows(f"{house.name}'s day", day_in_words(closed[house.address]))
    stage.check(closed[prosumer.address].money == 3 * 190_000_000, "not 19 cents each")
    stage.says("Three kWh at 19 cents: 11 more than fed in, 11 less than from the grid.")


def _a_debt(stage: Stage, houses: dict[str, House]) -> None:
    market, anybody = stage.market, stage.person("the relay")
    communities = market.communities
    _, consumer, debtor, lodger = houses.values()
    stage.chapter("Who owes money is suspended, and joins nowhere")
    stage.shows("what the debtor owes", dollars(market.settlement.debt_of(debtor.address)))
    stage.refuses(
        "somebody suspends the consumer, who owes nothing",
        errors.Communities_NoDebt,
        anybody,
        communities.suspend(consumer.address),
        account=consumer.address,
    )
    stage.does("but the debtor", anybody, communities.suspend(debtor.address), "Left")
    stage.shows("it stays until no trade reaches: a member until day", communities.beyond_horizon())
    stage.refuses(
        "the lodger, who owes as well, joins",
        errors.Communities_InDebt,
        lodger.holder,
        communities.join(_OURS),
        debt=market.settlement.debt_of(lodger.address),
    )
    detach = market.meters.detach_meter(lodger.meter.address)
    stage.does("the lodger moves out tonight", lodger.holder, detach, "MeterDetached")
    stage.refuses(
        "and joins for the time after",
        errors.Communities_NoMeter,
        lodger.holder,
        communities.join(_OURS),
        account=lodger.address,
    )


def _theta(stage: Stage) -> None:
    communities, manager = stage.market.communities, stage.person("the manager")
    first = communities.beyond_horizon()
    stage.chapter("The manager moves the price")
    stage.refuses(
        "a stranger does",
        errors.Communities_NotManager,
        stage.person("a stranger"),
        communities.set_theta(_OURS, 0, first),
        id=_OURS,
    )
    stage.refuses(
        "on a day that can be traded now",
        errors.Communities_WithinHorizon,
        manager,
        communities.set_theta(_OURS, 4000, first - 1),
        day=first - 1,
        first_day=first,
    )
    stage.refuses(
        "on a day that its word cannot count",
        errors.SafeCastOverflowedUintDowncast,
        manager,
        communities.set_theta(_OURS, 4000, 2**16),
        bits=16,
    )
    stage.does(
        "on the first one beyond", manager, communities.set_theta(_OURS, 4000, first), "ThetaSet"
    )
    found = [communities.theta_at(_OURS, each) for each in (first - 1, first)]
    stage.check(found == [5000, 4000], f"theta: {found}")
    stage.shows("theta on the day before, and then", found)


def _expelled(stage: Stage, houses: dict[str, House]) -> None:
    market, manager, consumer = stage.market, stage.person("the manager"), houses["the consumer"]
    communities = market.communities
    last = communities.beyond_horizon()
    stage.chapter("A member is expelled")
    stage.does("the consumer", manager, communities.expel(_OURS, consumer.address), "Left")
    stage.shows("whether it is", communities.is_expelled(_OURS, consumer.address))
    stage.refuses(
        "twice",
        errors.Communities_NotMember,
        manager,
        communities.expel(_OURS, consumer.address),
        account=consumer.address,
    )
    stage.wait_until((last + 1) * DAY + HOUR)
    stage.refuses(
        "when its membership is over, it joins again",
        errors.Communities_Expelled,
        consumer.holder,
        communities.join(_OURS),
        id=_OURS,
    )
    stage.does(
        "the manager readmits it",
        manager,
        communities.readmit(_OURS, consumer.address),
        "Readmitted",
    )
    stage.refuses(
        "days of its first membership are open",
        errors.EnergyAccounts_MembershipPending,
        consumer.holder,
        communities.join(_OURS),
        from_day=last,
    )
    close = market.settlement.close_through([consumer.address], last)
    stage.does("they close", stage.keeper, close, "DayClosed")
    stage.does("then it can", consumer.holder, communities.join(_OURS), "Joined")


def _parting(stage: Stage, houses: dict[str, House]) -> None:
    communities, manager = stage.market.communities, stage.person("the manager")
    prosumer = houses["the prosumer"]
    stage.chapter("They part")
    stage.shows("members now: who was suspended is gone", communities.community_of(_OURS).members)
    close = stage.market.settlement.close_through([prosumer.address], today(stage) - 1)
    stage.does("the prosumer's days close", stage.keeper, close)
    stage.does("it leaves", prosumer.holder, communities.leave(), "Left")
    stage.shows(
        "which takes back signatures that it gave: its next nonce",
        communities.nonces(prosumer.address),
    )
    call = communities.set_manager(_OURS, NOBODY.address)
    stage.does(
        "the manager leaves theta and members to themselves", manager, call, "ManagerChanged"
    )


story = Story(name="communities", contracts=("Communities",), tell=tell)
cli = walkthrough(str(__doc__), story)
