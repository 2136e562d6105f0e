"""The EVM in this process beside an Anvil: the same of both, but for gas."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from random import Random
from typing import Any

import pytest
from eth_utils.crypto import keccak

from energy_grid.chain.contract import Contract
from energy_grid.chain.reverts import DecodedError
from energy_grid.chain.rpc.anvil import Anvil
from energy_grid.chain.rpc.node import DevNode, RpcError
from energy_grid.errors import ChainError
from tests.support.artifacts import ROOT
from tests.support.evm import Evm, Genesis
from tests.support.examples import rewound
from tests.support.market import DAY, MONDAY, Market, actor

# It starts one.
pytestmark = pytest.mark.anvil

SENDER, RECIPIENT = actor("sender").address, actor("recipient").address
SEEDS = range(4)
STEPS = 150


@pytest.fixture(scope="module")
def anvil() -> Iterator[DevNode]:
    """An empty chain."""
    with Anvil(timestamp=MONDAY, mining=False) as node:
        node.rpc("anvil_setBlockTimestampInterval", 1)
        node.rpc("anvil_autoImpersonateAccount", True)
        yield node


@pytest.fixture
def both(anvil: DevNode) -> Iterator[tuple[DevNode, DevNode]]:
    """An Anvil, and the same in this process."""
    before = anvil.snapshot()
    accounts = {
        address: {"balance": hex(10**22), "nonce": 0} for address in anvil.rpc("eth_accounts")
    }
    state = {address: {**each, "code": "0x", "storage": {}} for address, each in accounts.items()}
    yield anvil, Evm(Genesis(accounts=state, blocks=[anvil.block()], receipts=[]))
    anvil.revert(before)


def push(value: int, size: int) -> bytes:
    return bytes([0x5F + size]) + value.to_bytes(size)


def returning(code: bytes) -> bytes:
    """Code that returns the word that this one leaves on the stack."""
    return code + bytes.fromhex("5f5260205ff3")


def creation(code: bytes) -> str:
    """What creates a contract with this code."""
    return "0x" + (push(len(code), 2) + bytes.fromhex("80600a5f395ff3") + code).hex()


def carried_out(node: DevNode, **request: Any) -> dict[str, Any]:
    """The receipt of a transaction in a block of its own."""
    node.set_balance(SENDER, 10**24)
    name = node.rpc("eth_sendTransaction", {"from": SENDER, "gas": hex(10_000_000), **request})
    node.rpc("evm_mine")
    return node.receipt(name)


def deployed(node: DevNode, code: bytes) -> str:
    receipt = carried_out(node, data=creation(code))
    assert receipt["status"] == "0x1"
    return str(receipt["contractAddress"])


def outcome(ask: Callable[[], Any]) -> Any:
    """What is answered, or what the node's error says."""
    try:
        return ask()
    except RpcError as error:
        return error.code, error.revert


def same(both: tuple[DevNode, DevNode], ask: Callable[[DevNode], Any]) -> Any:
    """What both answer alike."""
    one, other = (ask(node) for node in both)
    assert one == other
    return one


OPCODES = {
    "ADDRESS": "30",
    "ORIGIN": "32",
    "CALLER": "33",
    "CALLVALUE": "34",
    "CALLDATASIZE": "36",
    "CODESIZE": "38",
    "COINBASE": "41",
    "TIMESTAMP": "42",
    "NUMBER": "43",
    "GASLIMIT": "45",
    "CHAINID": "46",
    "SELFBALANCE": "47",
    "TLOAD": "5f5c",
    "MCOPY": "425f5260205f60205e602051",
    "own EXTCODESIZE": "303b",
    "own EXTCODEHASH": "303f",
}


