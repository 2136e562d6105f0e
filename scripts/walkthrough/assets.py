"""Assets: a plant as a token, its meters and its papers; then its shares, and who buys them out."""

from __future__ import annotations

from energy_grid.chain.contract import to_bytes32
from energy_grid.client import Account, EnergyType, errors
from energy_grid.contracts.energy_asset_nft import AssetTerms
from scripts._walkthrough.command import walkthrough
from scripts._walkthrough.common import only, show_authority, show_emergency_stop
from scripts._walkthrough.houses import quiet
from scripts._walkthrough.run import START
from scripts._walkthrough.stage import Stage, Story
from scripts._walkthrough.tokens import DOLLAR, NOBODY, dollars
from scripts.walkthrough._assets_buyouts import tell_buyouts
from scripts.walkthrough._assets_money import tell_money
from scripts.walkthrough._assets_papers import tell_papers
from scripts.walkthrough._assets_shares import BARN, MILL, tell_shares

HOUR, DAY, YEAR = 3600, 86_400, 365 * 86_400
NORTH = "NORTH"
STRING = 10_000  # W that the meter of one string of modules can see


def tell(stage: Stage) -> None:
    """a barn's roof is registered, measured, maintained, divided, bought out and redeemed."""
    stage.wait_until(START + 9 * HOUR)
    _plants(stage)
    _meters(stage)
    _a_meter_moves(stage)
    tell_papers(stage)
    _hands(stage)
    tell_shares(stage)
    sold = tell_buyouts(stage)
    tell_money(stage)
    _at_deployment(stage)
    assets = stage.market.assets
    mint = assets.mint(stage.person("the plant owner").address, _terms(stage.now))
    show_authority(stage, [assets], mint)
    show_emergency_stop(stage, [assets], assets.fractionalize(MILL, 3, "Mill", "MILL"))
    second_investor = stage.person("the second investor")
    due = sold.claimable_of(second_investor.address)
    stage.check(due == 1_100 * DOLLAR, f"100 shares at 11 dollars are {dollars(due)}")
    stage.does(
        "the second investor is paid for its part of the roof nevertheless",
        second_investor,
        sold.claim_revenue(second_investor.address),
        "RevenueClaimed",
    )


def _terms(
    commissioned_at: int,
    *,
    kind: EnergyType = EnergyType.SOLAR,
    capacity: int = 80_000,
    name: str = "Barn roof",
) -> AssetTerms:
    """6,000 dollars, written down over 20 years."""
    return AssetTerms(
        kind=kind,
        capacity=capacity,
        region=NORTH,
        commissioned_at=commissioned_at,
        value=6_000 * DOLLAR,
        lifetime=20 * YEAR,
        name=name,
    )


def _plants(stage: Stage) -> None:
    assets, plant_owner, old = (
        stage.market.assets,
        stage.person("the plant owner"),
        stage.now - 10 * YEAR,
    )
    stage.chapter("A plant becomes a token")
    stage.says("The registrar has seen the papers. Capacity in W, value in money, lifetime in s.")
    stage.does(
        "the plant owner's barn roof: 80 kW, 6,000 dollars, ten of its twenty years old",
        stage.safe,
        assets.mint(plant_owner.address, _terms(old)),
        "AssetMinted",
    )
    stage.does(
        "and its water mill, 30 kW",
        stage.safe,
        assets.mint(
            plant_owner.address, _terms(old, kind=EnergyType.HYDRO, capacity=30_000, name="Mill")
        ),
    )
    stage.shows("plants so far", assets.asset_count())
    stage.shows("the roof", assets.get_asset(BARN))
    value = assets.book_value_of(BARN)
    stage.shows("its book value", dollars(value))
    stage.check(2_999 * DOLLAR < value <= 3_000 * DOLLAR, "half of its value is not written down")
    stage.refuses(
        "a plant that produces nothing",
        errors.EnergyAssetNFT_BadParameter,
        stage.safe,
        assets.mint(plant_owner.address, _terms(old, capacity=0)),
        name=to_bytes32("capacity"),
        value=0,
    )
    stage.refuses(
        "one with a line break in its name",
        errors.EnergyAssetNFT_BadText,
        stage.safe,
        assets.mint(plant_owner.address, _terms(old, name="Barn\nroof")),
        field=to_bytes32("name"),
        length=9,
    )
    stage.refuses_to_answer(
        "a plant that there is not",
        errors.ERC721NonexistentToken,
        lambda: assets.get_asset(3),
        token_id=3,
    )


