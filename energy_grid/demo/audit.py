"""The check: the market's records add up to the last unit when a day is over.

It takes what contract views and events say. From the registers, trades and tariffs among them it
computes the day anew (`closing`), and compares:

    meters      settled leaves are those anchored, and say what the meters signed   rules 3, 4
    closing     each day was closed once, in order, with just these flows           rules 13-16
    balance     what came in went out, per slot and in total, in Wh and in money    rule 17
    grid        the grid account has what was funded and charged, less what it paid rule 18
    debts       nobody owes anything, and nobody waits for money                    rules 18, 19
    money       the settlement contract holds what it owes, each account what its day left it
    rewards     demand response paid its money as rewards or refunded it, each reward as agreed

`asset_audit` does the same for assets, shares and carbon credits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from energy_grid.demo.asset_audit import audit_assets
from energy_grid.demo.checks import Statement, all_rows, equal
from energy_grid.demo.closing import close_days, positions_of
from energy_grid.demo.records import EventRecord, MarketRecords, RewardRecord, SlotKey
from energy_grid.domain.baselines import power_down
from energy_grid.domain.closing import Flows, summed
from energy_grid.domain.day_leaves import Measured, Registers
from energy_grid.domain.demand_response import Reduction, event_rewards
from energy_grid.domain.merkle import leaf_tree
from energy_grid.domain.units import format_wh
from energy_grid.errors import CheckFailedError

__all__ = ["audit", "require"]

Writer = Callable[[int], str]

# Exact money is in thousandths of a base unit.
_EXACT = 1000


def audit(
    records: MarketRecords, metered: Mapping[SlotKey, int], money: Writer = str
) -> tuple[Statement, ...]:
    """All statements about the records, true or not.

    Args:
        metered: what meters have signed, export less import in Wh.
        money: writes amounts of money.
    """
    flows = close_days(records)

    def exact(amount: int) -> str:
        whole, rest = divmod(amount, _EXACT)
        return f"{money(whole)} and {rest}/1000 unit" if rest else money(whole)

    return (
        *_leaves(records, metered),
        *_energy(records),
        *_closing(records, flows),
        *_balance(records, flows),
        *_grid(records, exact),
        *_tokens(records, money),
        *_money(records, exact),
        *_rewards(records, money),
        *audit_assets(records),
    )


def require(statements: Sequence[Statement]) -> None:
    """Pass when every statement holds.

    Raises:
        CheckFailedError: the first statement that does not hold, with its numbers.
    """
    for statement in statements:
        if not statement.holds:
            raise CheckFailedError(f"the check failed: {statement.claim} ({statement.numbers})")


def _leaves(records: MarketRecords, metered: Mapping[SlotKey, int]) -> list[Statement]:
    return [
        all_rows(
            "the leaves that settled a community's day have the root that its gateway anchored",
            (
                (one.day, leaf_tree(one.leaves.records()).root.hex(), one.root.hex())
                for one in records.settled
            ),
            "days",
        ),
        all_rows(
            "every settled day, computed anew from its leaves and the state before, is what the"
            " chain has",
            ((one.day, one.differences, ()) for one in records.settled),
            "days",
        ),
        all_rows(
            "every leaf's slots are what the meter has signed",
            ((key, net, metered.get(key)) for key, net in records.nets.items()),
            "slots",
        ),
        all_rows(
            "every leaf's registers go on from the day before, and rise by what its slots add up"
            " to",
            _registers(records),
            "leaves",
        ),
        all_rows(
            "every member's day was closed with the others', or it was passed over for a reason",
            (
                (
                    one.day,
                    sorted((*one.closed, *one.passed_over)),
                    [leaf.number for leaf in one.leaves.leaves],
                )
                for one in records.settled
            ),
            "days",
        ),
    ]


def _registers(records: MarketRecords) -> Iterator[tuple[object, object, object]]:
    """Of measured leaves: where they begin and by how much they rise, and what that must be."""
    before: dict[int, Registers] = {}
    for one in records.settled:
        for leaf, row in zip(one.leaves.leaves, one.leaves.nets, strict=True):
            if not isinstance(leaf, Measured):
                continue
            rise = leaf.last.exported - leaf.first.exported
            rise -= leaf.last.imported - leaf.first.imported
            begin = before.get(leaf.number, leaf.first)
            yield (leaf.number, one.day), (leaf.first, rise), (begin, int(row.sum()))
        before = one.leaves.last_registers()


def _energy(records: MarketRecords) -> list[Statement]:
    positions = positions_of(records)
    metered = {account.address: account.metered_from for account in records.accounts}
    due = [
        (closed.account, slot)
        for closed in records.closed
        for slot in records.slots_of(closed.day)
        if slot >= metered[closed.account]
    ]
    return [
        all_rows(
            "every slot of a closed day was read in time",
            ((key, key in records.nets, True) for key in due),
            "slots",
        ),
        all_rows(
            "every position is what the account has bought less what it has sold",
            ((key, records.positions[key], positions.get(key, 0)) for key in due),
            "slots",
        ),
    ]


def _closing(records: MarketRecords, flows: Mapping[SlotKey, Flows]) -> list[Statement]:
    closed = {(each.account, each.day): each for each in records.closed}
    days = {
        (account, day): summed(flows[account, slot] for slot in records.slots_of(day))
        for account, day in closed
    }
    names = ("net", "position", "taken", "given", "drawn", "kept", "from_grid", "fed_in", "money")
    of_account: dict[str, list[int]] = {account.address: [] for account in records.accounts}
    for each in records.closed:
        of_account[each.account].append(each.day)
    return [
        all_rows(
            "every account has closed its days once and in order, up to and including this one",
            (
                (
                    account.address,
                    (of_account[account.address], account.cursor),
                    (
                        [*range(min(of_account[account.address], default=0), records.day + 1)],
                        records.day + 1,
                    ),
                )
                for account in records.accounts
            ),
            "accounts",
        ),
        all_rows(
            "every closing shared, kept, used, fed in and charged what the rules make of the"
            " meters, trades and tariffs",
            (
                (
                    key,
                    tuple(getattr(each, name) for name in names),
                    tuple(getattr(days[key], name) for name in names),
                )
                for key, each in closed.items()
            ),
            "days",
        ),
        all_rows(
            "energy credits are those that closings left, less those redeemed and taken out",
            (
                (
                    account.address,
                    account.credits,
                    sum(
                        each.kept - each.drawn
                        for each in records.closed
                        if each.account == account.address
                    )
                    - account.redeemed
                    - account.tokens,
                )
                for account in records.accounts
            ),
            "accounts",
        ),
    ]


def _balance(records: MarketRecords, flows: Mapping[SlotKey, Flows]) -> list[Statement]:
    members: Counter[int] = Counter()
    in_slot: dict[int, Flows] = {}
    for (_, slot), found in flows.items():
        in_slot[slot] = summed((in_slot.get(slot, Flows()), found))
        members[slot] += 1
    closed, nets = records.closed, records.nets.values()
    return [
        all_rows(
            "net + bought - sold + taken + credits used + from the grid = given + credits kept +"
            " fed in, on every day",
            (
                (
                    (each.account, each.day),
                    each.net + each.position + each.taken + each.drawn + each.from_grid,
                    each.given + each.kept + each.fed_in,
                )
                for each in closed
            ),
            "days",
        ),
        all_rows(
            "all accounts together bought what they sold, and took what they gave but for less than"
            " 1 Wh each, in every slot",
            (
                (
                    slot,
                    (found.position, abs(found.taken - found.given) < members[slot]),
                    (0, True),
                )
                for slot, found in in_slot.items()
            ),
            "slots",
        ),
        equal(
            "what all accounts together got from the grid and their meters went there, or was kept",
            {
                "from grid + export": sum(each.from_grid for each in closed)
                + sum(max(net, 0) for net in nets),
                "fed in + import + kept - used + rounding": sum(each.fed_in for each in closed)
                + sum(max(-net, 0) for net in nets)
                + sum(each.kept - each.drawn + each.given - each.taken for each in closed),
            },
            format_wh,
        ),
    ]


def _grid(records: MarketRecords, exact: Writer) -> list[Statement]:
    grid = records.grid
    charged = -sum(each.money for each in records.closed)
    debts = sum(account.debt for account in records.accounts)
    waiting = sum(account.receivable for account in records.accounts)
    redeemed = sum(account.redeemed_for for account in records.accounts)
    fees = sum(
        trade.wh * len(trade.slots) * records.tariffs[_day(records, trade.slots)].network_fee
        for trade in records.trades
    )
    return [
        equal(
            "the grid account has what it was given and charged, less what it paid",
            {
                "cash": grid.cash,
                f"funded {exact(grid.funded * _EXACT)} + charged {exact(charged)}"
                f" + network fees {exact(fees)} - redeemed {exact(redeemed)} =": grid.funded
                * _EXACT
                + charged
                + fees
                - redeemed
                - debts
                + waiting
                - grid.collected * _EXACT,
            },
            exact,
        ),
        equal(
            "nobody owes money, and nobody waits for money of the grid account",
            {"debts": debts, "receivables": waiting, "its own sum": grid.owed, "expected": 0},
            exact,
        ),
        equal(
            "all energy credits are in accounts or outside as tokens",
            {
                "credits": grid.credits,
                "in accounts + tokens": sum(account.credits for account in records.accounts)
                + records.energy.supply,
            },
            format_wh,
        ),
    ]


def _tokens(records: MarketRecords, money: Writer) -> list[Statement]:
    return [
        equal(
            f"the supply of {name} is what was minted and not burned, all of it held",
            {
                "supply": token.supply,
                "minted - burned": token.minted - token.burned,
                "held": token.balances,
            },
            write,
        )
        for name, token, write in (
            ("energy tokens", records.energy, format_wh),
            ("test dollars", records.money, money),
        )
    ]


def _money(records: MarketRecords, exact: Writer) -> list[Statement]:
    grid, accounts = records.grid, records.accounts
    owed = {
        "free": sum(account.free for account in accounts),
        "of open days": sum(account.later for account in accounts),
        "securities": sum(account.security for account in accounts),
        "queued": grid.queued * _EXACT,
        "grid account": grid.cash,
        "fees": grid.protocol_fees,
    }
    changes = _changes(records)
    paid_out = _paid_out(records)
    return [
        equal(
            "the settlement contract holds what it owes",
            {
                "held": grid.holding * _EXACT,
                " + ".join(f"{name} {exact(amount)}" for name, amount in owed.items() if amount)
                + " =": sum(owed.values()),
            },
            exact,
        ),
        all_rows(
            "balance + security = deposits - withdrawals + closings + sales - purchases + redeemed"
            " credits, for every account",
            (
                (
                    account.address,
                    account.free
                    + account.security
                    + account.later
                    + account.receivable
                    - account.debt,
                    (account.deposited - account.withdrawn) * _EXACT
                    + account.redeemed_for
                    + changes[account.address],
                )
                for account in accounts
            ),
            "accounts",
        ),
        all_rows(
            "every wallet has what was paid out to it, and what it had besides",
            (
                (
                    account.address,
                    account.wallet,
                    account.wallet_other + paid_out[account.address],
                )
                for account in accounts
            ),
            "wallets",
        ),
    ]


def _changes(records: MarketRecords) -> Counter[str]:
    """What closings and trades brought each account, exact."""
    changes: Counter[str] = Counter()
    for each in records.closed:
        changes[each.account] += each.money
    for trade in records.trades:
        tariff = records.tariffs[_day(records, trade.slots)]
        wh = trade.wh * len(trade.slots)
        changes[trade.buyer] -= wh * trade.price
        changes[trade.seller] += wh * (trade.price - tariff.network_fee - tariff.protocol_fee)
    return changes


def _day(records: MarketRecords, slots: range) -> int:
    return slots.start // records.day_slots


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
    """What a participant's meter counted over an event: average W, rounded up."""
    net = sum(records.nets[part.account, slot] for slot in event.slots)
    return -power_down(net, len(event.slots) * event.slot_seconds)


def _dues(event: EventRecord) -> list[int]:
    """What each part in a completed event is due, as the domain has it."""
    reductions = [
        Reduction(part.reduction_w * (part.reduction_w >= part.minimum_w), metered=part.metered)
        for part in event.rewards
    ]
    return event_rewards(event.target_kw, event.reward_per_kw, reductions)
