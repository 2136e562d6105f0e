"""Views of the store: what the tables of events add up to now.

They are queries, so a turn of the chain or an interruption cannot leave them behind. Energy is in
Wh, money in base units, prices are money per kWh, times Unix seconds, days numbers from 1970.

    accounts     number, account, opened_at
    meters       number of the meter, meter (its present address), account, region, rated_power in
                 W, is_settlement, registered_at
    meter_keys   every address that a meter has or had: number, meter, account, region,
                 is_settlement
    measured     what meters have read, over MQTT and on the chain, once for each time: meter, time,
                 import_wh, export_wh, voltage in decivolts, frequency in centihertz
    days         of accounts that are closed: account, and what `closed_days` has, where money is in
                 thousandths of base units
    communities  id, region, manager, theta in basis points as it was set last, gateway and
                 is_static (NULL without one), created_at
    memberships  community, account, from_day, end_day (exclusive, NULL: none)
    orders       on-chain orders: order_id, trader, order_type, amount, price, expiry, period,
                 start, matched, cancelled_at
    trades       transaction_id, buy_id, sell_id, amount, price, matched_at, transaction_hash,
                 period, start, buyer and seller (NULL of signed orders that went elsewhere)
    tariffs      region, day from which it holds, buy, feed_in, network_fee, protocol_fee,
                 max_factor in basis points
    bands        region (0: those that have none of their own), and its bands as `GridBands` has
                 them: nominal_frequency, nominal_voltage, frequency_normal_low ..
    programs     of demand response: program_id, region, operator, name, target_reduction_kw,
                 incentive_rate, end_time, budget, members, closed_at
    dr_events    event_id, program_id, region, grid_operator, target_reduction_kw, reward_per_kw,
                 start_time, end_time, budget, completed_at, cancelled_at, kind, group,
                 measured_from, opt_in, is_test, announced_at
    assets       asset, kind, capacity in W, owner, in_service, shares (their contract, or NULL)
    credits      energy credits: account, balance
    proposals    proposal_id, proposer, description, targets, calldatas, vote_start, vote_end,
                 queued_at, executed_at, canceled_at
    roles        role_id, account, since
    certificate_devices      device, account, technology, region (a number), from_slot, until_slot
                 (exclusive, NULL: it earns), issued_wh in all, owed_wh
    certificates account, device, slot, issued_wh less corrections, held_wh
    certificate_retirements  id, account, device, day, wh, retired_at
    certificate_offers       offer_id, seller, device (0: of carbon credits, in g), from_slot,
                 to_slot (inclusive), amount, unsold, price, currency, offered_at, cancelled_at

An ``..._at`` is the time of the block in which it happened.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    FromClause,
    ScalarSelect,
    Select,
    Subquery,
    Table,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.schema import CreateView

from energy_grid.backend.store.details import (
    CERTIFICATE_CORRECTIONS,
    CERTIFICATE_MOVES,
    CLOSED_DAYS,
    READINGS,
)
from energy_grid.backend.store.events import EVENTS
from energy_grid.backend.store.orders import ORDER_TRADES, SIGNED_ORDERS
from energy_grid.backend.store.registers import REGISTERS
from energy_grid.domain.enums import OrderType

__all__ = ["CREATED", "NOBODY", "VIEWS", "whole_sum"]

NOBODY = literal("0x" + "0" * 40, literal_execute=True)
"""The zero address: where tokens come from, and where they go to."""
# A batch's trades are numbered from its number times this one on.
_A_BATCH: ColumnElement[Any] = literal_column(str(2**32))


_TABLES = {each.table.name: each.table for some in EVENTS.values() for each in some.values()}


def _of(name: str) -> Table:
    return _TABLES[name]


def _newest(found: FromClause, *keys: str) -> Subquery:
    """Of rows with the same keys the last one that was emitted."""
    place = func.row_number().over(
        partition_by=[found.c[key] for key in keys],
        order_by=[found.c.block.desc(), found.c.log_index.desc()],
    )
    ranked = select(found, place.label("place")).subquery()
    return select(ranked).where(ranked.c.place == 1).subquery()


def _time_of(table: Table, key: str, is_of: Any) -> ScalarSelect[Any]:
    """When there was an event with a key; NULL if there was none."""
    return select(func.max(table.c.time)).where(table.c[key] == is_of).scalar_subquery()


def _is_after(one: FromClause, other: FromClause) -> ColumnElement[bool]:
    """Whether one event was emitted after another one."""
    in_block = and_(one.c.block == other.c.block, one.c.log_index > other.c.log_index)
    return or_(one.c.block > other.c.block, in_block)


def whole_sum(values: ColumnElement[Any]) -> ColumnElement[int]:
    """A sum that is no decimal; 0 of nothing."""
    return cast(func.coalesce(func.sum(values), 0), BigInteger)


def _whole(found: FromClause, *names: str) -> list[Any]:
    """Columns of numbers that are small, though their type on the chain is not."""
    return [cast(found.c[each], BigInteger).label(each) for each in names]


def _accounts() -> Select[Any]:
    opened = _of("settlement_account_opened")
    return select(opened.c.number, opened.c.account, opened.c.time.label("opened_at"))


def _meters() -> Select[Any]:
    registered = _of("smart_meter_meter_registered")
    changed = [_of(f"smart_meter_meter_{name}") for name in ("exchanged", "key_rotated")]
    places = ("block", "log_index", "number")
    addresses = union_all(
        select(*(registered.c[each] for each in places), registered.c.meter),
        *(select(*(one.c[each] for each in places), one.c.to) for one in changed),
    ).subquery()
    now, first = _newest(addresses, "number"), _newest(registered, "number")
    rated = _newest(changed[0], "number")
    columns = (
        first.c.number,
        now.c.meter,
        first.c.account,
        first.c.region,
        func.coalesce(rated.c.exchange_rated_power, first.c.rated_power).label("rated_power"),
        first.c.settlement.label("is_settlement"),
        first.c.time.label("registered_at"),
    )
    found = select(*columns).join_from(first, now, first.c.number == now.c.number)
    return found.outerjoin(rated, rated.c.number == first.c.number)


def _meter_keys() -> Select[Any]:
    registered = _of("smart_meter_meter_registered")
    changed = [_of(f"smart_meter_meter_{name}") for name in ("exchanged", "key_rotated")]
    keys = union_all(
        select(registered.c.number, registered.c.meter),
        *(select(one.c.number, one.c.to) for one in changed),
    ).subquery()
    return select(
        keys.c.number,
        keys.c.meter,
        registered.c.account,
        registered.c.region,
        registered.c.settlement.label("is_settlement"),
    ).join_from(keys, registered, registered.c.number == keys.c.number)


def _measured() -> CompoundSelect[Any]:
    sent, told = REGISTERS.c, READINGS.c
    same = and_(sent.meter == told.meter, sent.time == told.timestamp)
    return union_all(
        select(sent.meter, sent.time, sent.import_wh, sent.export_wh, sent.voltage, sent.frequency),
        select(
            told.meter,
            told.timestamp,
            told.consumption,
            told.production,
            told.voltage,
            told.grid_frequency,
        ).where(~exists().where(same)),
    )


def _days() -> Select[Any]:
    opened = _of("settlement_account_opened")
    return select(opened.c.account, CLOSED_DAYS).join_from(
        CLOSED_DAYS, opened, CLOSED_DAYS.c.number == opened.c.number
    )


def _communities() -> Select[Any]:
    made, read = _of("communities_community_created"), _of("communities_gateway_created")
    managed = _newest(_of("communities_manager_changed"), "id")
    priced = _newest(_of("communities_theta_set"), "id")
    named = _newest(_of("communities_gateway_named"), "id")
    return (
        select(
            made.c.id,
            made.c.region,
            func.coalesce(managed.c.manager, made.c.manager).label("manager"),
            func.coalesce(priced.c.theta, made.c.theta).label("theta"),
            func.coalesce(named.c.gateway, read.c.gateway).label("gateway"),
            read.c.is_static,
            made.c.time.label("created_at"),
        )
        .select_from(made)
        .outerjoin(managed, managed.c.id == made.c.id)
        .outerjoin(priced, priced.c.id == made.c.id)
        .outerjoin(named, named.c.id == made.c.id)
        .outerjoin(read, read.c.id == made.c.id)
    )


def _memberships() -> Select[Any]:
    joined, left = _of("communities_joined"), _of("communities_left")
    end = (
        select(left.c.day)
        .where(
            left.c.id == joined.c.id,
            left.c.account == joined.c.account,
            _is_after(left, joined),
        )
        .order_by(left.c.block, left.c.log_index)
        .limit(1)
        .scalar_subquery()
    )
    return select(
        joined.c.id.label("community"),
        joined.c.account,
        joined.c.day.label("from_day"),
        end.label("end_day"),
    )


def _orders() -> Select[Any]:
    made, matched = _of("energy_trading_order_created"), _of("energy_trading_orders_matched")
    cancelled = _of("energy_trading_order_cancelled")
    sums = (
        select(func.coalesce(func.sum(matched.c.amount), 0))
        .where(or_(matched.c.buy_id == made.c.order_id, matched.c.sell_id == made.c.order_id))
        .scalar_subquery()
    )
    return select(
        *(made.c[name] for name in ("order_id", "trader", "order_type", "amount", "price")),
        *(made.c[name] for name in ("expiry", "period", "start")),
        sums.label("matched"),
        _time_of(cancelled, "order_id", made.c.order_id).label("cancelled_at"),
    )


def _trades() -> Select[Any]:
    """Of a batch's trade, the batch says the period, and the store's signed orders who traded."""
    matched, batch = _of("energy_trading_orders_matched"), _of("energy_trading_batch_settled")
    made = _of("energy_trading_order_created")
    buy, sell = made.alias("buy"), made.alias("sell")
    number = matched.c.transaction_id
    batch_id = (number - number % _A_BATCH).op("/", precedence=8)(_A_BATCH)
    columns = {
        "period": func.coalesce(batch.c.period, buy.c.period),
        "start": func.coalesce(batch.c.start, buy.c.start),
        "buyer": func.coalesce(buy.c.trader, _signer(number, OrderType.BUY)),
        "seller": func.coalesce(sell.c.trader, _signer(number, OrderType.SELL)),
    }
    return (
        select(
            *(matched.c[name] for name in ("transaction_id", "buy_id", "sell_id", "amount")),
            *(matched.c.price, matched.c.time.label("matched_at"), matched.c.transaction_hash),
            *(column.label(name) for name, column in columns.items()),
        )
        .select_from(matched)
        .outerjoin(batch, batch.c.batch_id == batch_id)
        .outerjoin(buy, buy.c.order_id == matched.c.buy_id)
        .outerjoin(sell, sell.c.order_id == matched.c.sell_id)
    )


def _signer(number: Any, side: OrderType) -> ScalarSelect[Any]:
    """Who signed the order on a side of a trade, if this store has it."""
    trades, orders = ORDER_TRADES.c, SIGNED_ORDERS.c
    return (
        select(orders.trader)
        .join(ORDER_TRADES, trades.order_hash == orders.hash)
        .where(trades.trade == number, orders.side == int(side))
        .limit(1)
        .scalar_subquery()
    )


def _tariffs() -> Select[Any]:
    added, found = _of("tariffs_region_added"), _newest(_of("tariffs_tariff_set"), "id", "day")
    prices = ("buy", "feed_in", "network_fee", "protocol_fee", "max_factor")
    return select(
        added.c.region, found.c.day, *(found.c[f"tariff_{each}"].label(each) for each in prices)
    ).join_from(found, added, added.c.id == found.c.id)


def _programs() -> Select[Any]:
    made = _of("demand_response_program_created")
    joined, left = (_of(f"demand_enrolments_program_{each}") for each in ("joined", "left"))

    def count(table: Table) -> ScalarSelect[Any]:
        of_it = table.c.program_id == made.c.program_id
        return select(func.count()).select_from(table).where(of_it).scalar_subquery()

    closed = _of("demand_response_program_closed")
    return select(
        *(made.c[name] for name in ("program_id", "region", "operator", "name")),
        *(made.c[name] for name in ("target_reduction_kw", "incentive_rate", "end_time", "budget")),
        (count(joined) - count(left)).label("members"),
        _time_of(closed, "program_id", made.c.program_id).label("closed_at"),
    )


def _dr_events() -> Select[Any]:
    made, terms = _of("demand_response_event_started"), _of("demand_response_event_scheduled")
    return select(
        *(made.c[name] for name in ("event_id", "program_id", "region", "grid_operator")),
        *(made.c[name] for name in ("target_reduction_kw", "reward_per_kw", "start_time")),
        *(made.c[name] for name in ("end_time", "budget")),
        *(terms.c[name] for name in ("kind", "group", "measured_from", "opt_in", "is_test")),
        made.c.time.label("announced_at"),
        *(
            _time_of(_of(f"demand_response_event_{name}"), "event_id", made.c.event_id).label(
                f"{name}_at"
            )
            for name in ("completed", "cancelled")
        ),
    ).join_from(made, terms, made.c.event_id == terms.c.event_id)


def _assets() -> Select[Any]:
    minted, divided = (
        _of(f"energy_asset_nft_{name}") for name in ("asset_minted", "fractionalized")
    )
    owned = _newest(_of("energy_asset_nft_transfer"), "token_id")
    served = _newest(_of("energy_asset_nft_service_set"), "asset")
    return (
        select(
            *(minted.c[name] for name in ("asset", "kind", "capacity")),
            owned.c.to.label("owner"),
            func.coalesce(served.c.in_service, True).label("in_service"),
            divided.c.shares,
        )
        .select_from(minted)
        .join(owned, owned.c.token_id == minted.c.asset)
        .outerjoin(served, served.c.asset == minted.c.asset)
        .outerjoin(divided, divided.c.asset == minted.c.asset)
    )


def _credits() -> Select[Any]:
    moved = _of("energy_token_transfer")
    flows = union_all(
        select(moved.c.to.label("account"), moved.c.value),
        select(moved.c["from"], -moved.c.value),
    ).subquery()
    return (
        select(flows.c.account, func.sum(flows.c.value).label("balance"))
        .where(flows.c.account != NOBODY)
        .group_by(flows.c.account)
    )


def _proposals() -> Select[Any]:
    made = _of("grid_governor_proposal_created")

    def when(name: str) -> Any:
        table = _of(f"grid_governor_proposal_{name}")
        return _time_of(table, "proposal_id", made.c.proposal_id).label(f"{name}_at")

    late = _of("grid_governor_proposal_extended").c
    extended = select(late.extended_deadline).where(late.proposal_id == made.c.proposal_id)
    names = ("proposal_id", "proposer", "description", "targets", "calldatas", "vote_start")
    return select(
        *(made.c[name] for name in names),
        func.coalesce(extended.scalar_subquery(), made.c.vote_end).label("vote_end"),
        *map(when, ("queued", "executed", "canceled")),
    )


def _bands() -> Select[Any]:
    found = _newest(_of("grid_bands_bands_set"), "region")
    bounds = [each for each in found.c if each.name.startswith("bands_")]
    return select(found.c.region, *(each.label(each.name[6:]) for each in bounds))


def _roles() -> Select[Any]:
    granted, revoked = (_of(f"access_manager_role_{name}") for name in ("granted", "revoked"))
    names = ("block", "log_index", "role_id", "account")
    turns = union_all(
        select(*(granted.c[each] for each in names), granted.c.since, literal(True).label("has")),
        select(*(revoked.c[each] for each in names), literal(0), literal(False)),
    ).subquery()
    now = _newest(turns, "role_id", "account")
    return select(now.c.role_id, now.c.account, now.c.since).where(now.c.has)


def _certificate_devices() -> Select[Any]:
    registered = _newest(_of("energy_certificates_device_registered"), "device")
    ended = _of("energy_certificates_device_deregistered")
    issued = _of("energy_certificates_certificates_issued")
    read, corrected = _newest(issued, "device"), CERTIFICATE_CORRECTIONS.c
    until = select(cast(func.max(ended.c.until_slot), BigInteger)).where(
        ended.c.device == registered.c.device, _is_after(ended, registered)
    )
    certified = select(whole_sum(issued.c.wh)).where(issued.c.device == registered.c.device)
    # What was owed when it was read last has corrections before that in it.
    owed = select(whole_sum(corrected.wh - corrected.withdrawn)).where(
        corrected.device == registered.c.device,
        or_(read.c.device.is_(None), _is_after(CERTIFICATE_CORRECTIONS, read)),
    )
    return select(
        *_whole(registered, "device", "technology", "region", "from_slot"),
        registered.c.account,
        until.scalar_subquery().label("until_slot"),
        certified.scalar_subquery().label("issued_wh"),
        cast(func.coalesce(read.c.owed, 0) + owed.scalar_subquery(), BigInteger).label("owed_wh"),
    ).outerjoin_from(registered, read, read.c.device == registered.c.device)


def _certificates() -> Select[Any]:
    moved, corrected = CERTIFICATE_MOVES.c, CERTIFICATE_CORRECTIONS.c
    owned = _newest(_of("energy_certificates_device_registered"), "device").c
    places = (moved.device, moved.slot)
    flows = union_all(
        select(
            moved.recipient.label("account"),
            *places,
            case((moved.sender == NOBODY, moved.wh), else_=0).label("issued"),
            moved.wh,
        ),
        select(moved.sender, *places, literal_column("0"), -moved.wh),
        select(
            owned.account, corrected.device, corrected.slot, -corrected.wh, literal_column("0")
        ).join_from(CERTIFICATE_CORRECTIONS, owned.device.table, owned.device == corrected.device),
    ).subquery()
    keys = (flows.c.account, flows.c.device, flows.c.slot)
    return (
        select(
            *keys,
            whole_sum(flows.c.issued).label("issued_wh"),
            whole_sum(flows.c.wh).label("held_wh"),
        )
        .where(flows.c.account != NOBODY)
        .group_by(*keys)
    )


def _certificate_retirements() -> Select[Any]:
    retired = _of("energy_certificates_certificates_retired")
    return select(
        *_whole(retired, "id", "device", "day", "wh"),
        retired.c.account,
        retired.c.time.label("retired_at"),
    )


def _certificate_offers() -> Select[Any]:
    made, sold = (
        _of("certificate_market_certificates_offered"),
        _of("certificate_market_certificates_sold"),
    )
    left = (
        select(sold.c.remaining)
        .where(sold.c.offer_id == made.c.offer_id)
        .order_by(sold.c.block.desc(), sold.c.log_index.desc())
        .limit(1)
        .scalar_subquery()
    )
    cancelled = _of("certificate_market_offer_cancelled")
    return select(
        *_whole(made, "offer_id", "device", "from_slot", "to_slot"),
        *(made.c[each] for each in ("seller", "amount", "price", "currency")),
        func.coalesce(left, made.c.amount).label("unsold"),
        made.c.time.label("offered_at"),
        _time_of(cancelled, "offer_id", made.c.offer_id).label("cancelled_at"),
    )


_QUERIES = {
    "accounts": _accounts(),
    "meters": _meters(),
    "meter_keys": _meter_keys(),
    "measured": _measured(),
    "days": _days(),
    "communities": _communities(),
    "memberships": _memberships(),
    "orders": _orders(),
    "trades": _trades(),
    "tariffs": _tariffs(),
    "bands": _bands(),
    "programs": _programs(),
    "dr_events": _dr_events(),
    "assets": _assets(),
    "credits": _credits(),
    "proposals": _proposals(),
    "roles": _roles(),
    "certificate_devices": _certificate_devices(),
    "certificates": _certificates(),
    "certificate_retirements": _certificate_retirements(),
    "certificate_offers": _certificate_offers(),
}
CREATED = {name: CreateView(query, name) for name, query in _QUERIES.items()}
VIEWS: Mapping[str, Table] = {name: each.table for name, each in CREATED.items()}
"""By name, to be queried like tables."""