@pytest.mark.parametrize("opcode", OPCODES)
@pytest.mark.parametrize("in_transaction", [True, False])
def test_opcode__called__gives_the_same(
    both: tuple[DevNode, DevNode], opcode: str, in_transaction: bool
) -> None:
    """In a call, and in a transaction, which stores it."""
    code = bytes.fromhex(OPCODES[opcode])
    code = code + bytes.fromhex("5f55") if in_transaction else returning(code)

    def ask(node: DevNode) -> Any:
        target = deployed(node, code)
        if not in_transaction:
            return node.call(target, b"", sender=RECIPIENT)
        receipt = carried_out(node, to=target, **{"from": node.rpc("eth_accounts")[1]})
        return receipt["status"], node.rpc("eth_getStorageAt", target, "0x0", "latest")

    same(both, ask)


def test_opcodes__that_differ__are_in_no_contract() -> None:
    """What blocks hold besides their number and time is not the same."""
    text = "".join(path.read_text() for path in ROOT.glob("contracts/**/*.sol"))
    for word in ("block.basefee", "blockhash", "blobhash", "prevrandao", "block.difficulty"):
        assert word not in text


PRECOMPILES = {
    "ecrecover": (
        1,
        keccak(b"x") + (27).to_bytes(32) + keccak(b"r") + keccak(b"s")[:16].rjust(32, b"\0"),
    ),
    "ecrecover of nonsense": (1, b"\xff" * 128),
    "sha256": (2, b"text"),
    "ripemd160": (3, b"text"),
    "identity": (4, b"text"),
    "modexp": (5, b"".join(each.to_bytes(32) for each in (1, 1, 1)) + b"\x03\x05\x07"),
    "bn128 add": (6, bytes(128)),
    "bn128 multiply": (7, bytes(96)),
    "bn128 pairing": (8, b""),
    "blake2f": (9, b"short"),
    "point evaluation": (10, b"short"),
}


@pytest.mark.parametrize("name", PRECOMPILES)
def test_precompile__called__answers_the_same(both: tuple[DevNode, DevNode], name: str) -> None:
    number, data = PRECOMPILES[name]
    address = f"0x{number:040x}"
    # Through a contract, since a node may treat a direct call in its own way.
    through = bytes.fromhex(
        "365f5f375f5f365f60" + f"{number:02x}" + "5afa3d5f5f3e5f5260203d0160205f523d5ff3"
    )
    same(both, lambda node: outcome(lambda: node.call(address, data)))
    same(both, lambda node: outcome(lambda: node.call(deployed(node, through), data)))


def test_transient_storage__after_the_transaction__is_empty(both: tuple[DevNode, DevNode]) -> None:
    """Adds one to what is there, and stores the sum: one each time."""
    code = bytes.fromhex("5f5c600101805f5d5f55")

    def ask(node: DevNode) -> list[str]:
        target = deployed(node, code)
        found = []
        for _ in range(3):
            carried_out(node, to=target)
            found.append(node.rpc("eth_getStorageAt", target, "0x0", "latest"))
        return found

    assert same(both, ask) == [f"0x{1:064x}"] * 3


def test_static_call__that_changes_something__fails(both: tuple[DevNode, DevNode]) -> None:
    def ask(node: DevNode) -> int:
        changing = deployed(node, bytes.fromhex("60015f55"))
        asking = returning(bytes.fromhex("5f5f5f5f73" + changing[2:] + "5afa"))
        return int.from_bytes(node.call(deployed(node, asking), b""))

    assert same(both, ask) == 0


@pytest.mark.parametrize("size", [24_576, 24_577])
def test_creation__of_any_size__is_limited_alike(both: tuple[DevNode, DevNode], size: int) -> None:
    """Returns so many zeros as code."""
    data = "0x" + (push(size, 3) + bytes.fromhex("5ff3")).hex()
    status = same(both, lambda node: carried_out(node, data=data)["status"])
    assert status == hex(size == 24_576)


def test_creation__within_a_call__is_at_the_same_address(both: tuple[DevNode, DevNode]) -> None:
    """Created by an account, by a contract, and by CREATE2, time and again."""
    code = bytes.fromhex("5f5f5ff05f5560075f5f5ff560015500")

    def ask(node: DevNode) -> list[Any]:
        first = deployed(node, code)
        carried_out(node, to=first)
        second = deployed(node, code)
        words = [node.rpc("eth_getStorageAt", first, hex(n), "latest") for n in (0, 1)]
        return [first, second, *words, node.nonce(first), node.nonce(SENDER), node.code(second)]

    same(both, ask)


