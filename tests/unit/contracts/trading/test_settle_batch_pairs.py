"""EnergyTrading.settleBatch: two transactions in one storage word, and the settling of each."""

from __future__ import annotations

from itertools import product

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from energy_grid.domain.batch import Refusal
from energy_grid.domain.orders import TransactionStatus
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.signed_orders import NonceState
from tests.support.examples import rewound
from tests.support.market import MONDAY, actor
from tests.support.settlement import holdings, liabilities, number_of, record
from tests.unit.contracts.trading.auction import CLEARING, Auction
from tests.unit.contracts.trading.storage_words import (
    number_accounts_from,
    packed_transaction,
    packed_transactions,
    word_at,
)
from tests.unit.contracts.trading.traders import (
    AMOUNT,
    DAY,
    FOREVER,
    FUNDS,
    Traders,
    Transaction,
    all_transactions,
    endow,
    of_batch,
    refuses,
)

MATCHED, SETTLED = TransactionStatus
NEIGHBOUR = actor("neighbour with a roof")
# The most that one fill can have.
MOST = 2**31 - 1
EVEN, ODD = 1333, 777
AMOUNTS = (EVEN, ODD)
SEQUENCES = [(0,), (1,), (0, 1), (1, 0)]


@pytest.fixture(autouse=True)
def neighbour(traders: Traders) -> None:
    """One more seller with money."""
    traders.market.deposit(NEIGHBOUR, FUNDS)


def sides(auction: Auction) -> tuple[tuple[LocalAccount, LocalAccount], ...]:
    """Buyer and seller of the even one, and of the odd one: four accounts."""
    traders = auction.traders
    return (traders.buyer, traders.seller), (traders.rival, NEIGHBOUR)


def share_a_word(auction: Auction, *amounts: int) -> None:
    """A batch of two transactions."""
    fills = (
        (auction.bid(buyer, FOREVER), auction.ask(seller, FOREVER), amount)
        for (buyer, seller), amount in zip(sides(auction), amounts, strict=True)
    )
    auction.trade(*fills)


def bits(auction: Auction, place: int, amount: int, delivered: int = 0, **flags: int) -> int:
    """The bits that are expected of a transaction."""
    buyer, seller = sides(auction)[place]
    numbers = auction.traders.number(buyer), auction.traders.number(seller)
    return packed_transaction(*numbers, amount, delivered, **flags)


def produce(auction: Auction, *amounts: int) -> None:
    """What the sellers' meters count in the hour."""
    for (_, seller), wh in zip(sides(auction), amounts, strict=True):
        if wh:
            record(auction.traders.market, seller, auction.traders.slot, produced=wh)


# What is stored


def test_settle_batch__of_one_slot__two_share_a_word(auction: Auction) -> None:
    share_a_word(auction, *AMOUNTS)
    first, second = (bits(auction, place, AMOUNTS[place]) for place in (0, 1))
    assert packed_transactions(auction, of_batch(1)) == (first, second)
    assert packed_transactions(auction, of_batch(1, 1)) == (first, second)
    # They have no words of their own.
    assert word_at(auction.trading, of_batch(1)) == word_at(auction.trading, of_batch(1, 1)) == 0


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_settle_batch__any_number__each_is_where_its_number_says(
    auction: Auction, count: int
) -> None:
    traders = auction.traders
    bid, ask = auction.bid(), auction.ask()
    amounts = [100 + place for place in range(count)]
    auction.trade(*((bid, ask, amount) for amount in amounts))
    buyer, seller = traders.number(traders.buyer), traders.number(traders.seller)
    packed = [packed_transaction(buyer, seller, amount) for amount in amounts] + [0] * (
        2 - count % 2 + 2
    )
    for place in range(0, count + 2, 2):
        assert packed_transactions(auction, of_batch(1, place)) == (
            packed[place],
            packed[place + 1],
        )
    found = [traders.transaction(of_batch(1, place)).amount for place in range(count)]
    assert found == amounts
    missing = {"transaction_id": of_batch(1, count)}
    with refuses(traders.market, errors.EnergyTrading_NoSuchTransaction, **missing):
        traders.transaction(of_batch(1, count))


