"""The check: that the books of the market add up to the last unit when a day is over.

It knows nothing of who traded what or why. It takes what contract views and events say, and holds
the one against the other:

    meters     every slot has the energy of its signed readings, and none is sold twice
    balance    produced + bought + burned + from grid == consumed + sold + minted, slot by slot
    trades     what one side sold the other bought, and it was paid for or compensated
    tokens     every token in anybody's hands was minted and not burned
    money      the vault holds what it owes, and every account has what its deals left it
    rewards    what demand response held was paid as rewards or went back, each reward as agreed

What it says of assets, shares, the spot market and carbon credits is in `asset_audit`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from energy_grid.demo.asset_audit import audit_assets
from energy_grid.demo.books import Books, EventBook, RewardBook
from energy_grid.demo.checks import Statement, all_rows, equal
from energy_grid.demo.money_moves import money_moves
from energy_grid.domain.costs import collateral, cost_down, cost_up
from energy_grid.domain.demand_response import Reduction, average_up, event_rewards
from energy_grid.domain.units import format_wh
from energy_grid.errors import CheckFailedError

__all__ = ["audit", "require"]

Writer = Callable[[int], str]


def audit(books: Books, money: Writer = str) -> tuple[Statement, ...]:
    """All statements about the books, true or not; ``money`` writes amounts of money."""
    return (
        *_meters(books),
        *_balance(books),
        *_trades(books, money),
        *_tokens(books, money),
        *_money(books, money),
        *_rewards(books, money),
        *audit_assets(books, money),
    )


def require(statements: Sequence[Statement]) -> None:
    """Pass when every statement holds.

    Raises:
        CheckFailedError: the first statement that does not hold, with its numbers.
    """
    for statement in statements:
        if not statement.holds:
            raise CheckFailedError(f"the check failed: {statement.claim} ({statement.numbers})")


def _meters(books: Books) -> list[Statement]:
    return [
        all_rows(
            "every slot has the energy that its signed readings add up to",
            (
                (key, (energy.produced, energy.consumed), books.metered.get(key, (0, 0)))
                for key, energy in books.slots.items()
            ),
            "slots",
        ),
        all_rows(
            "no slot has sold more than it produced",
            (
                (key, energy.sold, min(energy.sold, energy.produced))
                for key, energy in books.slots.items()
            ),
            "slots",
        ),
    ]


def _balance(books: Books) -> list[Statement]:
    closings = books.closings
    closed = [
        (key, energy, closings[key]) for key, energy in books.slots.items() if key in closings
    ]
    return [
        all_rows(
            "every slot is closed",
            ((key, energy.closed and key in closings, True) for key, energy in books.slots.items()),
            "slots",
        ),
        all_rows(
            "produced + bought + burned + from the grid = consumed + sold + banked, in every slot",
            (
                (
                    key,
                    energy.produced + energy.bought + closing.burned + closing.from_grid,
                    energy.consumed + energy.sold + closing.minted,
                )
                for key, energy, closing in closed
            ),
            "slots",
        ),
        equal(
            "so do the sums over all slots",
            {
                "in": sum(e.produced + e.bought + c.burned + c.from_grid for _, e, c in closed),
                "out": sum(e.consumed + e.sold + c.minted for _, e, c in closed),
            },
            format_wh,
        ),
        all_rows(
            "grid energy costs the grid price of its slot, rounded up",
            (
                (key, closing.cost, cost_up(closing.from_grid, books.slot_prices[key[1]]))
                for key, _, closing in closed
            ),
            "slots",
        ),
    ]


def _trades(books: Books, money: Writer) -> list[Statement]:
    sold = sum(energy.sold for energy in books.slots.values())
    bought = sum(energy.bought for energy in books.slots.values())
    from_grid = sum(purchase.wh for purchase in books.grid_purchases)
    return [
        equal(
            "what was bought, less what the grid sold at once, is what was sold and delivered",
            {
                "bought": bought - from_grid,
                "sold": sold,
                "delivered": sum(delivery.wh for delivery in books.deliveries),
                "of trades": sum(trade.delivered for trade in books.transactions),
            },
            format_wh,
        ),
        equal(
            "deliveries were paid at the prices agreed, rounded down",
            {
                "paid": sum(payment.paid for payment in books.payments),
                "due": sum(cost_down(trade.delivered, trade.price) for trade in books.transactions),
            },
            money,
        ),
        all_rows(
            "every trade has ended, and what failed was compensated out of the collateral",
            (
                (
                    trade.id,
                    trade.compensation,
                    collateral(trade.amount - trade.delivered, books.collateral_per_kwh),
                )
                for trade in books.transactions
            ),
            "trades",
        ),
    ]


def _tokens(books: Books, money: Writer) -> list[Statement]:
    return [
        equal(
            "the supply of energy tokens is what was minted and not burned, all of it held",
            {
                "supply": books.energy.supply,
                "minted - burned": books.energy.minted - books.energy.burned,
                "held": books.energy.balances,
                "banked - used": sum(c.minted - c.burned for c in books.closings.values()),
            },
            format_wh,
        ),
        equal(
            "so is the supply of dollars",
            {
                "supply": books.money.supply,
                "minted - burned": books.money.minted - books.money.burned,
                "held": books.money.balances,
            },
            money,
        ),
    ]


def _money(books: Books, money: Writer) -> list[Statement]:
    moves = money_moves(books)
    vault = books.treasury
    available = sum(account.available for account in books.accounts)
    locked = sum(account.locked for account in books.accounts)
    owed = (available, locked, vault.queued, vault.fees, vault.grid_revenue)
    taken = sum(payment.fees for payment in (*books.payments, *books.spot_payments))
    taken += sum(move.grid_paid for move in moves.values())
    paid_out = _paid_out(books)
    return [
        equal(
            "the vault holds what it owes: available, locked, queued, fees, grid revenue",
            {
                "held": vault.holding,
                " + ".join(map(money, owed)) + " =": sum(owed),
            },
            money,
        ),
        equal(
            "fees and grid revenue, with what was collected, are what accounts paid",
            {"taken": vault.fees + vault.grid_revenue + vault.collected, "paid": taken},
            money,
        ),
        all_rows(
            "money = deposits + sales - purchases - grid + compensations + spot, for every account",
            (
                (
                    account.address,
                    account.available + account.locked,
                    account.deposited - account.withdrawn + moves[account.address].change,
                )
                for account in books.accounts
            ),
            "accounts",
        ),
        equal("no money is locked any more", {"locked": locked, "expected": 0}, money),
        all_rows(
            "every household's wallet has what was paid out to it, and what it had besides",
            (
                (
                    account.address,
                    account.wallet,
                    account.wallet_besides + paid_out[account.address],
                )
                for account in books.accounts
            ),
            "wallets",
        ),
    ]


def _rewards(books: Books, money: Writer) -> list[Statement]:
    parts = [(event, part) for event in books.events for part in event.rewards]
    held = equal(
        "demand response holds nothing any more",
        {"held": books.escrow.holding, "owed": books.escrow.escrowed, "expected": 0},
        money,
    )
    if not books.events:
        return [held]
    earned = sum(part.paid for _, part in parts)
    budget = sum(event.budget for event in books.events)
    refunded = sum(event.refunded for event in books.events)
    return [
        all_rows(
            "every metered reduction is its baseline less what the readings add up to",
            (
                (part.account, part.reduction_w, part.baseline_w - _average_w(books, event, part))
                for event, part in parts
                if part.metered
            ),
            "reductions",
        ),
        all_rows(
            "every reward is its share of the budget, rounded down, and was paid",
            (
                (part.account, (part.reward, part.paid), (due, due))
                for event in books.events
                for part, due in zip(event.rewards, _dues(event), strict=True)
            ),
            "rewards",
        ),
        equal(
            "rewards, with what went back to the operator, are the budget",
            {
                f"{money(earned)} + {money(refunded)} =": earned + refunded,
                "budget": budget,
            },
            money,
        ),
        held,
    ]


def _paid_out(books: Books) -> Counter[str]:
    """Rewards of demand response and revenue of shares, by account."""
    paid: Counter[str] = Counter()
    for event in books.events:
        for part in event.rewards:
            paid[part.account] += part.paid
    for shares in books.shares:
        paid.update(shares.claimed)
    return paid


def _average_w(books: Books, event: EventBook, part: RewardBook) -> int:
    """What a participant's meters counted over an event: average W, rounded up."""
    counted = sum(books.metered.get((part.account, slot), (0, 0))[1] for slot in event.slots)
    return average_up(counted, len(event.slots) * event.slot_seconds)


def _dues(event: EventBook) -> list[int]:
    """What each part in a completed event is due, as the domain has it."""
    reductions = [Reduction(part.reduction_w, metered=part.metered) for part in event.rewards]
    return event_rewards(event.target_kw, event.reward_per_kw, reductions)