def test_transaction__that_fails__says_why(both: tuple[DevNode, DevNode]) -> None:
    """Reverts with data, without, runs out of gas, and meets an invalid instruction."""
    codes = {
        "reverted with": "60ff5f5260205ffd",
        "reverted": "5f5ffd",
        "loop": "5b5f56",
        "bad": "fe",
    }

    def ask(node: DevNode) -> list[Any]:
        found: list[Any] = []
        for code in codes.values():
            target = deployed(node, bytes.fromhex(code))
            found.append(outcome(lambda to=target: node.call(to, b"")))
            receipt = carried_out(node, to=target, gas=hex(100_000))
            trace = node.rpc(
                "debug_traceTransaction", receipt["transactionHash"], {"tracer": "callTracer"}
            )
            reply = trace.get("output", "0x"), bool(trace["error"]), trace["to"], trace["input"]
            found += [receipt["status"], receipt["logs"], reply, node.nonce(SENDER)]
        return found

    same(both, ask)


def test_money__sent_and_set__is_the_same(both: tuple[DevNode, DevNode]) -> None:
    def ask(node: DevNode) -> list[Any]:
        keeping, refusing = deployed(node, b"\0"), deployed(node, bytes.fromhex("5f5ffd"))
        found: list[Any] = []
        for target in (keeping, refusing, RECIPIENT):
            found.append(carried_out(node, to=target, value=hex(5))["status"])
            for wei in (10**18, 3):
                before = node.snapshot()
                node.set_balance(target, wei)
                found.append(node.balance(target))
                node.revert(before)
            found.append(node.balance(target))
        return found

    assert same(both, ask) == ["0x1", 10**18, 3, 5, "0x0", 10**18, 3, 0, "0x1", 10**18, 3, 5]


def test_revert__to_a_snapshot__undoes_everything(both: tuple[DevNode, DevNode]) -> None:
    """Code, storage, money, nonces, blocks, logs and the clock; later snapshots are gone."""

    def all_of(node: DevNode, target: str) -> list[Any]:
        state = node.rpc_batch(
            [
                ("eth_getStorageAt", [target, "0x0", "latest"]),
                ("eth_getCode", [target, "latest"]),
                ("eth_getBalance", [target, "latest"]),
                ("eth_getTransactionCount", [SENDER, "latest"]),
                ("eth_getBlockByNumber", ["latest", False]),
            ]
        )
        logs = node.logs(target)
        return [*state[:4], node.block_number, node.time, len(logs)]

    def ask(node: DevNode) -> list[Any]:
        # Stores the time and emits a log.
        target = deployed(node, bytes.fromhex("425f555f5fa0"))
        before, reply = node.snapshot(), all_of(node, target)
        for _ in range(2):
            later = node.snapshot()
            carried_out(node, to=target)
        node.rpc("anvil_setCode", target, "0x60")
        node.rpc("anvil_setStorageAt", target, "0x0", f"0x{9:064x}")
        node.set_balance(target, 77)
        node.set_time(node.time + 500)
        changed = all_of(node, target)
        node.revert(before)
        assert all_of(node, target) == reply
        carried_out(node, to=target)
        again = all_of(node, target)
        with pytest.raises(ChainError):
            node.revert(later)
        return [reply, changed, again]

    reply, changed, again = same(both, ask)
    assert all(one != other for one, other in zip(reply, changed, strict=True))
    assert again[0] == f"0x{again[5]:064x}"


