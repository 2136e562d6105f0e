"""What a day at the market costs its traders, meters and keepers."""

from __future__ import annotations

from collections.abc import Callable

from eth_account.signers.local import LocalAccount

from tests.support.market import MONDAY, Market, actor

__all__ = ["measure_market_suite"]

PRICE = 250_000
RATED_POWER_W = 20_000


def measure_market_suite(market: Market) -> dict[str, int]:
    """Gas per operation, in the order of a day at the market."""
    figures: dict[str, int] = {}
    buyer, seller = actor("buyer"), actor("seller")
    start = MONDAY + 3600
    slot = market.slot(start)

    def second(name: str, operation: Callable[[], int]) -> None:
        operation()
        figures[name] = operation()

    for account in (buyer, seller):
        market.deposit(account, 9_000_000_000)
        market.give_money(account, 10_000_000)
    second(
        "deposit",
        lambda: market.do(buyer, market.settlement, "deposit", 1_000_000).gas_used,
    )
    second(
        "withdraw",
        lambda: market.do(buyer, market.settlement, "withdraw", 1_000_000, buyer.address).gas_used,
    )
    meters = {account: market.register_meter(account) for account in (buyer, seller)}

    create = "createOrder(uint256,uint256,uint256,uint8,uint8,uint256)"

    def place(account: LocalAccount, side: int, amount: int) -> int:
        return market.do(
            account, market.trading, create, amount, PRICE, start + 3600, side, 0, start
        ).gas_used

    second("createOrder BUY", lambda: place(buyer, 0, 1500))
    second("createOrder SELL", lambda: place(seller, 1, 1500))
    figures["cancelOrder"] = market.do(buyer, market.trading, "cancelOrder", 1).gas_used
    figures["matchOrders, both filled"] = market.do(
        seller, market.trading, "matchOrders", 2, 3
    ).gas_used
    place(buyer, 0, 2500)
    place(seller, 1, 1000)
    figures["matchOrders, one filled"] = market.do(
        seller, market.trading, "matchOrders", 5, 4
    ).gas_used

    def read(account: LocalAccount, timestamp: int, consumed: int, produced: int) -> int:
        reading = market.reading(timestamp=timestamp, consumed=consumed, produced=produced)
        return (
            market.at(timestamp)
            .do(meters[account], market.meters, "submitReading", reading)
            .gas_used
        )

    read(seller, start + 600, 0, 500)
    figures["submitReading, same slot"] = read(seller, start + 900, 0, 1000)
    read(buyer, start + 1200, 900, 0)

    def settle(transaction: int) -> int:
        return market.do(buyer, market.trading, "settleTransaction(uint256)", transaction).gas_used

    figures["settleTransaction, one delivered slot"] = settle(1)
    read(seller, start + 1800, 0, 400)
    figures["settleTransaction, delivered in part"] = settle(2)
    figures["submitReading, first of a slot"] = read(seller, start + 3600 + 900, 0, 1000)
    figures["submitReading, first of a slot, other way"] = read(buyer, start + 3600 + 901, 700, 1)
    figures["submitSignedReadings, each of 100"] = signed_readings(market, start + 7200)

    market.go_to(market.closable_at(slot + 1))
    figures["settleTransaction, period over"] = settle(2)
    close = "closeSlot"
    market.do(buyer, market.settlement, close, seller.address, slot)
    figures["closeSlot, surplus to credits"] = market.do(
        buyer, market.settlement, close, seller.address, slot + 1
    ).gas_used
    market.do(buyer, market.settlement, close, buyer.address, slot)
    figures["closeSlot, deficit from the grid"] = market.do(
        buyer, market.settlement, close, buyer.address, slot + 1
    ).gas_used
    second(
        "EnergyToken transfer",
        lambda: market.do(seller, market.energy_token, "transfer", buyer.address, 10).gas_used,
    )
    return figures


def signed_readings(market: Market, start: int) -> int:
    """Gas per reading of 100 meters' second readings in a slot, relayed in one call."""
    devices = []
    for number in range(100):
        household = actor(f"household {number}")
        devices.append(market.register_meter(household, rated_power=RATED_POWER_W))
    relay = actor("relay")

    def relay_at(timestamp: int) -> int:
        signed = [sign(market, device, timestamp) for device in devices]
        return (
            market.at(timestamp).do(relay, market.meters, "submitSignedReadings", signed).gas_used
        )

    relay_at(start + 900)
    return relay_at(start + 1800) // len(devices)


def sign(market: Market, device: LocalAccount, timestamp: int) -> tuple[object, ...]:
    reading = market.reading(timestamp=timestamp, consumed=321, produced=123)
    names = ("timestamp", "consumption", "production", "gridFrequency", "voltage")
    fields = {"meter": ("address", device.address)}
    fields |= {name: ("uint256", value) for name, value in zip(names, reading, strict=True)}
    signature = market.sign_typed(device, "MeterReading", fields)
    r, s, v = signature[:32], int.from_bytes(signature[32:64]), signature[64]
    return (device.address, reading, r, ((v - 27) << 255 | s).to_bytes(32))
