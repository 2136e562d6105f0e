"""The SDK's face on a deployed market: energy credits, assets and their shares, carbon credits."""

from __future__ import annotations

import pytest
from eth_account import Account as Wallet
from eth_utils.crypto import keccak

from energy_grid.client import Account, EnergyGrid, MeterReading
from energy_grid.contracts import errors
from energy_grid.contracts.energy_asset_nft import AssetTerms
from energy_grid.domain.enums import BuyoutStatus, EnergyType, OfferStatus, State, TradeStatus
from energy_grid.errors import DomainError
from tests.integration.conftest import AUTHORITY_OWNERS, BUYER, OWNERS, SELLER
from tests.support.market import MONDAY, Market

KEY = b"\7" * 32
METER = Account(KEY)
DAY = 86_400
PRICE = 250_000


@pytest.fixture
def asset(market: Market, grid: EnergyGrid) -> int:
    """A roof of the seller, who is a clean producer, with its meter; both have energy credits."""
    registrar = grid.acting_safe(OWNERS)
    grid.plan(SELLER, grid.grid.register_producer(10_000, EnergyType.SOLAR)).execute()
    grid.plan(BUYER, grid.grid.register_consumer(10_000)).execute()
    for account, is_producer in ((SELLER, True), (BUYER, False)):
        confirm = grid.grid.confirm_participant(account.address, is_producer)
        grid.plan(grid.acting_safe(AUTHORITY_OWNERS), confirm).execute()
    for account in (BUYER, SELLER):
        market.do(market.settlement.address, market.energy_token, "mint", account.address, 5_000)
    grid.register_meter(
        registrar, METER, SELLER, region="home", rated_power=10_000, settlement=False
    ).execute()
    grid.plan(registrar, grid.carbon.register_clean_energy_producer(SELLER.address)).execute()
    terms = AssetTerms(
        kind=EnergyType.SOLAR,
        capacity=9_800,
        region="village",
        commissioned_at=MONDAY,
        value=10_000_000,
        lifetime=20 * 365 * DAY,
        name="Roof",
    )
    grid.plan(registrar, grid.assets.mint(SELLER.address, terms)).execute()
    number = grid.assets.asset_count()
    grid.plan(registrar, grid.assets.link_meter(number, METER.address)).execute()
    assert grid.assets.get_asset(number).terms == terms
    return number


def test_offers__are_approved_exactly_and_paid_from_the_settlement_account(
    grid: EnergyGrid, asset: int
) -> None:
    grid.deposit_with_permit(BUYER, 10_000_000).execute()
    offer = grid.offer_energy(SELLER, 2_000, PRICE).execute()
    assert grid.energy_token.allowance(SELLER.address, grid.spot.address) == 0
    assert grid.accept_offer(BUYER, offer, 500).execute().paid == 125_000
    assert grid.accept_offer(BUYER, offer).execute().paid == 375_000
    assert grid.spot.get_energy_offer(offer).status is OfferStatus.SOLD
    trade = grid.offer_energy_to(SELLER, BUYER.address, 1_000, PRICE).execute()
    (receipt,) = grid.plan(BUYER, grid.spot.complete_trade(trade)).execute()
    assert [event.event for event in grid.events_in(receipt.logs)] == [
        "SpotPaid",
        "Transfer",
        "TradeCompleted",
    ]
    assert grid.spot.get_trade_info(trade).status is TradeStatus.COMPLETED
    assert grid.energy_token.balance_of(BUYER.address) == 8_000
    assert grid.settlement.balance_of(SELLER.address) == 750_000
    with pytest.raises(DomainError, match=r"has 2 KWH, and the call needs 2\.001 KWH"):
        grid.offer_energy(SELLER, 2_001, PRICE).execute()
    with pytest.raises(errors.PeerToPeerTrading_Inactive):
        grid.offer_energy(OWNERS[0], 1, PRICE).execute()
    assert grid.spot.offer_count() == grid.spot.trade_count() == 1


@pytest.mark.parametrize(("allowed", "left"), [(0, 0), (1_999, 0), (2_000, 0), (2_001, 1)])
def test_offer_energy__approves_what_it_takes_unless_that_is_allowed(
    grid: EnergyGrid, asset: int, allowed: int, left: int
) -> None:
    grid.plan(SELLER, grid.energy_token.approve(grid.spot.address, allowed)).execute()
    grid.offer_energy(SELLER, 2_000, PRICE).execute()
    assert grid.energy_token.allowance(SELLER.address, grid.spot.address) == left