def _string(stage: Stage, number: int) -> Account:
    """The meter of one string of modules on the roof."""
    return stage.person(f"the meter of string {number}")


def _meters(stage: Stage) -> None:
    market, plant_owner, safe = stage.market, stage.person("the plant owner"), stage.safe
    assets, first = market.assets, _string(stage, 1)
    stage.chapter("What it produces is what its meters say")
    steps = []
    for number in range(1, 10):
        draft = market.draft_registration(
            _string(stage, number),
            plant_owner.address,
            region=NORTH,
            rated_power=STRING,
            settlement=False,
        )
        call = market.prepare_draft(market.sign_consent(plant_owner, draft))
        steps.append((safe, call))
    stage.repeats("nine strings of modules get a sub-meter each", steps)
    stage.does(
        "the first counts for the roof", safe, assets.link_meter(BARN, first.address), "MeterLinked"
    )
    today, ten = stage.now // DAY, stage.now - stage.now % HOUR + HOUR
    stage.wait_until(ten)
    reading = market.meters.submit_reading(quiet(ten, 0, 6_500))
    stage.does("10:00: it has produced 6,500 Wh", first, reading)
    found = assets.get_production_history(BARN, today - 1, today + 1)
    stage.shows("Wh of the roof, yesterday and today", found)
    stage.check(found == (0, 6_500), f"the roof has produced {found}")
    stage.refuses_to_answer(
        "days that end before they begin",
        errors.EnergyAssetNFT_BadDays,
        lambda: assets.get_production_history(BARN, today, today - 1),
        maximum=92,
    )
    stage.refuses(
        "an unknown meter",
        errors.EnergyAssetNFT_InactiveMeter,
        safe,
        assets.link_meter(BARN, plant_owner.address),
        meter=plant_owner.address,
    )
    stage.refuses(
        "the roof's meter for the mill as well",
        errors.EnergyAssetNFT_MeterTaken,
        safe,
        assets.link_meter(MILL, first.address),
        meter_number=1,
        asset=BARN,
    )
    stage.repeats(
        "seven more strings",
        [(safe, assets.link_meter(BARN, _string(stage, each).address)) for each in range(2, 9)],
    )
    stage.refuses(
        "a ninth",
        errors.EnergyAssetNFT_TooManyMeters,
        safe,
        assets.link_meter(BARN, _string(stage, 9).address),
        asset=BARN,
        maximum=8,
    )


def _a_meter_moves(stage: Stage) -> None:
    assets, safe, today = stage.market.assets, stage.safe, stage.now // DAY
    eighth = _string(stage, 8)
    stage.chapter("A meter moves; no day of it counts twice")
    stage.does(
        "string 8 is taken off the roof", safe, assets.unlink_meter(BARN, 8), "MeterUnlinked"
    )
    stage.refuses(
        "and taken off again",
        errors.EnergyAssetNFT_MeterNotLinked,
        safe,
        assets.unlink_meter(BARN, 8),
        meter_number=8,
    )
    happened = stage.does(
        "it goes to the mill", safe, assets.link_meter(MILL, eighth.address), "MeterLinked"
    )
    stage.check(
        only(happened, "MeterLinked")["from_day"] == today + 1, "the day counts for both plants"
    )
    stage.says("Today was the roof's: it counts for the mill from tomorrow on.")
    numbers = assets.meters_of(BARN)
    stage.shows("meters of the roof, by number", numbers)
    stage.check(numbers == tuple(range(1, 8)), f"they are {numbers}")
    plant = assets.asset_of_meter(8)
    stage.shows("the plant of meter 8", plant)
    stage.check(plant == MILL, f"it is {plant}")


