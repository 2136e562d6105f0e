"""The SDK's face on a deployed market: what its five-line example does, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from energy_grid.chain.deployments import Deployment
from energy_grid.chain.roles import Role
from energy_grid.chain.rpc.anvil import Anvil
from energy_grid.client import (
    Account,
    Coin,
    Energy,
    EnergyGrid,
    GridPower,
    MixedUnitsError,
    Money,
    OrderType,
    Period,
    PeriodKind,
    Price,
    events,
)
from energy_grid.contracts import errors
from energy_grid.contracts.smart_meter import MeterReading
from energy_grid.domain.batch import Refusal
from energy_grid.domain.enums import ProposalState, StopLevel, Support
from energy_grid.domain.orders import OrderStatus, OrderTerms, TransactionStatus
from energy_grid.errors import (
    ChainError,
    DeploymentError,
    DomainError,
    EnergyGridError,
    NodeUnreachableError,
)
from energy_grid.market.order_sets import OrderSet
from energy_grid.market.roles import role_members
from tests.integration.conftest import BUYER, GUARDIAN_OWNERS, OWNERS, SELLER
from tests.support import small_bot
from tests.support.bot import Bot
from tests.support.market import MONDAY, Market

METER = Account(b"\7" * 32)
# The hour that orders are for by default, and when its day is final.
HOUR = Period(kind=PeriodKind.HOURLY, start=MONDAY + 3600)
FINAL = MONDAY + 86_400 + 3600
PRICE = 250_000


def test_deposit_with_permit__credits_the_account_in_one_transaction(grid: EnergyGrid) -> None:
    (receipt,) = grid.deposit_with_permit(BUYER, 50_000_000).execute()
    assert [event.event for event in grid.events_in(receipt.logs)] == [
        "Approval",
        "Transfer",
        "AccountOpened",
        "Deposited",
    ]
    assert grid.settlement.balance_of(BUYER.address) == 50_000_000
    assert grid.money.balance_of(BUYER.address) == 50_000_000
    grid.deposit_with_permit(BUYER, 1).execute()
    assert grid.settlement.balance_of(BUYER.address) == 50_000_001


@pytest.mark.parametrize("place", [(1, None), (31337, BUYER.address)])
def test_deposit_with_permit__token_that_gives_anothers_domain__signs_nothing(
    grid: EnergyGrid, monkeypatch: pytest.MonkeyPatch, place: tuple[int, str | None]
) -> None:
    """The permit would let its market take so much of that other token."""
    chain, contract = place
    token = contract or grid.money.address
    domain = grid.money.eip712_domain()._replace(chain_id=chain, verifying_contract=token)
    monkeypatch.setattr(grid.money, "eip712_domain", lambda: domain)
    with pytest.raises(ChainError, match=f"would have permits signed for {token} on chain"):
        grid.deposit_with_permit(BUYER, 1).execute()


def test_deposit_with_permit__more_than_there_is__is_refused(grid: EnergyGrid) -> None:
    with pytest.raises(errors.ERC20InsufficientBalance) as refusal:
        grid.deposit_with_permit(BUYER, 100_000_001).execute()
    assert refusal.value.sender == BUYER.address
    assert (refusal.value.balance, refusal.value.needed) == (100_000_000, 100_000_001)


def test_deposit__approves_exactly_what_it_takes(grid: EnergyGrid) -> None:
    grid.deposit(BUYER, grid.coins("50")).execute()
    assert grid.settlement.balance_of(BUYER.address) == 50_000_000
    assert grid.money.allowance(BUYER.address, grid.settlement.address) == 0
    with pytest.raises(DomainError, match=r"has 50 tUSD, and the call needs 50\.000001 tUSD"):
        grid.deposit(BUYER, grid.coins("50.000001")).execute()


def test_withdraw__within_the_limit__is_paid_at_once(grid: EnergyGrid) -> None:
    grid.deposit_with_permit(BUYER, 5_000).execute()
    assert grid.withdraw(BUYER, 1_000).execute() is None
    assert grid.withdraw(BUYER, 500, SELLER.address).execute() is None
    assert grid.settlement.balance_of(BUYER.address) == 3_500
    assert grid.money.balance_of(SELLER.address) == 100_000_500


def test_withdraw__above_the_limit__is_claimed_when_it_is_due(
    market: Market, grid: EnergyGrid
) -> None:
    market.do(market.roles[Role.ADMIN], market.settlement, "setOutflowLimit", 1_000)
    grid.deposit_with_permit(BUYER, 5_000).execute()
    waiting = grid.withdraw(BUYER, 1_001).execute()
    assert waiting is not None
    number = waiting.id
    assert number == 1
    queued = grid.settlement.queued_withdrawal(number)
    assert (queued.account, queued.amount) == (BUYER.address, 1_001)
    with pytest.raises(errors.Settlement_WithdrawalNotDue):
        grid.claim_withdrawal(SELLER, number).execute()
    market.go_to(queued.executable_at)
    grid.claim_withdrawal(SELLER, number).execute()
    assert grid.money.balance_of(BUYER.address) == 100_000_000 - 5_000 + 1_001


def test_orders__cancelled_matched_and_settled(market: Market, grid: EnergyGrid) -> None:
    for account in (BUYER, SELLER):
        grid.deposit(account, grid.coins("50")).execute()
    market.node.set_balance(METER.address, 10**21)
    energy, price = Energy.kwh("1.5"), grid.price("0.25")
    spare = grid.place_order(BUYER, OrderType.BUY, energy=energy, price=price).execute().order_id
    grid.cancel_order(BUYER, spare).execute()
    assert grid.trading.get_order(spare).status is OrderStatus.CANCELLED
    buy = grid.place_order(BUYER, OrderType.BUY, energy=energy, price=price).execute().order_id
    sell = grid.place_order(SELLER, OrderType.SELL, energy=energy, price=price).execute().order_id
    agreed = grid.match_orders(METER, buy, sell).execute().transaction_id
    transaction = grid.trading.get_transaction(agreed)
    assert (transaction.amount, transaction.price) == (1500, price)
    assert transaction.start == HOUR.start
    with pytest.raises(errors.Settlement_NothingToClose):
        grid.settle_trades(METER, [agreed]).execute()
    market.go_to(FINAL)
    closed = grid.settle_trades(METER, [agreed]).execute()
    assert {each.account: each.position for each in closed} == {
        BUYER.address: 1500,
        SELLER.address: -1500,
    }
    assert grid.trading.get_transaction(agreed).status is TransactionStatus.SETTLED


def test_trade_batch__signed_and_stored_orders__at_one_price(
    market: Market, grid: EnergyGrid
) -> None:
    for account in (BUYER, SELLER):
        grid.deposit_with_permit(account, grid.coins("50")).execute()
    keeper = Account.local(7)
    market.node.set_balance(keeper.address, 10**21)
    market.do(market.roles[Role.ADMIN], market.access, "grantRole", Role.KEEPER, keeper.address, 0)
    price = grid.price("0.25")
    buy = grid.sign_order(BUYER, OrderType.BUY, energy=1500, price=price)
    later = Period(kind=PeriodKind.HOURLY, start=HOUR.end)
    other = grid.sign_order(BUYER, OrderType.BUY, energy=7, price=price, period=later)
    grid.place_order(SELLER, OrderType.SELL, energy=1000, price=price).execute()
    published: list[OrderSet] = []
    session = grid.trade_batch(keeper, [buy, other], HOUR, publish=published.append).execute()
    assert sum(match.wh for match in session.matches) == 1000
    assert [each.root for each in published] == [
        grid.events(events.EnergyTrading_BatchSettled)[0].order_set
    ]
    spent = grid.sign_order(BUYER, OrderType.BUY, energy=5, price=price, nonce=9)
    grid.cancel_signed(BUYER, [9]).execute()
    session = grid.trade_batch(keeper, [spent], HOUR, stored=False).execute()
    assert (session.settled, [each.reason for each in session.dropped]) == (
        [],
        [Refusal.NONCE_SPENT],
    )


def test_quantities__in_another_coin__are_refused_before_anything_is_signed(
    grid: EnergyGrid,
) -> None:
    """A quarter of a coin with 18 decimals would be 250 thousand million dollars."""
    coin = Coin(decimals=18, symbol="DAI")
    price, money = Price.per_kwh("0.25", coin), Money.coins("0.25", coin)
    before = grid.node.block_number
    for refused in (
        lambda: grid.deposit(BUYER, money).execute(),
        lambda: grid.deposit_with_permit(BUYER, money).execute(),
        lambda: grid.withdraw(BUYER, money).execute(),
        lambda: grid.place_order(BUYER, OrderType.BUY, energy=1000, price=price).execute().order_id,
        lambda: grid.sign_order(BUYER, OrderType.BUY, energy=1000, price=price),
        lambda: grid.offer_energy(SELLER, 1000, price).execute(),
        lambda: grid.offer_energy_to(SELLER, BUYER.address, 1000, price).execute(),
    ):
        with pytest.raises(MixedUnitsError, match="is not in this market's Coin"):
            refused()
    assert grid.node.block_number == before


def test_quantities__of_another_kind__are_refused_before_anything_is_sent(
    grid: EnergyGrid,
) -> None:
    energy, price, money = Energy.kwh(1), grid.price(1), grid.coins(1)
    registrar = grid.acting_safe(OWNERS)
    before = grid.node.block_number
    for refused in (
        lambda: grid.deposit(BUYER, energy).execute(),
        lambda: grid.deposit_with_permit(BUYER, price).execute(),
        lambda: grid.withdraw(BUYER, energy).execute(),
        lambda: (
            grid.place_order(BUYER, OrderType.BUY, energy=money, price=price).execute().order_id
        ),
        lambda: (
            grid.place_order(BUYER, OrderType.BUY, energy=energy, price=money).execute().order_id
        ),
        lambda: grid.sign_order(BUYER, OrderType.BUY, energy=price, price=price),
        lambda: grid.sign_order(BUYER, OrderType.BUY, energy=energy, price=energy),
        lambda: grid.offer_energy(BUYER, money, price).execute(),
        lambda: grid.offer_energy_to(BUYER, SELLER.address, energy, money).execute(),
        lambda: grid.register_meter(
            registrar, METER, BUYER.address, region="x", rated_power=GridPower.kw(9)
        ).execute(),
    ):
        with pytest.raises(MixedUnitsError, match="must be"):
            refused()
    assert grid.node.block_number == before


def test_sign_order__by_default_for_the_next_hour_and_the_next_free_nonce(grid: EnergyGrid) -> None:
    grid.deposit_with_permit(BUYER, 1_000_000).execute()
    order = grid.sign_order(BUYER, OrderType.BUY, energy=1500, price=PRICE)
    assert order.terms == OrderTerms(
        trader=BUYER.address,
        order_type=OrderType.BUY,
        amount=1500,
        price=PRICE,
        expiry=HOUR.last_order,
        period=HOUR,
    )
    assert (order.nonce, order.by_contract) == (0, False)
    status = grid.signed_order_status(order)
    assert (status.authentic, status.refusal, status.needed) == (True, Refusal.NONE, 375_000)
    (receipt,) = grid.cancel_signed(BUYER, [0, 1]).execute()
    assert [event.event for event in grid.events_in(receipt.logs)] == ["SignedOrderCancelled"] * 2
    assert grid.signed_order_status(order).refusal is Refusal.NONCE_SPENT
    assert grid.sign_order(BUYER, OrderType.BUY, energy=1500, price=PRICE).nonce == 2
    (receipt,) = grid.cancel_signed_below(BUYER, 40).execute()
    assert [event.event for event in grid.events_in(receipt.logs)] == [
        "SignedFloorRaised",
        "SignedOrdersCancelledBelow",
    ]
    assert grid.next_nonce(BUYER.address) == 40
    assert grid.next_nonce(BUYER.address, taken=[40, 41]) == 42


def test_sign_order__that_could_never_trade__is_refused(grid: EnergyGrid) -> None:
    def sign(**changes: Any) -> None:
        grid.sign_order(BUYER, OrderType.SELL, **{"energy": 1500, "price": PRICE, **changes})

    for changes, says in (
        ({"energy": 0}, "0 kWh is not whole Wh of a slot"),
        ({"energy": 1.5}, "energy must be an integer"),
        ({"price": 2**32}, "price must be at most 4294967295, not 4294967296"),
        ({"nonce": 2**40}, "the nonce must be from 0 to"),
        ({"nonce": -1}, "nonce must not be negative"),
        (
            {"expiry": MONDAY - 1},
            "it is too late: its last second was 2023-12-31 23:59:59 UTC; choose",
        ),
        ({"period": Period(kind=PeriodKind.HOURLY, start=MONDAY - 3600)}, "it is too late"),
    ):
        with pytest.raises(DomainError, match=says):
            sign(**changes)


def test_slot__is_that_of_the_newest_block(market: Market, grid: EnergyGrid) -> None:
    assert grid.slot() == MONDAY // 3600
    market.go_to(MONDAY + 3600)
    assert grid.slot() == MONDAY // 3600 + 1


def test_reads__at_an_earlier_block__give_what_was(grid: EnergyGrid) -> None:
    before = grid.node.block_number
    by_hash = grid.node.block(before)["hash"]
    grid.deposit_with_permit(BUYER, 7).execute()
    balance_of = grid.settlement.balance_of
    assert balance_of(BUYER.address) == 7
    assert balance_of(BUYER.address, block_identifier=before) == 0
    assert balance_of(BUYER.address, block_identifier=by_hash) == 0


def test_simulate__returns_what_would_be_returned(grid: EnergyGrid) -> None:
    grid.deposit_with_permit(BUYER, 50_000_000).execute()
    call = grid.prepare_order(OrderType.BUY, energy=1000, price=PRICE)
    assert grid.trading.simulate(call, BUYER.address) == 1
    assert grid.trading.order_count() == 0
    with pytest.raises(errors.Settlement_UnknownAccount):
        grid.trading.simulate(call, SELLER.address)


def test_access__roles_as_the_file_says(grid: EnergyGrid) -> None:
    for role, holders in grid.deployment.roles.items():
        assert role_members(grid.access, role) == set(holders)
    pause = grid.settlement.abi.function("pause").selector
    role = grid.access.get_target_function_role(grid.settlement.address, pause)
    assert role == Role.GUARDIAN
    guardian = grid.acting_safe(GUARDIAN_OWNERS)
    assert grid.access.can_call(guardian.address, grid.settlement.address, pause).immediate
    assert not grid.access.can_call(BUYER.address, grid.settlement.address, pause).immediate
    grid.plan(guardian, grid.settlement.pause()).execute()
    assert grid.settlement.stop_level() is StopLevel.PAUSED
    with pytest.raises(errors.EmergencyStop_Stopped) as refusal:
        grid.deposit_with_permit(BUYER, 1).execute()
    assert refusal.value.level is StopLevel.PAUSED


def test_governance__from_a_proposal_to_its_effect(grid: EnergyGrid) -> None:
    voters = [Account.local(number) for number in (5, 8)]
    for voter in voters:
        grid.node.rpc("anvil_setBalance", voter.address, hex(10**21))
    call = grid.grid.set_base_price(310_000)
    made = grid.propose(voters[0], [call], "A higher price.").execute()
    assert (made.number, made.state, made.proposer) == (1, ProposalState.PENDING, voters[0].address)
    description = f"A higher price. #proposer={voters[0].address}"
    assert grid.proposal_description(made.id) == description
    with pytest.raises(errors.GovernorUnexpectedProposalState):
        grid.vote(voters[0], made, Support.FOR).execute()
    for voter in voters:
        cast = grid.vote(voter, made, Support.FOR, reason="It is due.", wait=True).execute()
        assert (cast.voter, cast.reason) == (voter.address, "It is due.")
    queued = grid.queue_proposal(BUYER, made, wait=True).execute()
    found = grid.proposal(1)
    assert (found.state, found.eta) == (ProposalState.QUEUED, queued.eta_seconds)
    grid.execute_proposal(BUYER, found, wait=True).execute()
    later = grid.node.time // 86_400 + 17
    assert grid.tariffs.tariff_of("home", later).buy == 310_000
    assert [each.state for each in grid.proposals(0, 9)] == [ProposalState.EXECUTED]


def test_governance__cancelled_before_the_vote__or_never_made(grid: EnergyGrid) -> None:
    proposer = Account.local(5)
    grid.node.rpc("anvil_setBalance", proposer.address, hex(10**21))
    with pytest.raises(EnergyGridError, match="would revert even after a vote"):
        grid.propose(proposer, [grid.grid.set_base_price(2**32)], "Too much.")
    made = grid.propose(proposer, [grid.settlement.set_outflow_limit(50)], "A limit.").execute()
    grid.cancel_proposal(proposer, made).execute()
    assert grid.proposal(made.number).state is ProposalState.CANCELED
    assert grid.proposal_number(made.id) == 1
    with pytest.raises(ChainError, match="there is no proposal 7"):
        grid.proposal_number(7)


def test_connect__another_chain__is_refused(file: Path) -> None:
    with Anvil(chain_id=1337) as node, pytest.raises(DeploymentError, match="this node is on 1337"):
        EnergyGrid.connect(node.url, file)


def test_connect__nothing_deployed__is_refused(file: Path) -> None:
    with Anvil() as node, pytest.raises(DeploymentError, match=r"there is no \w+ at 0x"):
        EnergyGrid.connect(node.url, file)


def test_connect__other_sources__is_refused(market: Market, file: Path) -> None:
    document = json.loads(file.read_text())
    document["contracts"]["Settlement"]["abiHash"] = "0" * 64
    file.write_text(json.dumps(document))
    with pytest.raises(DeploymentError, match="Settlement was deployed from other sources"):
        EnergyGrid.connect(market.node.url, Deployment.load(file))


def test_connect__no_node__is_refused(file: Path) -> None:
    with Anvil() as node:
        url = node.url
    with pytest.raises(NodeUnreachableError, match=r"no node answers at 127\.0\.0\.1"):
        EnergyGrid.connect(url, str(file))


def test_bot__buys_waits_settles_and_cancels(market: Market, grid: EnergyGrid) -> None:
    """The program that test_types has checked does what its types promise."""
    bot = Bot(grid, BUYER, Price(PRICE, grid.coin))
    energy = Energy.kwh("1.5")
    grid.deposit(SELLER, grid.coins("50")).execute()
    grid.deposit(BUYER, grid.coins("0.1")).execute()
    assert bot.buy(energy, HOUR) is None
    grid.deposit(BUYER, grid.coins("50")).execute()
    sale = grid.place_order(SELLER, OrderType.SELL, energy=1000, price=PRICE, period=HOUR)
    offer = sale.execute().order_id
    assert bot.offers(HOUR) == {offer: 1000}
    order = bot.buy(energy, HOUR)
    assert order is not None
    trade = bot.next_trade(order)
    assert grid.trading.get_transaction(trade).amount == 1000
    assert bot.offers(HOUR) == {}
    assert bot.cancel(order)
    assert not bot.cancel(order)
    market.go_to(FINAL)
    assert bot.settle([trade]) > 0
    assert grid.trading.get_transaction(trade).status is TransactionStatus.SETTLED


def test_bot__shares_and_closes_the_days_of_all_members(market: Market, grid: EnergyGrid) -> None:
    bots = [Bot(grid, account, Price(PRICE, grid.coin)) for account in (BUYER, SELLER)]
    registrar = grid.acting_safe(OWNERS)
    for bot, device in zip(bots, (Account.local(16), Account.local(17)), strict=True):
        grid.deposit(bot.account, grid.coins("100")).execute()
        grid.register_meter(
            registrar, device, bot.account, region="home", rated_power=5000
        ).execute()
    community = grid.create_community(SELLER, "home", 5000).execute()
    tuesday = MONDAY // 86_400 + 1
    assert [bot.share(community) for bot in bots] == [tuesday, tuesday]
    for hour, (imported, exported) in enumerate([(0, 0), (300, 500)]):
        market.go_to((tuesday * 24 + hour) * 3600 + 1)
        usual = {"timestamp": market.now - 1, "grid_frequency": 5000, "voltage": 2300}
        house = MeterReading(consumption=imported, production=0, **usual)
        roof = MeterReading(consumption=0, production=exported, **usual)
        signed = [
            grid.sign_reading(Account.local(16), house),
            grid.sign_reading(Account.local(17), roof),
        ]
        grid.submit_readings(BUYER, signed).execute()
    market.go_to((tuesday + 1) * 86_400 + 3601)
    assert bots[0].close(community) == {tuesday - 1: 0, tuesday: 300}
    assert grid.settlement.credits_of(SELLER.address) == 200


def test_small_bot__buys_and_settles(market: Market, grid: EnergyGrid) -> None:
    """So does the shortest one."""
    bot = small_bot.Bot(grid, BUYER, Price(PRICE, grid.coin))
    for account, money in ((BUYER, "0.1"), (SELLER, "50")):
        grid.deposit(account, grid.coins(money)).execute()
    assert bot.buy(Energy.kwh("1.5"), HOUR) is None
    grid.deposit(BUYER, grid.coins("50")).execute()
    sale = grid.place_order(SELLER, OrderType.SELL, energy=1000, price=PRICE, period=HOUR)
    offer, order = sale.execute().order_id, bot.buy(Energy.kwh("1.5"), HOUR)
    assert order is not None
    trade = grid.match_orders(BUYER, order, offer).execute().transaction_id
    market.go_to(FINAL)
    bot.settle(order)
    assert grid.trading.get_transaction(trade).status is TransactionStatus.SETTLED
    assert grid.trading.get_order(order).status is OrderStatus.CANCELLED