def test_blocks__given_the_time_and_calls__are_the_same(both: tuple[DevNode, DevNode]) -> None:
    """Several transactions in one block, times that are set, and times that are past."""
    code = bytes.fromhex("425f525f60205fa1")  # a log whose topic is zero and whose data the time

    def ask(node: DevNode) -> list[Any]:
        target = deployed(node, code)
        found: list[Any] = []
        for step in (None, 0, 1, 700):
            if step is not None:
                node.set_next_time(node.time + step)
            names = [
                node.rpc("eth_sendTransaction", {"from": SENDER, "to": target, "gas": hex(10**6)})
                for _ in range(2)
            ]
            assert node.rpc("eth_getTransactionReceipt", names[0]) is None
            node.mine()
            for receipt in map(node.receipt, names):
                found.append([receipt["transactionIndex"], *map(_of_log, receipt["logs"])])
            assert node.block()["transactions"] == names
        found.append(outcome(lambda: node.set_next_time(node.time - 1)) is None)
        node.mine(3)
        block, parent = node.block(), node.block(node.block_number - 1)
        assert block["parentHash"] == parent["hash"]
        assert node.block(block["hash"]) == block
        assert node.rpc("eth_getBlockByNumber", hex(10**6), False) is None
        asked = [[], [None], ["0x" + "00" * 32], ["0x" + "01" * 32], [["0x" + "00" * 32]]]
        found += [len(node.logs(target, topics)) for topics in asked]
        found.append(
            [_of_log(log) for log in node.logs([target, SENDER], from_block=3, to_block=4)]
        )
        return [*found, node.block_number, node.time]

    same(both, ask)


def _of_log(log: dict[str, Any]) -> dict[str, Any]:
    """A log without hashes, which are not the same."""
    kept = {key: value for key, value in log.items() if key not in ("blockHash", "transactionHash")}
    return {**kept, "topics": list(log["topics"])}


# The market


