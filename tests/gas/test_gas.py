"""What operations cost, compared with the committed figures to the last unit of gas.

Gas is the receipt's, 21,000 included, in the steady state: balances are not zero, and it is the
second call of its kind. Accounts, times and amounts are fixed, so the figures are exact. After a
deliberate change: `pytest tests/gas --update-snapshots`, and commit the difference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from eth_account.signers.local import LocalAccount

from tests.gas.asset_suite import measure_asset_suite
from tests.gas.grid_suite import measure_grid_suite
from tests.support.artifacts import ROOT, artifact
from tests.support.coverage import product_contracts
from tests.support.market import MONDAY, Market, actor

# The most that a path may cost; figures and floors they were set against are in docs/gas.md.
LIMITS = {
    "createOrder BUY": 75_000,
    "createOrder SELL": 75_000,
    "cancelOrder": 42_000,
    "matchOrders, both filled": 85_000,
    "settleTransaction, one delivered slot": 95_000,
    "submitReading, same slot": 48_000,
    "submitReading, first of a slot": 66_000,
    "submitSignedReadings, each of 100": 24_000,
    "issueCarbonCredits, one slot": 75_000,
}
PRICE = 250_000
RATED_POWER_W = 20_000


def test_gas__every_operation__costs_what_is_committed(
    market: Market, snapshots: Path, pytestconfig: pytest.Config
) -> None:
    figures = {**measure(market), **measure_grid_suite(market), **measure_asset_suite(market)}
    over = {name: gas for name, gas in figures.items() if gas > LIMITS.get(name, gas)}
    assert not over, f"above the limit: {over}"
    assert_committed(figures, snapshots / "gas.json", pytestconfig)


def test_sizes__every_contract__is_as_large_as_committed(
    snapshots: Path, pytestconfig: pytest.Config
) -> None:
    sizes = {name: artifact(name).runtime_size for name in product_contracts()}
    assert max(sizes.values()) <= 24_576
    assert_committed(sizes, snapshots / "sizes.json", pytestconfig)


def assert_committed(found: dict[str, int], path: Path, config: pytest.Config) -> None:
    if config.getoption("--update-snapshots"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(found, indent=2, sort_keys=True) + "\n")
    committed = json.loads(path.read_text())
    drift = {
        name: f"{committed.get(name)} -> {found.get(name)}"
        for name in sorted(committed.keys() | found.keys())
        if committed.get(name) != found.get(name)
    }
    assert not drift, f"other figures than committed: {drift}"


def measure(market: Market) -> dict[str, int]:
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
    figures["closeSlot, surplus banked"] = market.do(
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


def test_gas_page__every_figure__is_the_committed_one(
    snapshots: Path, pytestconfig: pytest.Config
) -> None:
    committed = json.loads((snapshots / "gas.json").read_text())
    path = ROOT / "docs" / "gas.md"
    page = path.read_text()
    row = re.compile(r"^\| ([^|]+?) \| ([\d,]+) \|", re.MULTILINE)
    if pytestconfig.getoption("--update-snapshots"):
        page = row.sub(lambda found: f"| {found[1]} | {committed[found[1]]:,} |", page)
        path.write_text(page)
    rows = dict(row.findall(page))
    assert rows.keys() >= LIMITS.keys()
    assert {name: int(figure.replace(",", "")) for name, figure in rows.items()} == {
        name: committed[name] for name in rows
    }
