"""How fast the sender is, compared with bare requests that carry the same signed transactions.

    python -m tests.bench.sending

The bare side signs beforehand, sends batches of the same size and looks at no receipt; the sender
signs, sends, and reads every receipt. Both run on a fresh Anvil in turns. The ratio means
something on any machine, the rates only on this one. What a receipt costs Anvil grows with the
size of its block (0.14 ms of 250 transactions, 1 ms of 2,000), so blocks are kept small here. The
last lines are the cost of a signature and of a recovery, which need no node.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from statistics import median

import requests

from energy_grid.adapters.chain.accounts import Account
from energy_grid.adapters.chain.sender import Policy, Sender
from energy_grid.adapters.chain.signing import meter_domain, reading_signer, sign_reading
from energy_grid.adapters.chain.transactions import Transaction, sign_transaction
from energy_grid.services.ports import MeterReading
from tests.support.dollars import Dollars, dollar_chain

COUNT, BATCH, TURNS = 5_000, 500, 3
# Account 9 has deployed the token, and is one nonce ahead.
ACCOUNTS = [Account.local(index) for index in range(9)]
# Room for thousands of calls: with the usual 30 million gas, blocks would be the limit.
GAS_LIMIT = 1_000_000_000
READING = MeterReading(
    timestamp=1_704_070_800, consumption=250, production=1000, grid_frequency=5001, voltage=2301
)


def bare(chain: Dollars, mine: Callable[[], object] | None) -> float:
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
        for index in range(COUNT)
    ]
    session, start = requests.Session(), time.perf_counter()
    for first in range(0, COUNT, BATCH):
        body = [
            {"jsonrpc": "2.0", "id": at, "method": "eth_sendRawTransaction", "params": ["0x" + raw]}
            for at, raw in enumerate(raws[first : first + BATCH])
        ]
        session.post(
            chain.node.url, data=json.dumps(body), headers={"Content-Type": "application/json"}
        ).raise_for_status()
        if mine is not None:
            mine()
    while chain.money.total_supply() < COUNT:
        time.sleep(0.01)
    return COUNT / (time.perf_counter() - start)


def ours(chain: Dollars, mine: Callable[[], object] | None) -> float:
    """Transactions per second of the sender."""
    sender = Sender(chain.node, policy=Policy(batch=BATCH), after_send=mine)
    items = [(ACCOUNTS[index % len(ACCOUNTS)], chain.faucet()) for index in range(COUNT)]
    start = time.perf_counter()
    sender.send_many(items)
    seconds = time.perf_counter() - start
    assert chain.money.total_supply() == COUNT
    return COUNT / seconds


def rate(work: Callable[[], object]) -> float:
    """How often per second."""
    start = time.perf_counter()
    for _ in range(COUNT):
        work()
    return COUNT / (time.perf_counter() - start)


def main() -> None:
    """Print one line per way of mining, then the signatures."""
    print(f"{COUNT} transactions, batches of {BATCH}, median of {TURNS} turns, per second")
    print(f"{'mining':12} {'bare':>8} {'sender':>8} {'ratio':>6}")
    for name, interval in (("by hand", 0.0), ("every 0.25 s", 0.25)):
        rates: dict[str, list[float]] = {"bare": [], "ours": []}
        for _ in range(TURNS):
            for side, measure in (("bare", bare), ("ours", ours)):
                options = {"gas_limit": GAS_LIMIT, "block_time": interval}
                with dollar_chain(mining=bool(interval), **options) as chain:
                    rates[side].append(measure(chain, None if interval else chain.node.mine))
        there, here = median(rates["bare"]), median(rates["ours"])
        print(f"{name:12} {there:8.0f} {here:8.0f} {here / there:6.2f}")
    meter, domain = ACCOUNTS[0], meter_domain(31337, "0x" + "11" * 20)
    signed = sign_reading(meter, READING, domain)
    print(
        f"readings signed per second    {rate(lambda: sign_reading(meter, READING, domain)):8.0f}"
    )
    print(f"readings recovered per second {rate(lambda: reading_signer(signed, domain)):8.0f}")


if __name__ == "__main__":
    main()
