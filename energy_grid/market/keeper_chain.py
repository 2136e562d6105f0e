"""The chain queries of keepers and of auditors."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from energy_grid.chain.accounts import LOCAL_CHAINS
from energy_grid.chain.contract import Call, EventLog, structure
from energy_grid.chain.contract_wallets import is_confirmed
from energy_grid.chain.rpc.node import BlockId, Node
from energy_grid.chain.tx.unsigned import gas_of
from energy_grid.contracts.energy_trading import EnergyTrading, OrderRecord, OrderState
from energy_grid.contracts.errors import DecodedError, OrderRefusal
from energy_grid.contracts.settlement import Settlement
from energy_grid.domain.batch import BATCH_IDS, Batch, Refusal, Refused
from energy_grid.domain.batch_clearing import OpenOrder
from energy_grid.domain.orders import OrderStatus, is_valid_amount
from energy_grid.domain.periods import Period
from energy_grid.domain.signed_orders import NonceState, SignedOrder, order_hash
from energy_grid.errors import ChainError, InputError
from energy_grid.market.balances import Balances
from energy_grid.market.batch_audit import FillQuery, Part
from energy_grid.market.batch_calls import settle_batch
from energy_grid.market.batches import Match, Settled
from energy_grid.market.order_set_file import Entry
from energy_grid.market.order_sets import Dropped, Seed
from energy_grid.market.plan import Outcome
from energy_grid.market.signing import domain_of, order_signer
from energy_grid.market.trader_accounts import TraderAccount, TraderAccounts

__all__ = [
    "AuditChain",
    "ChainOrders",
    "KeeperChain",
    "newest_seed",
    "next_seed",
    "parts_of",
    "transaction_of",
]

# The gas cap of a transaction (EIP-7825), and the margin above an estimate.
_MAX_GAS = 2**24
_NUMERATOR, _DENOMINATOR = 5, 4
_PAGE = 100
# Blocks around a batch that have the other batches of its clearing: about a day.
_BLOCKS = 5_000
_MAX_SEED_POLLS = 120


class ChainOrders:
    """Orders as the chain knows them at a block.

    Args:
        log: called now and then with a line on how far a long reading is.
    """

    def __init__(
        self,
        node: Node,
        trading: EnergyTrading,
        settlement: Settlement,
        *,
        log: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._node = node
        self._trading = trading
        self._accounts = TraderAccounts(settlement)
        self._log = log
        self.slot_length = self._accounts.slot_length
        self.domain = domain_of(trading)
        self.signature_gas = trading.signature_gas()

    def stored(self, period: Period, *, block: BlockId = "latest") -> list[OpenOrder]:
        """The on-chain orders of a period that can trade now."""
        now = int(self._node.block(block)["timestamp"], 16)
        count = self._trading.order_count(block_identifier=block)
        found = []
        for first in range(1, count + 1, _PAGE):
            if first > 1:
                self._log(f"reading on-chain orders: {first - 1} of {count}")
            orders, states = self._trading.get_orders(first, _PAGE, block_identifier=block)
            found += [
                _stored(number, order, state)
                for number, (order, state) in enumerate(zip(orders, states, strict=True), first)
                if order.status is OrderStatus.ACTIVE
                and (state.period, state.start) == (period.kind, period.start)
                and now <= order.expiry
            ]
        return found

    def numbered(self, numbers: Sequence[int], *, block: BlockId = "latest") -> list[OpenOrder]:
        """Stored orders by their numbers.

        Raises:
            ContractError: there is none of a number.
        """
        arguments = [[number] for number in numbers]
        orders = self._trading.call_many("getOrder", arguments, block_identifier=block)
        states = self._trading.call_many("getOrderTerms", arguments, block_identifier=block)
        return [
            _stored(number, structure(OrderRecord, order), structure(OrderState, state))
            for number, order, state in zip(numbers, orders, states, strict=True)
        ]

    def standing(self, numbers: Sequence[int], *, block: BlockId = "latest") -> list[OpenOrder]:
        """Those of these on-chain orders that are there, and neither filled nor cancelled."""
        left = self._left_of_stored(numbers, block)
        found = [number for number in numbers if not isinstance(left[number], Refusal)]
        return self.numbered(found, block=block)

    def signed(self, orders: Iterable[SignedOrder]) -> list[OpenOrder]:
        """Signed orders with all that they are about, before the chain was asked."""
        return [
            OpenOrder(
                id=int.from_bytes(order_hash(order.terms, order.nonce, self.domain), "big"),
                trader=order.terms.trader,
                order_type=order.terms.order_type,
                price=order.terms.price,
                open_wh=order.terms.amount,
                signed=order,
            )
            for order in orders
        ]

    def resolved(self, entries: Sequence[Entry], *, block: BlockId = "latest") -> list[OpenOrder]:
        """The orders of a published set, with their open energy as the set has it.

        Raises:
            ContractError: there is no on-chain order of a number.
        """
        signed = iter(self.signed(e.order for e in entries if isinstance(e.order, SignedOrder)))
        stored = iter(
            self.numbered([e.order for e in entries if isinstance(e.order, int)], block=block)
        )
        return [
            replace(next(stored if isinstance(e.order, int) else signed), open_wh=e.open_wh)
            for e in entries
        ]

    def fetch(
        self, orders: Sequence[OpenOrder], *, block: BlockId = "latest"
    ) -> list[OpenOrder | Dropped]:
        """Each order with what is open of it, or why nothing of it can trade at any price."""
        now = int(self._node.block(block)["timestamp"], 16)
        left = dict(zip((o.id for o in orders), self.open_wh(orders, block=block), strict=True))
        standing = [o for o in orders if not isinstance(left[o.id], Refusal)]
        expiries = self._expiries(standing, block)
        accounts = self._accounts.read((order.trader for order in orders), block=block)
        return [
            self.judge(
                *(order, left[order.id], accounts[order.trader]),
                is_over=expiries.get(order.id, now) < now,
                block=block,
            )
            for order in orders
        ]

    def judge(
        self,
        order: OpenOrder,
        wh: int | Refusal,
        account: TraderAccount,
        *,
        is_over: bool,
        block: BlockId = "latest",
    ) -> OpenOrder | Dropped:
        """The order with what is open of it, or why nothing of it can trade at any price.

        Args:
            wh: as of `open_wh`.
            account: of its trader.
            is_over: whether its expiry has passed.
        """
        if isinstance(wh, Refusal):
            why = wh
        elif is_over:
            why = Refusal.EXPIRED
        elif not self._has_valid_amount(order):
            why = Refusal.INVALID_AMOUNT
        elif not self.is_signed(order, block=block):
            why = Refusal.WRONG_SIGNATURE
        elif account.number == 0:
            why = Refusal.UNKNOWN_ACCOUNT
        else:
            # The period of an on-chain order is not known here: the chain checks its region.
            start = None if order.signed is None else order.signed.terms.period.start
            why = account.refusal(buying=order.is_buy, start=start)
            # What an on-chain order has locked pays for it.
            if why is Refusal.NONE and order.signed is not None:
                needed = 1 if order.is_buy else 0
                why = Refusal.INSUFFICIENT_BALANCE if account.spare < needed else why
        if why is Refusal.NONE and not isinstance(wh, Refusal):
            return replace(order, open_wh=wh)
        return Dropped(order=order, reason=why)

    def regions(self, orders: Iterable[OpenOrder], *, block: BlockId = "latest") -> dict[str, int]:
        """The number of the region of each order's trader."""
        accounts = self._accounts.read((order.trader for order in orders), block=block)
        return {trader: account.region for trader, account in accounts.items()}

    def open_wh(
        self, orders: Sequence[OpenOrder], *, block: BlockId = "latest"
    ) -> list[int | Refusal]:
        """Wh that are open of each order, or why none are: its nonce is spent, or it is ended."""
        found = self._left_of_signed([o for o in orders if o.signed is not None], block)
        found |= self._left_of_stored([o.id for o in orders if o.signed is None], block)
        return [found[order.id] for order in orders]

    def balances(
        self, orders: Sequence[OpenOrder], period: Period, *, block: BlockId = "latest"
    ) -> Balances:
        """What the traders of orders can spend on trades of a period."""
        accounts = self._accounts.read((order.trader for order in orders), block=block)
        return self._accounts.balances(accounts, [period], block=block)[period]

    def is_signed(self, order: OpenOrder, *, block: BlockId = "latest") -> bool:
        """Whether an order is its trader's."""
        signed = order.signed
        if signed is None:
            return True
        if signed.by_contract:
            return is_confirmed(
                self._node,
                order.trader,
                order.id.to_bytes(32, "big"),
                signed.signature,
                gas=self.signature_gas,
                block_identifier=block,
            )
        try:
            return order_signer(signed, self.domain) == order.trader
        except InputError:
            return False

    def _left_of_signed(
        self, orders: Sequence[OpenOrder], block: BlockId
    ) -> dict[int, int | Refusal]:
        pairs = [(o.trader, o.signed.nonce) for o in orders if o.signed is not None]
        states = self._trading.call_many(
            "nonceState", pairs, kind=NonceState, block_identifier=block
        )
        partial = [
            order.id
            for order, state in zip(orders, states, strict=True)
            if state is NonceState.PARTIAL
        ]
        hashes = [[order_id.to_bytes(32, "big")] for order_id in partial]
        amounts = self._trading.call_many("filled", hashes, block_identifier=block)
        filled = dict(zip(partial, amounts, strict=True))
        known = zip(pairs, states, strict=True)
        names = sorted({trader for (trader, _), state in known if state is NonceState.CANCELLED})
        floors = self._trading.call_many("signedFloorOf", zip(names), block_identifier=block)
        floor_of = dict(zip(names, floors, strict=True))
        found: dict[int, int | Refusal] = {}
        for order, (trader, nonce), state in zip(orders, pairs, states, strict=True):
            # Where a nonce is filled in part, but nothing of this order, it serves another one.
            is_open = state is NonceState.OPEN or filled.get(order.id, 0) > 0
            amount = order.signed.terms.amount if order.signed is not None else 0
            if is_open:
                found[order.id] = amount - filled.get(order.id, 0)
            else:
                is_below = state is NonceState.CANCELLED and nonce < floor_of[trader]
                found[order.id] = Refusal.BELOW_FLOOR if is_below else Refusal.NONCE_SPENT
        return found

    def _left_of_stored(self, numbers: Sequence[int], block: BlockId) -> dict[int, int | Refusal]:
        if not numbers:
            return {}
        count = self._trading.order_count(block_identifier=block)
        known = [number for number in numbers if 0 < number <= count]
        arguments = [[number] for number in known]
        orders = self._trading.call_many("getOrder", arguments, block_identifier=block)
        states = self._trading.call_many("getOrderTerms", arguments, block_identifier=block)
        found: dict[int, int | Refusal] = dict.fromkeys(numbers, Refusal.NO_SUCH_ORDER)
        for number, order, state in zip(known, orders, states, strict=True):
            is_active = structure(OrderRecord, order).status is OrderStatus.ACTIVE
            left = structure(OrderState, state).remaining
            found[number] = left if is_active else Refusal.NOT_ACTIVE
        return found

    def _expiries(self, orders: Sequence[OpenOrder], block: BlockId) -> dict[int, int]:
        """The last second at which each can be filled."""
        numbers = [order.id for order in orders if order.signed is None]
        records = self._trading.call_many(
            "getOrder", zip(numbers), kind=OrderRecord, block_identifier=block
        )
        found = {number: each.expiry for number, each in zip(numbers, records, strict=True)}
        for order in orders:
            if order.signed is not None:
                terms = order.signed.terms
                found[order.id] = min(terms.expiry, terms.period.last_order)
        return found

    def _has_valid_amount(self, order: OpenOrder) -> bool:
        """Whether it is the same whole Wh in every slot; on-chain orders always are."""
        if order.signed is None:
            return True
        terms = order.signed.terms
        return is_valid_amount(terms.amount, len(terms.period.slots(self.slot_length)))


