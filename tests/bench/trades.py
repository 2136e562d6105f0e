"""How many trades a second are cleared, agreed and settled, from signed orders to the last payment.

Orders are signed and checked before: that happens when they are made and when they arrive, over
the hours before a period. What is timed is the clearing of the book and the batches of
`settleBatch` at its gate, and after its day the closing of all accounts, which pays the trades;
sent by several keepers through the package's own sender. Every order is another account's within
a batch, and is filled whole. The accounts have no meters: what they agreed goes through the grid.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
from eth_utils.crypto import keccak

from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import Call
from energy_grid.chain.roles import Role
from energy_grid.chain.rpc.node import DevNode
from energy_grid.chain.tx.sender import Policy, Sender
from energy_grid.contracts.energy_trading import EnergyTrading
from energy_grid.contracts.settlement import Settlement
from energy_grid.contracts.test_dollar import TestDollar
from energy_grid.domain.batch import Batch, Fill
from energy_grid.domain.clearing import OrderColumns, clear
from energy_grid.domain.orders import OrderTerms, OrderType
from energy_grid.domain.periods import DAY_SECONDS, Period, PeriodKind
from energy_grid.domain.signed_orders import SignedOrder, trading_domain
from energy_grid.market.batch_calls import settle_batch
from energy_grid.market.signing import order_signer, sign_order
from tests.bench.chain import bench_market
from tests.bench.timing import seconds
from tests.support.market import Market
from tests.support.stacks import give_role

__all__ = ["TRADES", "Sizes", "TradesRow", "measure_trades"]

AMOUNT, PRICE = 1_500, 250_000
MONEY = 1_000_000_000
ORDER_SET = keccak(text="the orders that were cleared")
# A block of this much carries what several keepers send at once; a transaction has 2**24 at most.
BLOCK_GAS, TRANSACTION_GAS = 1_000_000_000, 2**24
CLOSED_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How many pairs of traders there are, and what is sent how."""

    pairs: int
    batches_of: int
    rounds: int
    keepers: int