def test_settle_batch__the_next_batch__begins_a_word_of_its_own(auction: Auction) -> None:
    traders = auction.traders
    bid, ask = auction.bid(), auction.ask()
    auction.trade((bid, ask, 101))
    auction.trade((bid, ask, 202), (bid, ask, 203))
    auction.trade((bid, ask, 304))
    buyer, seller = traders.number(traders.buyer), traders.number(traders.seller)
    stored = [packed_transactions(auction, of_batch(batch)) for batch in (1, 2, 3)]
    pairs = ((101, 0), (202, 203), (304, 0))
    assert stored == [
        tuple(packed_transaction(buyer, seller, amount) if amount else 0 for amount in pair)
        for pair in pairs
    ]


@pytest.mark.parametrize("place", [0, 1])
def test_settle_batch__one_account_in_both_halves__on_either_side(
    auction: Auction, place: int
) -> None:
    traders = auction.traders
    bid, ask = auction.bid(traders.rival, nonce=1), auction.ask(traders.rival, nonce=2)
    fills = [(bid, auction.ask(), 500), (auction.bid(), ask, 700)]
    auction.trade(*(fills if place == 0 else reversed(fills)))
    made = [traders.transaction(of_batch(1, number)) for number in (place, 1 - place)]
    assert [(one.buyer, one.seller, one.amount) for one in made] == [
        (traders.rival.address, traders.seller.address, 500),
        (traders.buyer.address, traders.rival.address, 700),
    ]


def test_settle_batch__largest_account_numbers__fit_into_both_halves(auction: Auction) -> None:
    traders, market = auction.traders, auction.traders.market
    number_accounts_from(market, 2**32 - 4)
    people = [actor(f"late settler {number}") for number in range(4)]
    for trader in people:
        market.deposit(trader, FUNDS)
    numbers = [number_of(market, trader) for trader in people]
    assert numbers == [*range(2**32 - 4, 2**32)]
    buyers, sellers = people[:2], people[2:]
    fills = [
        (auction.bid(buyer), auction.ask(seller), 1000 + place)
        for place, (buyer, seller) in enumerate(zip(buyers, sellers, strict=True))
    ]
    auction.trade(*fills)
    assert packed_transactions(auction, of_batch(1)) == (
        packed_transaction(numbers[0], numbers[2], 1000),
        packed_transaction(numbers[1], numbers[3], 1001),
    )
    market.go_to(traders.start + 60)
    for place, seller in enumerate(sellers):
        record(market, seller, traders.slot, produced=1000 + place)
    for place in (1, 0):
        traders.settle(of_batch(1, place))
        made = traders.transaction(of_batch(1, place))
        assert (made.buyer, made.seller) == (buyers[place].address, sellers[place].address)
        assert (made.delivered, made.status) == (1000 + place, SETTLED)
        assert traders.money(buyers[place]) == (FUNDS - auction.paid(1000 + place), 0)


# Settling one of two


@pytest.mark.parametrize("sequence", SEQUENCES)
@pytest.mark.parametrize("over", [False, True])
def test_settle_transaction__one_of_two_in_a_word__leaves_the_other_to_the_last_bit(
    auction: Auction, over: bool, sequence: tuple[int, ...]
) -> None:
    # Each is delivered in full, in part, or not at all; within its hour, or when that is final.
    traders, market = auction.traders, auction.traders.market
    share_a_word(auction, *AMOUNTS)
    for produced in product((5000, 600, 0), repeat=2):
        with rewound(market):
            market.go_to(traders.start + 60)
            produce(auction, *produced)
            if over:
                market.go_to(market.final_at(traders.slot))
            stored = [bits(auction, place, AMOUNTS[place]) for place in (0, 1)]
            for place in sequence:
                amount, number = AMOUNTS[place], of_batch(1, place)
                delivered = min(amount, produced[place])
                if not over and delivered == 0:
                    nothing = errors.EnergyTrading_NothingToSettle
                    with refuses(market, nothing, transaction_id=number):
                        traders.settle(number)
                    continue
                ended = over or delivered == amount
                receipt = traders.settle(number)
                flags = {"cursor": int(over), "settled": int(ended)}
                stored[place] = bits(auction, place, amount, delivered, **flags)
                assert list(packed_transactions(auction, number)) == stored
                made = traders.transaction(number)
                assert (made.delivered, made.settled_slots) == (delivered, int(over))
                assert made.status is (SETTLED if ended else MATCHED)
                emitted = traders.logged(receipt, auction.trading, "TransactionSettled")
                assert [log["transaction_id"] for log in emitted] == ([number] if ended else [])
                if ended:
                    with refuses(
                        market, errors.EnergyTrading_AlreadySettled, transaction_id=number
                    ):
                        traders.settle(number)
            assert list(packed_transactions(auction, of_batch(1))) == stored
            assert liabilities(market) == holdings(market)


