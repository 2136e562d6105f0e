"""How fast the sender is, compared with bare requests that carry the same signed transactions.

    python -m tests.bench.sending

The bare side signs beforehand, sends batches of the same size and looks at no receipt; the sender
signs, sends, and reads every receipt. Both run on a fresh Anvil in turns. The ratio means
something on any machine, the rates only on this one. What a receipt costs Anvil grows with the
size of its block (0.14 ms of 250 transactions, 1 ms of 2,000), so blocks are kept small here.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import requests

from energy_grid.chain.accounts import Account
from energy_grid.chain.tx.sender import Policy, Sender
from energy_grid.chain.tx.transactions import Transaction, sign_transaction
from tests.support.dollars import Dollars, dollar_chain

__all__ = ["SendingRow", "measure_sending"]

COUNT, BATCH, TURNS = 5_000, 500, 3
# Account 9 has deployed the token, and is one nonce ahead.
ACCOUNTS = [Account.local(index) for index in range(9)]
# Room for thousands of calls: with the usual 30 million gas, blocks would be the limit.
GAS_LIMIT = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingRow:
    """Transactions per second of bare requests and of the sender."""

    mining: str
    bare: float
    ours: float


def measure_sending(count: int = COUNT, turns: int = TURNS) -> list[SendingRow]:
    """One row a way of mining; the median of the turns."""
    rows = []
    for name, interval in (("by hand", 0.0), ("every 0.25 s", 0.25)):
        rates: dict[str, list[float]] = {"bare": [], "ours": []}
        for _ in range(turns):
            for side, measure in (("bare", bare), ("ours", ours)):
                options = {"gas_limit": GAS_LIMIT, "block_time": interval}
                with dollar_chain(mining=bool(interval), **options) as chain:
                    mine = None if interval else chain.node.mine
                    rates[side].append(measure(chain, mine, count))
        rows.append(SendingRow(mining=name, bare=median(rates["bare"]), ours=median(rates["ours"])))
    return rows


def bare(chain: Dollars, mine: Callable[[], object] | None, count: int) -> float:
    """Transactions per second of requests alone."""
    call = chain.faucet()
    raws = [
        sign_transaction(
            Transaction(
                chain_id=chain.node.chain_id,
                nonce=index // len(ACCOUNTS),
                tip=10**9,
                max_fee=10**11,
                gas=100_000,
                to=call.to,
                value=0,
                data=call.data,
            ),
            ACCOUNTS[index % len(ACCOUNTS)],
        ).raw.hex()
        for index in range(count)
    ]
    session, start = requests.Session(), time.perf_counter()
    for first in range(0, count, BATCH):
        body = [
            {"jsonrpc": "2.0", "id": at, "method": "eth_sendRawTransaction", "params": ["0x" + raw]}
            for at, raw in enumerate(raws[first : first + BATCH])
        ]
        session.post(
            chain.node.url, data=json.dumps(body), headers={"Content-Type": "application/json"}
        ).raise_for_status()
        if mine is not None:
            mine()
    while chain.money.total_supply() < count:
        time.sleep(0.01)
    return count / (time.perf_counter() - start)


def ours(chain: Dollars, mine: Callable[[], object] | None, count: int) -> float:
    """Transactions per second of the sender."""
    sender = Sender(chain.node, policy=Policy(batch=BATCH), after_send=mine)
    items = [(ACCOUNTS[index % len(ACCOUNTS)], chain.faucet()) for index in range(count)]
    start = time.perf_counter()
    sender.send_many(items)
    seconds = time.perf_counter() - start
    assert chain.money.total_supply() == count
    return count / seconds


def main() -> None:
    """Print one line per way of mining."""
    print(f"{COUNT} transactions, batches of {BATCH}, median of {TURNS} turns, per second")
    print(f"{'mining':12} {'bare':>8} {'sender':>8} {'ratio':>6}")
    for row in measure_sending():
        print(f"{row.mining:12} {row.bare:8.0f} {row.ours:8.0f} {row.ours / row.bare:6.2f}")


if __name__ == "__main__":
    main()