def test_shares__revenue_and_a_buyout(market: Market, grid: EnergyGrid, asset: int) -> None:
    address = grid.fractionalize(SELLER, asset, 10, name="Roof Shares", symbol="ROOF").execute()
    shares = grid.shares(asset)
    assert (shares.address, shares.asset(), shares.state()) == (address, asset, State.HELD)
    grid.plan(SELLER, shares.transfer(BUYER.address, 3)).execute()
    (receipt,) = grid.share_revenue(BUYER, shares, 1_000_000).execute()
    assert grid.money.balance_of(address) == 1_000_000
    grid.deposit_with_permit(BUYER, 2_000_000).execute()
    grid.share_revenue(BUYER, shares, 2_000_000, from_balance=True).execute()
    assert shares.claimable_of(BUYER.address) == 900_000
    (receipt,) = grid.plan(BUYER, shares.claim_revenue(SELLER.address)).execute()
    assert [(event.contract, event.event) for event in grid.events_in(receipt.logs)] == [
        ("AssetShares", "RevenueReceived"),
        ("AssetShares", "RevenueClaimed"),
        ("TestDollar", "Transfer"),
    ]
    assert grid.claim_revenue(BUYER, shares).execute() == 900_000
    with pytest.raises(errors.AssetShares_PriceTooLow):
        grid.offer_buyout(BUYER, shares, 1).execute()
    offer = grid.offer_buyout(BUYER, shares, 1_500_000).execute().id
    assert grid.money.allowance(BUYER.address, address) == 0
    grid.plan(SELLER, shares.accept_buyout(offer)).execute()
    assert shares.accepted_of(SELLER.address) == (offer, 7)
    market.go_to(MONDAY + 8 * DAY)
    grid.plan(SELLER, shares.conclude_buyout(offer)).execute()
    assert shares.buyout(offer).status in (BuyoutStatus.SOLD, BuyoutStatus.FAILED)
    assert (shares.state(), grid.assets.owner_of(asset)) == (State.SOLD, BUYER.address)


def test_certificates__issued_sold_retired_and_credited(
    market: Market, grid: EnergyGrid, asset: int
) -> None:
    device = grid.meters.get_meter(METER.address).number
    registrar, first = grid.acting_safe(OWNERS), MONDAY // DAY + 1
    register = grid.certificates.register_device(device, EnergyType.SOLAR)
    grid.plan(registrar, register).execute()
    neighbour = Wallet.from_key(keccak(text="a neighbour's meter"))
    grid.deposit_with_permit(BUYER, 20_000_000).execute()
    grid.register_meter(
        registrar,
        Account(keccak(text="a neighbour's meter")),
        BUYER,
        region="home",
        rated_power=10_000,
    ).execute()
    for hour, flow in enumerate(((900, 0), (2_000, 0), (0, 100)), start=1):
        market.go_to(MONDAY + DAY + hour * 3600)
        market.measure(neighbour, flow)
    times = [MONDAY + DAY + hour * 3600 for hour in range(4)]
    readings = [
        grid.sign_reading(
            METER,
            MeterReading(
                timestamp=time, consumption=0, production=made, grid_frequency=5000, voltage=2300
            ),
        )
        for time, made in zip(times, (0, 1_000, 2_500, 2_600), strict=True)
    ]
    (issued,) = grid.issue_certificates(SELLER, readings).execute()
    assert issued.wh == 2_600
    slots = [first * 24 + hour for hour in range(3)]
    held = dict(zip(slots, (1_000, 1_500, 100), strict=True))
    assert grid.held_certificates(SELLER.address, device, first) == held
    assert grid.matchable_certificates(SELLER.address, device, first) == {}

    day = range(first * 24, first * 24 + 24)
    offer = grid.offer_certificates(SELLER, device, day, 2_550, 20_000).execute()
    before = grid.money.balance_of(SELLER.address)
    amounts = {slots[0]: 1_000, slots[1]: 1_500}
    sold = grid.buy_certificates(BUYER, offer, amounts).execute()
    assert (sold.amount, sold.paid, sold.remaining) == (2_500, 50_000, 50)
    assert grid.money.balance_of(SELLER.address) - before == 50_000
    # Of the first hour, 900 Wh were used.
    matchable = grid.matchable_certificates(BUYER.address, device, first)
    assert matchable == {slots[0]: 900, slots[1]: 1_500}
    retired = grid.retire_certificates(BUYER, device, matchable).execute()
    assert (retired.id, retired.wh) == (1, 2_400)

    assert grid.creditable_retirements(BUYER.address) == [1]
    got = grid.issue_carbon(SELLER, [1], account=BUYER.address).execute()
    assert (got.grams, got.energy, got.retirements) == (912, 2_400, 1)
    assert grid.creditable_retirements(BUYER.address) == []
    with pytest.raises(errors.CarbonCredits_NothingToIssue):
        grid.issue_carbon(BUYER, []).execute()
    offer = grid.offer_carbon(BUYER, 900, 1_000_000).execute()
    sold = grid.buy_carbon(SELLER, offer, 10).execute()
    assert (sold.amount, sold.paid) == (10, 10_000)
    assert grid.carbon.balance_of(SELLER.address) == 10


def test_permits__of_every_token_are_for_its_own_domain(grid: EnergyGrid, asset: int) -> None:
    shares = grid.shares(
        grid.fractionalize(SELLER, asset, 10, name="Roof Shares", symbol="ROOF").execute()
    )
    spender = grid.spot.address
    for token in (grid.money, grid.energy_token, grid.carbon, grid.votes, shares):
        for amount in (5, 6):
            call = grid.prepare_permit(SELLER, token, spender, amount)
            grid.plan(BUYER, call).execute()
            assert token.allowance(SELLER.address, spender) == amount
        with pytest.raises(errors.ERC2612InvalidSigner):
            grid.plan(BUYER, call).execute()