TRADES = (
    Sizes(pairs=200, batches_of=1, rounds=1, keepers=4),
    Sizes(pairs=500, batches_of=10, rounds=2, keepers=4),
    Sizes(pairs=500, batches_of=50, rounds=4, keepers=4),
    Sizes(pairs=500, batches_of=100, rounds=4, keepers=1),
    Sizes(pairs=500, batches_of=100, rounds=4, keepers=4),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TradesRow:
    """Seconds of each step, for so many trades."""

    batches_of: int
    keepers: int
    trades: int
    sign: float
    check: float
    clear: float
    encode: float
    agree: float
    close: float

    @property
    def per_second(self) -> float:
        """Trades from the book to the last payment."""
        return self.trades / (self.clear + self.encode + self.agree + self.close)


def measure_trades(market: Market, sizes: Iterable[Sizes] = TRADES) -> list[TradesRow]:
    """One row for each way of sending."""
    wanted = list(sizes)
    stage = Stage(market, max(one.pairs for one in wanted), max(one.keepers for one in wanted))
    rows = []
    with _large_blocks(market):
        stage.prepare()
        for one in wanted:
            rows.append(stage.run(one))
    return rows


@contextmanager
def _large_blocks(market: Market) -> Iterator[None]:
    usual = market.node.rpc("eth_getBlockByNumber", "latest", False)["gasLimit"]
    market.node.rpc("evm_setBlockGasLimit", hex(BLOCK_GAS))
    yield
    market.node.rpc("evm_setBlockGasLimit", usual)


class Stage:
    """A market with many traders and a few keepers."""

    def __init__(self, market: Market, pairs: int, keepers: int) -> None:
        self.market = market
        # A connection that nobody listens to: the coverage of interfaces is not measured here.
        self.node = DevNode(market.node.url)
        self.trading = EnergyTrading(self.node, market.trading.address)
        self.settlement = Settlement(self.node, market.settlement.address)
        self.domain = trading_domain(self.node.chain_id, self.trading.address)
        self.buyers = [Account(keccak(text=f"bench buyer {at}")) for at in range(pairs)]
        self.sellers = [Account(keccak(text=f"bench seller {at}")) for at in range(pairs)]
        self.keepers = [Account(keccak(text=f"bench keeper {at}")) for at in range(keepers)]
        self.nonce = 0
        self.period = Period.next(PeriodKind.HOURLY, market.now)

    def prepare(self) -> None:
        """Money for all, and the keepers' role."""
        bank = self.keepers[0]
        for keeper in self.keepers:
            self.node.set_balance(keeper.address, 10**24)
            give_role(self.market, Role.KEEPER, keeper.address)
        traders = [*self.buyers, *self.sellers]
        money = TestDollar(self.node, self.market.dollar.address)
        faucets = -(-len(traders) * MONEY // 10**10)
        calls = [
            *(money.faucet(10**10) for _ in range(faucets)),
            money.approve(self.settlement.address, 2**256 - 1),
            *(self.settlement.deposit_for(trader.address, MONEY) for trader in traders),
        ]
        self._send([(bank, replace(call, gas=200_000)) for call in calls], 250)

    def run(self, sizes: Sizes) -> TradesRow:
        """Trade every pair once a round, for one hour; then close the day, and all before."""
        books: list[tuple[list[SignedOrder], list[SignedOrder]]] = []
        batches: list[Batch] = []
        calls: list[Call] = []
        trades = sizes.pairs * sizes.rounds
        before = self.trading.batch_count()
        self.period = Period.next(PeriodKind.HOURLY, self.market.now)
        day = self.period.start // DAY_SECONDS
        # Sellers bought from the grid, which pays buyers: they come first.
        sides = self.sellers[: sizes.pairs], self.buyers[: sizes.pairs]
        traders = [trader.address for side in sides for trader in side]
        behind = [
            trader
            for trader, open_ in zip(traders, self._days_open(traders), strict=True)
            if open_ < day
        ]
        self._spread(self._closings(behind, day - 1), sizes.keepers)

        def sign() -> None:
            for _ in range(sizes.rounds):
                books.append(self._book(sizes.pairs))

        def check() -> None:
            for book in books:
                for order in (*book[0], *book[1]):
                    assert order_signer(order, self.domain) == order.terms.trader

        def clear_books() -> None:
            for book in books:
                batches.extend(self._batches(book, sizes.batches_of))

        def encode() -> None:
            calls.extend(settle_batch(self.trading, batch, False) for batch in batches)

        took = {
            "sign": seconds(sign),
            "check": seconds(check),
            "clear": seconds(clear_books),
            "encode": seconds(encode),
            "agree": seconds(lambda: self._spread(calls, sizes.keepers)),
        }
        batch_ids = range(before + 1, self.trading.batch_count() + 1)
        assert sum(self.trading.get_batch(each).transactions for each in batch_ids) == trades
        self.market.go_to((day + 1) * DAY_SECONDS + self.market.grace)
        closings = self._closings(traders, day)
        took["close"] = seconds(lambda: self._spread(closings, sizes.keepers))
        assert {*self._days_open(traders)} == {day + 1}
        return TradesRow(batches_of=sizes.batches_of, keepers=sizes.keepers, trades=trades, **took)

    def _closings(self, traders: Sequence[str], day: int) -> list[Call]:
        """What closes it for all of them."""
        return [
            self.settlement.close_through(traders[at : at + CLOSED_AT_ONCE], day)
            for at in range(0, len(traders), CLOSED_AT_ONCE)
        ]

    def _days_open(self, traders: Sequence[str]) -> list[int]:
        """The first day that is not closed, of each."""
        numbers = self.settlement.call_many("numberOf", [(trader,) for trader in traders])
        return self.settlement.call_many("cursorAt", [(number,) for number in numbers])

    def _book(self, pairs: int) -> tuple[list[SignedOrder], list[SignedOrder]]:
        """Orders of as many buyers and sellers, all of which cross."""
        self.nonce += 1
        rng = np.random.default_rng(self.nonce)
        better = rng.integers(0, 50_000, (2, pairs)).tolist()
        return (
            [
                self._order(trader, OrderType.BUY, PRICE + more)
                for trader, more in zip(self.buyers, better[0], strict=False)
            ],
            [
                self._order(trader, OrderType.SELL, PRICE - less)
                for trader, less in zip(self.sellers, better[1], strict=False)
            ],
        )

    def _order(self, trader: Account, side: OrderType, price: int) -> SignedOrder:
        terms = OrderTerms(
            trader=trader.address,
            order_type=side,
            amount=AMOUNT,
            price=price,
            expiry=self.period.end - 1,
            period=self.period,
        )
        return sign_order(trader, terms, self.nonce, self.domain)

    def _batches(
        self, book: tuple[list[SignedOrder], list[SignedOrder]], size: int
    ) -> Iterator[Batch]:
        """One clearing, cut into batches of so many pairs."""
        bids, asks = (
            OrderColumns.of_rows(
                (at + 1, order.terms.price, order.terms.amount) for at, order in enumerate(side)
            )
            for side in book
        )
        cleared = clear(bids, asks)
        assert cleared.price is not None
        pairs = list(
            zip(
                cleared.pair_buy_ids.tolist(),
                cleared.pair_sell_ids.tolist(),
                cleared.pair_wh.tolist(),
                strict=True,
            )
        )
        for first in range(0, len(pairs), size):
            part = pairs[first : first + size]
            orders = sorted(
                [book[0][buy - 1] for buy, _, _ in part]
                + [book[1][sell - 1] for _, sell, _ in part],
                key=lambda order: int(order.terms.trader, 16),
            )
            places = {order.terms.trader: place for place, order in enumerate(orders)}
            fills = tuple(
                Fill(
                    buy=places[book[0][buy - 1].terms.trader],
                    sell=places[book[1][sell - 1].terms.trader],
                    amount=wh,
                )
                for buy, sell, wh in part
            )
            yield Batch(
                period=self.period,
                price=cleared.price,
                order_set=ORDER_SET,
                signed_orders=tuple(orders),
                stored_orders=(),
                fills=fills,
            )

    def _spread(self, calls: Sequence[Call], keepers: int) -> None:
        """Sent by the keepers in turns."""
        self._send(
            [
                (self.keepers[at % keepers], replace(call, gas=TRANSACTION_GAS))
                for at, call in enumerate(calls)
            ],
            32,
        )

    def _send(self, items: Sequence[tuple[Account, Call]], batch: int) -> None:
        Sender(self.node, policy=Policy(batch=batch), after_send=self.node.mine).send_many(items)


def main() -> None:
    """Print one line per way of sending."""
    with bench_market() as market:
        for row in measure_trades(market):
            print(row, f"{row.per_second:.0f} trades/s")


if __name__ == "__main__":
    main()