class KeeperChain(ChainOrders):
    """`energy_grid.market.batches.BatchChain` on a node.

    Args:
        keeper: the address that sends.
        log: as of `ChainOrders`.
    """

    def __init__(
        self,
        node: Node,
        trading: EnergyTrading,
        settlement: Settlement,
        keeper: str,
        *,
        log: Callable[[str], object] = lambda _: None,
    ) -> None:
        super().__init__(node, trading, settlement, log=log)
        self._keeper = keeper

    def simulate(self, batch: Batch) -> Refused | None:
        """The first order that would make the batch revert, if any.

        Raises:
            ContractError: the batch would revert for another reason.
        """
        try:
            self._trading.simulate(settle_batch(self._trading, batch, skip=False), self._keeper)
        except DecodedError as refusal:
            return self.refused(refusal)
        return None

    def call(self, batch: Batch, *, skip: bool) -> Call:
        """The call that settles a batch.

        Raises:
            ContractError: its gas cannot be estimated, since it would revert.
        """
        call = settle_batch(self._trading, batch, skip)
        return replace(call, gas=self._gas(call, batch))

    def outcome(self, batch: Batch, outcome: Outcome) -> Settled | Refused:
        """The outcome of a batch that was sent.

        Raises:
            ContractError: the batch reverted for a reason that is not one of its orders.
        """
        if isinstance(outcome.error, DecodedError):
            return self.refused(outcome.error)
        if outcome.receipt is None or outcome.error is not None:
            raise outcome.error or ChainError("the batch was not sent")
        receipt = outcome.receipt
        return Settled(
            transaction=receipt.transaction,
            block=receipt.block,
            gas_used=receipt.gas_used,
            price=batch.price,
            matches=_matches(self._trading.events(receipt.logs, "OrdersMatched")),
            skipped=tuple(
                Refused(order_id=log["order_id"], reason=log["reason"])
                for log in self._trading.events(receipt.logs, "OrderSkipped")
            ),
        )

    @staticmethod
    def refused(refusal: DecodedError) -> Refused:
        """The order for which a batch reverted.

        Raises:
            ContractError: the batch reverted for another reason.
        """
        if not isinstance(refusal, OrderRefusal):
            raise refusal
        return Refused(order_id=refusal.order_id, reason=refusal.reason)

    def _gas(self, call: Call, batch: Batch) -> int:
        """Enough for contract wallets that use all that they have once they have been estimated."""
        estimate = gas_of(self._node, self._keeper, call)
        wallets = sum(order.by_contract for order in batch.signed_orders)
        spare = wallets * self.signature_gas
        return min(estimate * _NUMERATOR // _DENOMINATOR + spare, _MAX_GAS)


class AuditChain(ChainOrders):
    """`energy_grid.market.batch_audit.AuditQueries` on a node that keeps old states."""

    def are_signed(self, orders: Sequence[OpenOrder], part: Part) -> list[bool]:
        """Whether each is its trader's, stored ones by being there."""
        return [self.is_signed(order, block=part.block) for order in orders]

    def open_before(self, orders: Sequence[OpenOrder], part: Part) -> list[int]:
        """Wh that were open of each before the block of a batch."""
        found = self.open_wh(orders, block=part.block - 1)
        return [0 if isinstance(wh, Refusal) else wh for wh in found]

    def seed_of(self, block: int) -> tuple[bytes, int]:
        """The hash of a block, and its time."""
        found = self._node.block(block)
        return bytes.fromhex(found["hash"][2:]), int(found["timestamp"], 16)

    def balances_before(self, orders: Sequence[OpenOrder], part: Part) -> Balances:
        """What the traders of orders could spend before the block of a batch."""
        return self.balances(orders, part.period, block=part.block - 1)

    def why_not(self, queries: Sequence[FillQuery], part: Part) -> list[Refusal]:
        """Why each could not have traded in the block of a batch, NONE if it could.

        The money is what was available at the end of that block.
        """
        orders = [query.order for query in queries]
        seen = self.fetch(orders, block=part.block)
        balances = self.balances(orders, part.period, block=part.block)
        found = []
        for query, each in zip(queries, seen, strict=True):
            cost = balances.cost(query.order, query.wh, query.price)
            if isinstance(each, Dropped):
                found.append(each.reason)
            elif cost > balances.spare[query.order.trader]:
                found.append(Refusal.INSUFFICIENT_BALANCE)
            else:
                found.append(Refusal.NONE)
        return found


def newest_seed(node: Node) -> Seed:
    """The hash of the newest block, for orders that were closed before it."""
    block = node.block()
    return Seed(block=int(block["number"], 16), hash=bytes.fromhex(block["hash"][2:]))


def next_seed(node: Node, *, pause: Callable[[float], object] = time.sleep) -> Seed:
    """The hash of the next block, for orders that are closed now.

    Local chains may have no block without a transaction: there it is the newest one.

    Raises:
        ChainError: there is no block for two minutes.
    """
    closed = newest_seed(node)
    if node.chain_id in LOCAL_CHAINS:
        return closed
    for _ in range(_MAX_SEED_POLLS):
        found = newest_seed(node)
        if found.block > closed.block:
            return found
        pause(1)
    raise ChainError(
        f"no block followed {closed.block} in {_MAX_SEED_POLLS} seconds: look after the node, then"
        " send the batch again"
    )


def transaction_of(node: Node, trading: EnergyTrading, batch_id: int, first_block: int) -> str:
    """The hash of the transaction that has settled a batch, by the batch's number.

    Args:
        first_block: of the deployment; nodes that many use read no logs from the beginning.

    Raises:
        InputError: there is no such batch.
    """
    topics = ["0x" + trading.abi.event("BatchSettled").topic.hex(), None, f"0x{batch_id:064x}"]
    settled = trading.events(node.logs(trading.address, topics, from_block=first_block))
    if not settled:
        raise InputError(f"there is no batch {batch_id} on this chain")
    return settled[0].transaction


def parts_of(node: Node, trading: EnergyTrading, transaction: str) -> list[Part]:
    """All batches of the order set that a transaction has settled, the earliest first.

    Raises:
        InputError: it has settled no batch.
    """
    own = [log for log in _logs(node, trading, transaction) if log.event == "BatchSettled"]
    if not own:
        raise InputError(
            f"transaction {transaction} has settled no batch of this market", public=[transaction]
        )
    root, block = own[0]["order_set"], own[0].block
    topics = ["0x" + trading.abi.event("BatchSettled").topic.hex(), "0x" + root.hex()]
    last = min(block + _BLOCKS, node.block_number)
    settled = trading.events(
        node.logs(trading.address, topics, from_block=max(block - _BLOCKS, 0), to_block=last)
    )
    parts = []
    for log in sorted(settled, key=lambda log: (log.block, log.index)):
        matched = [
            each
            for each in _logs(node, trading, log.transaction)
            if each.event == "OrdersMatched"
            and each["transaction_id"] // BATCH_IDS == log["batch_id"]
        ]
        parts.append(
            Part(
                transaction=log.transaction,
                block=log.block,
                time=int(node.block(log.block)["timestamp"], 16),
                period=Period(kind=log["period"], start=log["start"]),
                price=log["price"],
                order_set=log["order_set"],
                matches=_matches(matched),
            )
        )
    return parts


def _logs(node: Node, trading: EnergyTrading, transaction: str) -> list[EventLog]:
    receipt = node.rpc("eth_getTransactionReceipt", transaction)
    if receipt is None:
        raise ChainError(f"there is no transaction {transaction} on this chain")
    return trading.events(receipt["logs"])


def _matches(logs: Iterable[EventLog]) -> tuple[Match, ...]:
    return tuple(
        Match(
            trade_id=log["transaction_id"],
            buy=log["buy_id"],
            sell=log["sell_id"],
            wh=log["amount"],
            price=log["price"],
        )
        for log in logs
    )


def _stored(number: int, order: OrderRecord, state: OrderState) -> OpenOrder:
    return OpenOrder(
        id=number,
        trader=order.trader,
        order_type=order.order_type,
        price=order.price,
        open_wh=state.remaining,
    )
