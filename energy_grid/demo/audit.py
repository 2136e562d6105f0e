"""The check: the market's records add up to the last unit when a day is over.

It takes what contract views and events say, and compares the one with the other:

    meters     every slot has the energy of its signed readings, and none is sold twice
    balance    produced + bought + credits used + from grid == consumed + sold + credits gained
    trades     what one side sold the other bought, and it was paid for or compensated
    tokens     every token that an account holds was minted and not burned
    money      the settlement contract holds what it owes; each account has what its trades left it
    rewards    demand response paid its money as rewards or refunded it, each reward as agreed

`asset_audit` does the same for assets, shares, the spot market and carbon credits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from energy_grid.demo.asset_audit import audit_assets
from energy_grid.demo.checks import Statement, all_rows, equal
from energy_grid.demo.money_moves import money_moves
from energy_grid.demo.records import EventRecord, MarketRecords, RewardRecord
from energy_grid.domain.costs import cost_down, cost_up
from energy_grid.domain.demand_response import Reduction, average_up, event_rewards
from energy_grid.domain.units import format_wh
from energy_grid.errors import CheckFailedError

__all__ = ["audit", "require"]

Writer = Callable[[int], str]


def audit(records: MarketRecords, money: Writer = str) -> tuple[Statement, ...]:
    """All statements about the records, true or not; ``money`` writes amounts of money."""
    return (
        *_meters(records),
        *_balance(records),
        *_trades(records, money),
        *_tokens(records, money),
        *_money(records, money),
        *_rewards(records, money),
        *audit_assets(records, money),
    )


def require(statements: Sequence[Statement]) -> None:
    """Pass when every statement holds.

    Raises:
        CheckFailedError: the first statement that does not hold, with its numbers.
    """
    for statement in statements:
        if not statement.holds:
            raise CheckFailedError(f"the check failed: {statement.claim} ({statement.numbers})")


def _meters(records: MarketRecords) -> list[Statement]:
    return [
        all_rows(
            "every slot has the energy that its signed readings add up to",
            (
                (key, (energy.produced, energy.consumed), records.metered.get(key, (0, 0)))
                for key, energy in records.slots.items()
            ),
            "slots",
        ),
        all_rows(
            "no slot has sold more than it produced",
            (
                (key, energy.sold, min(energy.sold, energy.produced))
                for key, energy in records.slots.items()
            ),
            "slots",
        ),
    ]


def _balance(records: MarketRecords) -> list[Statement]:
    closings = records.closings
    closed = [
        (key, energy, closings[key]) for key, energy in records.slots.items() if key in closings
    ]
    return [
        all_rows(
            "every slot is closed",
            (
                (key, energy.closed and key in closings, True)
                for key, energy in records.slots.items()
            ),
            "slots",
        ),
        all_rows(
            "produced + bought + credits used + from the grid = consumed + sold + credits gained,"
            " in every slot",
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
            "the sums over all slots balance as well",
            {
                "in": sum(e.produced + e.bought + c.burned + c.from_grid for _, e, c in closed),
                "out": sum(e.consumed + e.sold + c.minted for _, e, c in closed),
            },
            format_wh,
        ),
        all_rows(
            "grid energy costs the grid price of its slot, rounded up",
            (
                (key, closing.cost, cost_up(closing.from_grid, records.slot_prices[key[1]]))
                for key, _, closing in closed
            ),
            "slots",
        ),
    ]


def _trades(records: MarketRecords, money: Writer) -> list[Statement]:
    sold = sum(energy.sold for energy in records.slots.values())
    bought = sum(energy.bought for energy in records.slots.values())
    from_grid = sum(purchase.wh for purchase in records.grid_purchases)
    return [
        equal(
            "what was bought, less what the grid sold at once, is what was sold and delivered",
            {
                "bought": bought - from_grid,
                "sold": sold,
                "delivered": sum(delivery.wh for delivery in records.deliveries),
                "of trades": sum(trade.delivered for trade in records.trades),
            },
            format_wh,
        ),
        equal(
            "deliveries were paid at the prices agreed, rounded down",
            {
                "paid": sum(payment.paid for payment in records.payments),
                "due": sum(cost_down(trade.delivered, trade.price) for trade in records.trades),
            },
            money,
        ),
        all_rows(
            "every trade has ended; collateral compensated what was not delivered",
            (
                (
                    trade.id,
                    trade.compensation,
                    cost_down(trade.amount - trade.delivered, records.collateral_per_kwh),
                )
                for trade in records.trades
            ),
            "trades",
        ),
    ]


def _tokens(records: MarketRecords, money: Writer) -> list[Statement]:
    return [
        equal(
            "the supply of energy tokens is what was minted and not burned, all of it held",
            {
                "supply": records.energy.supply,
                "minted - burned": records.energy.minted - records.energy.burned,
                "held": records.energy.balances,
                "gained - used": sum(c.minted - c.burned for c in records.closings.values()),
            },
            format_wh,
        ),
        equal(
            "the supply of test dollars is what was minted and not burned, all of it held",
            {
                "supply": records.money.supply,
                "minted - burned": records.money.minted - records.money.burned,
                "held": records.money.balances,
            },
            money,
        ),
    ]


def _money(records: MarketRecords, money: Writer) -> list[Statement]:
    moves = money_moves(records)
    treasury = records.treasury
    available = sum(account.available for account in records.accounts)
    locked = sum(account.locked for account in records.accounts)
    owed = (available, locked, treasury.queued, treasury.fees, treasury.grid_revenue)
    taken = sum(payment.fees for payment in (*records.payments, *records.spot_payments))
    taken += sum(move.grid_paid for move in moves.values())
    paid_out = _paid_out(records)
    return [
        equal(
            "the settlement contract holds what it owes: available, locked, queued, fees, grid",
            {
                "held": treasury.holding,
                " + ".join(map(money, owed)) + " =": sum(owed),
            },
            money,
        ),
        equal(
            "fees and grid revenue, with what was collected, are what accounts paid",
            {"taken": treasury.fees + treasury.grid_revenue + treasury.collected, "paid": taken},
            money,
        ),
        all_rows(
            "balance = deposits + sales - purchases - grid + compensations + spot, for every"
            " account",
            (
                (
                    account.address,
                    account.available + account.locked,
                    account.deposited - account.withdrawn + moves[account.address].change,
                )
                for account in records.accounts
            ),
            "accounts",
        ),
        equal("no money is locked any more", {"locked": locked, "expected": 0}, money),
        all_rows(
            "every wallet has what was paid out to it, and what it had besides",
            (
                (
                    account.address,
                    account.wallet,
                    account.wallet_other + paid_out[account.address],
                )
                for account in records.accounts
            ),
            "wallets",
        ),
    ]


def _rewards(records: MarketRecords, money: Writer) -> list[Statement]:
    parts = [(event, part) for event in records.events for part in event.rewards]
    held = equal(
        "the demand-response contract holds no money any more",
        {"held": records.escrow.holding, "owed": records.escrow.escrowed, "expected": 0},
        money,
    )
    if not records.events:
        return [held]
    earned = sum(part.paid for _, part in parts)
    budget = sum(event.budget for event in records.events)
    refunded = sum(event.refunded for event in records.events)
    return [
        all_rows(
            "every metered load reduction is its baseline less what the readings add up to",
            (
                (part.account, part.reduction_w, part.baseline_w - _average_w(records, event, part))
                for event, part in parts
                if part.metered
            ),
            "reductions",
        ),
        all_rows(
            "every reward is its share of the budget, rounded down, and was paid",
            (
                (part.account, (part.reward, part.paid), (due, due))
                for event in records.events
                for part, due in zip(event.rewards, _dues(event), strict=True)
            ),
            "rewards",
        ),
        equal(
            "rewards and the refund to the operator add up to the budget",
            {
                f"{money(earned)} + {money(refunded)} =": earned + refunded,
                "budget": budget,
            },
            money,
        ),
        held,
    ]


def _paid_out(records: MarketRecords) -> Counter[str]:
    """Rewards of demand response and revenue of shares, by account."""
    paid: Counter[str] = Counter()
    for event in records.events:
        for part in event.rewards:
            paid[part.account] += part.paid
    for shares in records.shares:
        paid.update(shares.claimed)
    return paid


def _average_w(records: MarketRecords, event: EventRecord, part: RewardRecord) -> int:
    """What a participant's meters counted over an event: average W, rounded up."""
    counted = sum(records.metered.get((part.account, slot), (0, 0))[1] for slot in event.slots)
    return average_up(counted, len(event.slots) * event.slot_seconds)


def _dues(event: EventRecord) -> list[int]:
    """What each part in a completed event is due, as the domain has it."""
    reductions = [Reduction(part.reduction_w, metered=part.metered) for part in event.rewards]
    return event_rewards(event.target_kw, event.reward_per_kw, reductions)