@pytest.mark.parametrize("sequence", SEQUENCES[2:])
def test_settle_transaction__two_in_a_word_in_several_parts__add_up_each_by_itself(
    auction: Auction, sequence: tuple[int, ...]
) -> None:
    traders, market = auction.traders, auction.traders.market
    share_a_word(auction, *AMOUNTS)
    market.go_to(traders.start + 60)
    delivered = [0, 0]
    for parts in ((300, 1), (1, 400), (500, 100)):
        produce(auction, *parts)
        for place in sequence:
            traders.settle(of_batch(1, place))
            delivered[place] += parts[place]
            made = [traders.transaction(of_batch(1, number)) for number in (0, 1)]
            assert [one.delivered for one in made] == delivered
            assert {one.status for one in made} == {MATCHED}
    market.go_to(market.final_at(traders.slot))
    for place in sequence:
        traders.settle(of_batch(1, place))
    assert packed_transactions(auction, of_batch(1)) == tuple(
        bits(auction, place, AMOUNTS[place], delivered[place], cursor=1, settled=1)
        for place in (0, 1)
    )
    for place, (buyer, seller) in enumerate(sides(auction)):
        missing = auction.secured(AMOUNTS[place] - delivered[place])
        paid = auction.paid(delivered[place])
        assert traders.money(buyer) == (FUNDS - paid + missing, 0)
        assert traders.money(seller) == (FUNDS + paid - missing, 0)


@pytest.mark.parametrize("amounts", [(MOST, MOST), (MOST, 4), (4, MOST)])
@pytest.mark.parametrize("sequence", SEQUENCES[2:])
def test_settle_transaction__largest_fills_in_a_word__are_delivered_in_full(
    auction: Auction, amounts: tuple[int, int], sequence: tuple[int, ...]
) -> None:
    traders, market = auction.traders, auction.traders.market
    for (buyer, seller), amount in zip(sides(auction), amounts, strict=True):
        endow(market, buyer, auction.paid(amount))
        endow(market, seller, auction.secured(amount))
    share_a_word(auction, *amounts)
    stored = [bits(auction, place, amounts[place]) for place in (0, 1)]
    assert list(packed_transactions(auction, of_batch(1))) == stored
    market.go_to(traders.start + 60)
    # All but one Wh, and then that one.
    for missing in (1, 0):
        produce(auction, *((1, 1) if missing == 0 else (amount - 1 for amount in amounts)))
        for place in sequence:
            traders.settle(of_batch(1, place))
            amount, delivered = amounts[place], amounts[place] - missing
            stored[place] = bits(auction, place, amount, delivered, settled=1 - missing)
            assert list(packed_transactions(auction, of_batch(1))) == stored
            made = traders.transaction(of_batch(1, place))
            assert (made.amount, made.delivered) == (amount, delivered)
    for (buyer, seller), amount in zip(sides(auction), amounts, strict=True):
        assert traders.money(buyer) == (FUNDS, 0)
        assert traders.money(seller) == (FUNDS + auction.secured(amount) + auction.paid(amount), 0)


# The largest fill


