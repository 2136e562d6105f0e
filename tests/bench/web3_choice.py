"""Why the package has a codec and a transport of its own beside web3.py: what each costs.

    python -m tests.bench.web3_choice            # with --quick: tiny sizes

It prints this side's CPU time: of imports (median of fresh processes), of a request to a local
Anvil, and of decoding logs. Ratios mean something on any machine.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from statistics import median
from time import process_time
from typing import Any
from urllib.parse import urlsplit

from web3 import HTTPProvider, Web3
from web3.types import RPCEndpoint

from energy_grid.chain.abi import load
from energy_grid.chain.contract import Contract
from energy_grid.chain.rpc.anvil import Anvil
from energy_grid.chain.rpc.node import DevNode
from energy_grid.chain.web3_objects import web3_contract, web3_of
from tests.bench.timing import best_of, seconds

__all__ = ["measure_decoding", "measure_imports", "measure_requests"]

PROCESSES, REQUESTS, LOGS, TURNS = 10, 200, 10_000, 5
MODULES = (
    "http.client",
    "urllib3",
    "requests",
    "eth_abi",
    "eth_account",
    "web3",
    "energy_grid.client",
)
METHOD = "eth_blockNumber"
HEADERS = {"Content-Type": "application/json"}
ADDRESS = "0x" + "11" * 20


def measure_imports(processes: int = PROCESSES) -> dict[str, float]:
    """CPU seconds of a fresh process that imports a module, above those of one that does not."""
    floor = _process("pass", processes)
    return {name: _process(f"import {name}", processes) - floor for name in MODULES}


def measure_requests(node: DevNode, requests: int = REQUESTS) -> dict[str, float]:
    """CPU seconds of one request, by who sends it; all keep their connection."""
    provider, place = HTTPProvider(node.url), urlsplit(node.url)
    w3, bare = Web3(provider), http.client.HTTPConnection(place.hostname or "", place.port)
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": METHOD, "params": []}).encode()

    def floor() -> object:
        bare.request("POST", "/", body, HEADERS)
        return json.loads(bare.getresponse().read())

    senders: Mapping[str, Callable[[], object]] = {
        "http.client alone": floor,
        "Node.rpc": lambda: node.rpc(METHOD),
        "web3 HTTPProvider": lambda: provider.make_request(RPCEndpoint(METHOD), []),
        "web3 Eth.block_number": lambda: w3.eth.block_number,
    }
    found = {name: _best(send, requests) for name, send in senders.items()}
    bare.close()
    return found


def measure_decoding(node: DevNode, logs: int = LOGS) -> dict[str, float]:
    """CPU seconds of decoding logs of Settlement's Deposited, by whose codec."""
    ours = Contract(node, ADDRESS, "Settlement")
    theirs = web3_contract(web3_of(node), ours).events.Deposited()
    raw = [_log(number) for number in range(logs)]
    return {
        "Contract.events": seconds(lambda: ours.events(raw), process_time),
        "web3 process_log": seconds(lambda: [theirs.process_log(log) for log in raw], process_time),
    }


def main() -> None:
    """Print the three tables."""
    quick = "--quick" in sys.argv
    imports = measure_imports(1 if quick else PROCESSES)
    with Anvil() as node:
        requests = measure_requests(node, 5 if quick else REQUESTS)
        decoding = measure_decoding(node, 10 if quick else LOGS)
    for name, cpu in imports.items():
        print(f"import {name:22} {cpu:8.3f} s CPU")
    for name, time in requests.items():
        print(f"request, {name:21} {1e3 * time:7.3f} ms CPU")
    for name, time in decoding.items():
        print(f"decode logs, {name:16} {time:8.3f} s CPU")


def _process(code: str, times: int) -> float:
    return median(_cpu([sys.executable, "-c", code]) for _ in range(times))


def _cpu(command: list[str]) -> float:
    before = os.times()
    subprocess.run(command, check=True)
    after = os.times()
    return sum(after[2:4]) - sum(before[2:4])


def _best(send: Callable[[], object], times: int) -> float:
    def all_of_them() -> None:
        for _ in range(times):
            send()

    send()
    return best_of(all_of_them, TURNS, process_time) / times


def _log(number: int) -> dict[str, Any]:
    event = load("Settlement").event("Deposited")
    word = "0x" + number.to_bytes(32, "big").hex()
    return {
        "address": ADDRESS,
        "topics": ["0x" + event.topic.hex(), word, word],
        "data": word,
        "blockNumber": hex(number),
        "blockHash": word,
        "transactionHash": word,
        "transactionIndex": "0x0",
        "logIndex": "0x0",
        "removed": False,
    }


if __name__ == "__main__":
    main()