def _hands(stage: Stage) -> None:
    assets = stage.market.assets
    plant_owner, buyer, agent = (
        stage.person(name) for name in ("the plant owner", "the buyer", "the agent")
    )
    stage.chapter("A plant changes hands: an ERC-721 like any other")
    stage.shows("the collection", (assets.name_(), assets.symbol()))
    known = {"ERC-721": "80ac58cd", "ERC-4906": "49064906", "what is none": "ffffffff"}
    for what, selector in known.items():
        stage.shows(
            f"whether it knows {what}", assets.call("supportsInterface", bytes.fromhex(selector))
        )
    stage.refuses(
        "the agent, an agent, transfers the mill without the plant owner's approval",
        errors.ERC721InsufficientApproval,
        agent,
        assets.transfer_from(plant_owner.address, buyer.address, MILL),
        operator=agent.address,
    )
    stage.refuses(
        "the agent approves itself",
        errors.ERC721InvalidApprover,
        agent,
        assets.approve(agent.address, MILL),
        approver=agent.address,
    )
    stage.does(
        "the plant owner approves the agent",
        plant_owner,
        assets.approve(agent.address, MILL),
        "Approval",
    )
    stage.shows("who may move the mill besides its owner", assets.get_approved(MILL))
    stage.refuses(
        "the agent sells it as if it were the buyer's",
        errors.ERC721IncorrectOwner,
        agent,
        assets.transfer_from(buyer.address, agent.address, MILL),
        owner=plant_owner.address,
    )
    stage.does(
        "it sells it to the buyer",
        agent,
        assets.transfer_from(plant_owner.address, buyer.address, MILL),
        "Transfer",
    )
    stage.shows("whose it is", assets.owner_of(MILL))
    stage.shows("how many plants the plant owner has left", assets.balance_of(plant_owner.address))
    stage.does(
        "the buyer approves the agent for all its plants",
        buyer,
        assets.set_approval_for_all(agent.address, True),
    )
    stage.shows("whether it may", assets.is_approved_for_all(buyer.address, agent.address))
    stage.does(
        "it moves it back, asking the receiver if it is a contract",
        agent,
        assets.safe_transfer_from(buyer.address, plant_owner.address, MILL),
    )
    stage.does(
        "and to the buyer again, with some data",
        plant_owner,
        assets.safe_transfer_from(plant_owner.address, buyer.address, MILL, b"as agreed"),
    )
    stage.check(assets.owner_of(MILL) == buyer.address, "the mill is not the buyer's")
    settlement = stage.market.settlement.address
    stage.refuses(
        "to a contract that would keep it for ever",
        errors.ERC721InvalidReceiver,
        buyer,
        assets.safe_transfer_from(buyer.address, settlement, MILL),
        receiver=settlement,
    )
    stage.refuses(
        "the zero address may move all its plants",
        errors.ERC721InvalidOperator,
        buyer,
        assets.set_approval_for_all(NOBODY.address, True),
    )
    stage.refuses_to_answer(
        "plants of the zero address",
        errors.ERC721InvalidOwner,
        lambda: assets.balance_of(NOBODY.address),
    )


def _at_deployment(stage: Stage) -> None:
    market, assets = stage.market, stage.market.assets
    stage.chapter("What is fixed at deployment")
    meter = assets.meter()
    stage.shows("which meters count", meter)
    stage.check(meter == market.meters.address, "other meters count")
    code = assets.shares()
    stage.shows("whose code all shares run", code)
    stage.check(code == market.deployment.address("AssetShares"), "shares run other code")
    stage.shows("who writes the cards", assets.metadata())


story = Story(name="assets", contracts=("EnergyAssetNFT", "AssetShares"), tell=tell)
cli = walkthrough(str(__doc__), story)
