"""What a batch refuses: a keeper can only do what traders have signed."""

from __future__ import annotations

from dataclasses import replace

from energy_grid.client import Account, OrderType, Period, PeriodKind, SignedOrder, errors
from energy_grid.contracts.tariffs import Tariff
from energy_grid.domain.batch import Batch, Refusal
from energy_grid.domain.enums import EmergencyProtocol
from energy_grid.market.batch_calls import settle_batch
from energy_grid.market.signing import sign_order
from scripts._walkthrough.common import only
from scripts._walkthrough.houses import DAY, HOUR, House
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import CENT, DOLLAR
from scripts.walkthrough._trading_batches import batch_of, large_sale, signed, terms_of

__all__ = ["tell_of_refusals"]

# The most Wh of a quarter that an order can have, in an hour.
_MOST = 4 * (2**31 - 1)


def tell_of_refusals(stage: Stage) -> None:
    market, trading, keeper = stage.market, stage.market.trading, stage.keeper
    neighbour = stage.person("the neighbour")
    blocked_consumer = stage.person("the blocked consumer", money="1")
    stage.chapter("A keeper can only do what traders have signed")
    stage.does(
        "the blocked consumer pays in a dollar", blocked_consumer, market.settlement.deposit(DOLLAR)
    )
    stop = market.grid.deactivate_participant(blocked_consumer.address, is_producer=False)
    stage.does("the grid authority stops its purchases", stage.safe, stop)
    _a_house_at_the_coast(stage)
    stored = stage.market.prepare_order(
        OrderType.BUY,
        energy=960,
        price=30 * CENT,
        period=Period(kind=PeriodKind.DAILY, start=stage.now // DAY * DAY + DAY),
    )
    ordered = stage.does("the neighbour wants 0.96 kWh of tomorrow", neighbour, stored)
    tomorrow = only(ordered, "OrderCreated")["order_id"]
    cases = _of_one_order(stage, tomorrow) + _of_one_fill(stage)
    for what, reason, batch in cases:
        stage.refuses(
            what,
            errors.EnergyTrading_Refused,
            keeper,
            settle_batch(trading, batch, skip=False),
            reason=reason,
        )
    shown = {reason for _, reason, _ in cases} | {Refusal.NONE, _of_an_emergency(stage)}
    stage.check(shown == set(Refusal), f"reasons left out: {set(Refusal) - shown}")
    stage.does("the neighbour cancels it", neighbour, trading.cancel_order(tomorrow))


def _of_an_emergency(stage: Stage) -> Refusal:
    """A batch on a side that the region has closed; why it is refused."""
    grid = stage.market.grid
    curtailing = grid.implement_emergency_protocol("home", EmergencyProtocol.GENERATION_CURTAILMENT)
    stage.does("the region curtails its generation", stage.safe, curtailing)
    hour = Period(kind=PeriodKind.HOURLY, start=(stage.now // HOUR + 1) * HOUR)
    orders = []
    for name, side in (("the consumer", OrderType.BUY), ("the prosumer", OrderType.SELL)):
        person = stage.person(name)
        terms = replace(
            terms_of(stage, person, side, 1000, 26 * CENT), period=hour, expiry=hour.last_order
        )
        orders.append(sign_order(person, terms, 23, stage.market.trading_domain))
    batch = replace(batch_of(stage, [(orders[0], orders[1], 1000)]), period=hour)
    stage.refuses(
        "a sale of the next hour",
        errors.EnergyTrading_Refused,
        stage.keeper,
        settle_batch(stage.market.trading, batch, skip=False),
        reason=Refusal.REGION_CLOSED,
    )
    ended = grid.implement_emergency_protocol("home", EmergencyProtocol.NONE)
    stage.does("and no more", stage.safe, ended)
    return Refusal.REGION_CLOSED


def _of_one_order(stage: Stage, tomorrow: int) -> list[tuple[str, Refusal, Batch]]:
    """Batches with an order that cannot be in one."""
    consumer, sale = stage.person("the consumer"), large_sale(stage)

    def of(order: SignedOrder | int) -> Batch:
        return batch_of(stage, [(order, sale, 1000)])

    def wish(name: str, limit: int = 30 * CENT, nonce: int = 20) -> SignedOrder:
        return signed(stage, stage.person(name), OrderType.BUY, 1000, limit, nonce=nonce)

    wanted = wish("the consumer")
    dearer = replace(wanted, terms=replace(wanted.terms, price=99 * CENT))
    terms = replace(wanted.terms, expiry=stage.now - 1)
    late = sign_order(consumer, terms, 20, stage.market.trading_domain)
    return [
        (
            "a limit of 99 cents, where the consumer has signed 30",
            Refusal.WRONG_SIGNATURE,
            of(dearer),
        ),
        (
            "a nonce of the consumer's that is filled",
            Refusal.NONCE_SPENT,
            of(wish("the consumer", nonce=10)),
        ),
        ("an order whose last second is over", Refusal.EXPIRED, of(late)),
        (
            "a limit of 20 cents",
            Refusal.WORSE_THAN_LIMIT,
            of(wish("the consumer", limit=20 * CENT)),
        ),
        ("an order without an account", Refusal.UNKNOWN_ACCOUNT, of(wish("a stranger"))),
        ("an on-chain order that is not there", Refusal.NO_SUCH_ORDER, of(9999)),
        ("an on-chain order that was filled", Refusal.NOT_ACTIVE, of(2)),
        ("an on-chain order for tomorrow", Refusal.OTHER_PERIOD, of(tomorrow)),
        ("the blocked consumer's order", Refusal.SIDE_BLOCKED, of(wish("the blocked consumer"))),
        ("the debtor's order", Refusal.IN_DEBT, of(wish("the debtor"))),
        ("the silent house's order", Refusal.GAP_OPEN, of(wish("the silent house"))),
        ("an order from the coast", Refusal.OTHER_REGION, of(wish("the house at the coast"))),
        (
            "one that the consumer has cancelled by its floor",
            Refusal.BELOW_FLOOR,
            of(wish("the consumer", nonce=9)),
        ),
    ]


def _of_one_fill(stage: Stage) -> list[tuple[str, Refusal, Batch]]:
    """Batches with a fill that cannot be."""
    prosumer, consumer, sale = (
        stage.person("the prosumer"),
        stage.person("the consumer"),
        large_sale(stage),
    )

    def wish(person: Account, wh: int = 1000) -> SignedOrder:
        return signed(stage, person, OrderType.BUY, wh, 30 * CENT, nonce=22)

    giant = signed(stage, prosumer, OrderType.SELL, _MOST, 25 * CENT, nonce=21)
    return [
        (
            "300 kWh for the consumer, who cannot pay them",
            Refusal.INSUFFICIENT_BALANCE,
            batch_of(stage, [(wish(consumer, 300_000), sale, 300_000)]),
        ),
        (
            "the consumer as the seller",
            Refusal.WRONG_SIDE,
            batch_of(stage, [(sale, wish(consumer), 1000)]),
        ),
        (
            "more than the consumer wants",
            Refusal.OVERFILLED,
            batch_of(stage, [(wish(consumer), sale, 1004)]),
        ),
        (
            "the prosumer of itself",
            Refusal.SELF_TRADE,
            batch_of(stage, [(wish(prosumer), sale, 1000)]),
        ),
        (
            "998 Wh, which are not the same in four quarters",
            Refusal.INVALID_AMOUNT,
            batch_of(stage, [(wish(consumer), sale, 998)]),
        ),
        (
            "on top of what it has bought, more than a position can be",
            Refusal.POSITION_TOO_LARGE,
            batch_of(stage, [(wish(consumer, _MOST), giant, _MOST)]),
        ),
    ]


def _a_house_at_the_coast(stage: Stage) -> None:
    market = stage.market
    tariff = Tariff(
        buy=30 * CENT, feed_in=8 * CENT, network_fee=0, protocol_fee=0, max_factor=10_000
    )
    stage.does("there is another region", stage.safe, market.tariffs.add_region("coast", tariff))
    house = House(stage, "the house at the coast", "10")
    house.deposits("10")
    house.gets_meter(region="coast")