class Steps:
    """What happens at a market, drawn from a seed: half of it is refused."""

    def __init__(self, market: Market, seed: int) -> None:
        self.market, self.random = market, Random(seed)
        self.people = [actor(f"person {number}") for number in range(4)]
        self.orders = self.matches = 0

    def one(self) -> tuple[str, Contract, str, tuple[Any, ...]]:
        """Who calls what."""
        random, market = self.random, self.market
        person, other = random.sample(self.people, 2)
        amount = random.choice([0, 1, 999, 10**6, 2**255])
        start = market.now // DAY * DAY + random.choice([3600, DAY, DAY, 2 * DAY])
        order = (random.choice([999, 24_000]), random.randint(0, 400_000), 2**256 - 1)
        create = "createOrder(uint256,uint256,uint256,uint8,uint8,uint256)"
        reading = (market.now, random.randint(0, 2000), random.randint(0, 2000), 5000, 2300)
        boundary = (market.now // 3600 * 3600, *reading[1:])
        slot, day = market.slot(market.now), market.now // DAY
        meter = actor(f"meter of {person.address}").address
        ids = random.randint(1, 12), random.randint(1, 12)
        return random.choice(
            [
                (person.address, market.settlement, "deposit", (amount,)),
                (person.address, market.settlement, "withdraw", (amount, other.address)),
                (person.address, market.settlement, "closeThrough", ([other.address], day - 2)),
                (person.address, market.dollar, "transfer", (other.address, amount)),
                (person.address, market.energy_token, "transfer", (other.address, amount)),
                (person.address, market.trading, create, (*order, random.randint(0, 1), 0, start)),
                (person.address, market.trading, create, (*order, random.randint(0, 1), 1, start)),
                (person.address, market.trading, "cancelOrder", (ids[0],)),
                (person.address, market.trading, "matchOrders", ids),
                (person.address, market.trading, "settleTransaction", (ids[0],)),
                (meter, market.meters, "submitReading", (reading,)),
                (meter, market.meters, "submitReading", (boundary,)),
                (market.meters.address, market.energy, "recordSpan", (1, slot - 1, slot, 5, 7)),
                (person.address, market.grid, "registerConsumer", (amount,)),
                (person.address, market.grid, "consumeEnergy(uint256)", (ids[0],)),
            ]
        )


@pytest.mark.parametrize("seed", SEEDS)
def test_market__any_transactions__leave_the_same(
    hourly_market: Market, hourly_anvil: Market, seed: int
) -> None:
    """Receipts, logs, reasons, what functions return, and every word of storage."""
    markets = hourly_anvil, hourly_market
    before = [market.node.snapshot() for market in markets]
    happened = set()
    try:
        for market in markets:
            for person in Steps(market, seed).people:
                market.deposit(person, 5_000_000)
                market.register_meter(person)
        steps = Steps(hourly_anvil, seed)
        for _ in range(STEPS):
            step = steps.one()
            if steps.random.random() < 0.2:
                later = hourly_anvil.now + steps.random.choice([1, 60, 3600, DAY])
                for market in markets:
                    market.go_to(later)
            one, other = (_happen(market, *step) for market in markets)
            assert one == other, step
            happened.add((step[1].name, step[2], one[0]))
        assert _storage(hourly_anvil) == _storage(hourly_market)
    finally:
        for market, snapshot in zip(markets, before, strict=True):
            market.node.revert(snapshot)
            market._funded.clear()
    assert len(happened) > 15


def _happen(
    market: Market, sender: str, contract: Contract, function: str, arguments: tuple[Any, ...]
) -> tuple[Any, ...]:
    here = type(contract)(market.node, contract.address, contract.name)
    call = here.prepare(function, *arguments)
    returned = outcome(lambda: market.node.call(call.to, call.data, sender=sender))
    try:
        receipt = market.send(sender, call)
    except DecodedError as refusal:
        return False, returned, refusal.name, refusal.arguments, market.node.nonce(sender)
    logs = [_of_log(dict(log)) for log in receipt.logs]
    return True, returned, receipt.block, receipt.time, logs, market.node.nonce(sender)


def _storage(market: Market) -> dict[tuple[str, int], str]:
    """The first variables of each contract, and the mappings' words of the people."""
    people = [actor(f"person {number}").address for number in range(4)]
    keys = [*(int(person, 16) for person in people), *range(1, 60)]
    places = [
        *range(60),
        *(
            int.from_bytes(keccak(key.to_bytes(32) + variable.to_bytes(32)))
            for key in keys
            for variable in range(30)
        ),
    ]
    names = ("Settlement", "EnergyAccounts", "EnergyTrading", "SmartMeter", "TestDollar")
    asked = [(market.contracts[name].address, place) for name in names for place in places]
    answers = chain.from_iterable(
        market.node.rpc_batch(
            [("eth_getStorageAt", [to, hex(place), "latest"]) for to, place in asked[first:][:500]]
        )
        for first in range(0, len(asked), 500)
    )
    return {place: word for place, word in zip(asked, answers, strict=True) if int(word, 16)}


def test_call__of_an_account_with_code__is_possible_and_changes_nothing(
    hourly_market: Market,
) -> None:
    """Contracts send here, unlike by EIP-3607, and stay what they are."""
    market, settlement = hourly_market, hourly_market.settlement
    code = market.node.code(settlement.address)
    with rewound(market):
        market.do(settlement.address, market.dollar, "approve", SENDER, 5)
        assert market.dollar.call("allowance", settlement.address, SENDER) == 5
    assert market.node.code(settlement.address) == code


def test_code__of_a_new_contract__is_what_was_returned(both: tuple[DevNode, DevNode]) -> None:
    code = bytes.fromhex("5b60005b00")
    assert same(both, lambda node: node.code(deployed(node, code))) == code


def test_methods__that_there_are_none_of__are_refused(
    hourly_market: Market,
) -> None:
    with pytest.raises(RpcError, match="anvil"):
        hourly_market.node.rpc("eth_estimateGas", {})
    with pytest.raises(RpcError, match="anvil"):
        hourly_market.node.rpc("anvil_setCode", SENDER, "0xef0100" + "11" * 20)
    with pytest.raises(RpcError):
        hourly_market.node.balance(SENDER, 1)
