"""What the spot market, carbon credits, assets and their shares cost."""

from __future__ import annotations

from energy_grid.chain.roles import Role
from tests.support.market import Market, Receipt, actor
from tests.support.settlement import record
from tests.unit.contracts.carbon.credits import clean_producer, issue
from tests.unit.contracts.spot.traders import fund, give_credits

__all__ = ["measure_asset_suite"]

PRICE = 250_000
HOUR = 3600
PRODUCED = 184  # Wh
YEAR = 365 * 86_400


def measure_asset_suite(market: Market) -> dict[str, int]:
    """Gas per operation, the second of its kind."""
    return {**_spot(market), **_carbon(market), **_assets(market)}


def _spot(market: Market) -> dict[str, int]:
    seller, buyer = actor("spot seller"), actor("spot buyer")
    market.do(seller, market.grid, "registerProducer", 10_000, 0)
    market.do(buyer, market.grid, "registerConsumer", 10_000)
    give_credits(market, seller, 1_000_000)
    give_credits(market, buyer, 1_000)
    for account in (seller, buyer):
        fund(market, account, 1_000_000_000)
        market.do(account, market.energy_token, "approve", market.spot.address, 2**256 - 1)
    figures: dict[str, int] = {}

    def gas(name: str, receipt: Receipt) -> None:
        figures[name] = receipt.gas_used

    for number in (1, 2):
        gas("createEnergyOffer", market.do(seller, market.spot, "createEnergyOffer", 3000, PRICE))
        gas(
            "acceptEnergyOffer, a part",
            market.do(buyer, market.spot, "acceptEnergyOffer", number, 1000),
        )
        gas("cancelEnergyOffer", market.do(seller, market.spot, "cancelEnergyOffer", number))
        trade = (buyer.address, 3000, PRICE)
        gas("createTrade", market.do(seller, market.spot, "createTrade", *trade))
        gas("completeTrade", market.do(buyer, market.spot, "completeTrade", number))
    return figures


def _carbon(market: Market) -> dict[str, int]:
    producer = clean_producer(market, "carbon producer")
    # Seven hours of one word of 256 slots, whose first is credited before.
    first = (market.now // HOUR + 256) // 256 * 256
    slots = range(first, first + 7)
    market.go_to(first * HOUR)
    for slot in slots:
        record(market, producer, slot, produced=PRODUCED)
    market.go_to(market.final_at(slots[-1]))
    issue(market, producer, slots[:1])
    figures = {
        "issueCarbonCredits, one slot": issue(market, producer, slots[1:2]).gas_used,
        "issueCarbonCredits, each of five": issue(market, producer, slots[2:]).gas_used // 5,
    }
    for _ in range(2):
        retirement = market.do(producer, market.carbon, "retire", 10, producer.address, "heating")
        figures["retire"] = retirement.gas_used
    neighbour = actor("carbon neighbour")
    for _ in range(2):
        sent = market.do(producer, market.carbon, "transfer", neighbour.address, 10)
        figures["CarbonCredits transfer"] = sent.gas_used
    return figures


def _assets(market: Market) -> dict[str, int]:
    """Two plants, each divided; the figures are the second one's."""
    owner, neighbour = actor("plant owner"), actor("plant neighbour")
    registrar, figures = market.roles[Role.REGISTRAR], dict[str, int]()
    region = b"NORTH".ljust(32, b"\0")
    # Solar, 9.8 kW, 12,000 dollars written down over 20 years.
    terms = (0, 9_800, region, market.now - YEAR, 12_000 * 10**6, 20 * YEAR, "Roof of number 7")
    market.give_money(owner, 1_000_000)
    for asset in (1, 2):
        meter = market.register_meter(owner, actor(f"meter {asset} of the plant owner"))
        work = (
            ("mint", registrar, (owner.address, terms)),
            ("linkMeter", registrar, (asset, meter.address)),
            ("addMaintenanceRecord", owner, (asset, b"\1" * 32, "inverter changed")),
            ("fractionalize", owner, (asset, 1000, "Roof of number 7", "ROOF7")),
        )
        for function, sender, arguments in work:
            receipt = market.do(sender, market.assets, function, *arguments)
            figures["mint, an asset" if function == "mint" else function] = receipt.gas_used
        (divided,) = market.events(receipt, market.assets, "Fractionalized")
        shares = market.shares(divided["shares"])
        market.do(owner, shares, "transfer", neighbour.address, 100)
        for _ in range(2):
            sent = market.do(owner, shares, "transfer", neighbour.address, 100)
            figures["AssetShares transfer"] = sent.gas_used
            market.do(owner, market.dollar, "transfer", shares.address, 1000)
            sent = market.do(owner, shares, "transfer", neighbour.address, 100)
            figures["AssetShares transfer, new revenue"] = sent.gas_used
            claimed = market.do(neighbour, shares, "claimRevenue", neighbour.address)
            figures["claimRevenue"] = claimed.gas_used
    return figures