@pytest.mark.parametrize("kind", [PeriodKind.HOURLY, PeriodKind.DAILY])
def test_settle_batch__more_than_a_fill_can_have__is_refused_whatever_the_period(
    auction: Auction, kind: PeriodKind
) -> None:
    traders, market = auction.traders, auction.traders.market
    period = Period(kind=kind, start=MONDAY + DAY)
    endow(market, traders.buyer, auction.paid(MOST, MOST))
    endow(market, traders.seller, auction.secured(MOST, MOST))
    bid, ask = (side(amount=FOREVER, period=period) for side in (auction.bid, auction.ask))
    refusal = {"order_id": auction.name(bid), "reason": Refusal.TOO_LARGE}
    for amount, price in ((MOST + 1, CLEARING), (FOREVER, CLEARING), (MOST + 1, 0)):
        # Also where it would cost nothing, or what no word holds.
        bid_, ask_ = (
            (bid, ask) if price else (bid, auction.ask(amount=FOREVER, price=0, period=period))
        )
        batch = auction.batch((bid_, ask_, amount), price=price, period=period)
        with refuses(market, errors.EnergyTrading_Refused, **refusal):
            auction.settle(batch)
    fills = ((bid, ask, MOST + 1), (bid, ask, MOST), (bid, ask, 4))
    receipt = auction.settle(auction.batch(*fills, period=period), skip=True)
    assert auction.skipped(receipt) == [(auction.name(bid), Refusal.TOO_LARGE)]
    # What is left of it can follow, fill by fill.
    assert [amount for _, _, amount, _ in auction.fills()] == [MOST, 4]
    assert auction.status(bid) == (NonceState.PARTIAL, MOST + 4)


# Periods of one slot and of several


@pytest.mark.parametrize(
    ("kind", "slots"),
    [(PeriodKind.QUARTER_HOURLY, 1), (PeriodKind.HOURLY, 4), (PeriodKind.DAILY, 96)],
)
def test_settle_batch__period_of_any_length__numbers_and_views_are_alike(
    quarter_hour_traders: Traders, kind: PeriodKind, slots: int
) -> None:
    traders, market = quarter_hour_traders, quarter_hour_traders.market
    auction = Auction(traders=traders)
    period = Period(kind=kind, start=MONDAY)
    bid, ask = auction.bid(period=period), auction.ask(period=period)
    amounts = (300, 500, 400)
    auction.trade(*((bid, ask, amount) for amount in amounts), period=period)
    made = [
        Transaction(
            *(traders.buyer.address, traders.seller.address, amount, 0, CLEARING),
            *(kind, MONDAY, period.end, 0, MATCHED),
        )
        for amount in amounts
    ]
    numbers = [of_batch(1, place) for place in range(3)]
    assert [traders.transaction(number) for number in numbers] == made
    assert all_transactions(market) == made
    with refuses(market, errors.EnergyTrading_NoSuchTransaction, transaction_id=of_batch(1, 3)):
        traders.transaction(of_batch(1, 3))
    # Those of several slots have words of their own.
    assert [word_at(auction.trading, number) != 0 for number in numbers] == [slots > 1] * 3
    assert (packed_transactions(auction, numbers[0]) == (0, 0)) is (slots > 1)

    # One slot at a time, the middle one first.
    first = market.slot(MONDAY)
    market.go_to(MONDAY + 60)
    record(market, traders.seller, first, produced=450)
    market.go_to(market.final_at(first + slots))
    made[1] = made[1]._replace(delivered=450, settled_slots=1)
    if slots == 1:
        made[1] = made[1]._replace(status=SETTLED)
    traders.settle(numbers[1], 1)
    assert [traders.transaction(number) for number in numbers] == made
    for done in range(2, min(slots, 5) + 1):
        traders.settle(numbers[1], 1)
        made[1] = made[1]._replace(settled_slots=done, status=SETTLED if done == slots else MATCHED)
        assert [traders.transaction(number) for number in numbers] == made
    for place in (0, 2, 1):
        if made[place].status is MATCHED:
            traders.settle(numbers[place], FOREVER)
            made[place] = made[place]._replace(settled_slots=slots, status=SETTLED)
        assert [traders.transaction(number) for number in numbers] == made
    assert traders.money(traders.seller)[1] == traders.money(traders.buyer)[1] == 0
    assert sum(traders.money(trader)[0] for trader in (traders.buyer, traders.seller)) == 2 * FUNDS
    assert auction.status(bid) == (NonceState.PARTIAL, sum(amounts))
    assert sum(amounts) < AMOUNT
