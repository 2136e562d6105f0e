"""A node in this process: revm behind the face of `DevNode`, for tests that only need contracts.

A request takes microseconds, because nothing is sent anywhere. The rules are Cancun's, for which
the contracts are compiled. What differs from Anvil
(`tests/unit/support/test_evm.py` compares them):

- Gas is only limited, never paid or reported. revm keeps one journal over all transactions, so that
  what one has touched is warm for the next, and costs less than on a chain.
- The chain id is fixed, there is no EIP-7702, and state is known of the newest block only.

Tests that need any of that have the marker `anvil`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from types import SimpleNamespace
from typing import Any

from eth_utils.crypto import keccak
from pyrevm import EVM, AccountInfo, BlockEnv, CfgEnv, Env

from energy_grid.chain.accounts import Account
from energy_grid.chain.rpc.hooks import Hook, run_hooks
from energy_grid.chain.rpc.node import DevNode, Request, RpcError

__all__ = ["CHAIN_ID", "Evm", "Genesis"]

CHAIN_ID = 31337
_GAS_LIMIT = 30_000_000
_LATEST = ("latest", "pending")
_NOBODY = "0x" + 40 * "0"
_NO_CODE = keccak(b"")
# Where native money comes from and goes to when a balance is set.
_BANK, _BANK_BALANCE = "0x" + 40 * "b", 2**200
_SEND_TO, _BY_SELFDESTRUCT = b"\x73", b"\xff"
_REVERT = b"\x5f\x5f\xfd"
# After the length of the code that follows has been pushed by three bytes.
_RETURN_REST = b"\x80\x60\x0a\x5f\x39\x5f\xf3"
_LENT = b"\xef\x01\x00"
# revm appends so many zeros to code that it has analysed.
_PADDING = 33
# Mappings of balances are looked for among so many variables of a token.
_VARIABLES = 20
_REVERTED = re.compile(r"Revert \{ gas_used: \d+, output: 0x([0-9a-f]*) \}")
_HALTED = re.compile(r"Halt \{ reason: (.+), gas_used: \d+ \}")

_Json = dict[str, Any]


@dataclass(frozen=True)
class Genesis:
    """What a chain starts from, as an Anvil tells it.

    Attributes:
        accounts: of its state's dump, by address: balance, nonce, code and storage.
        blocks: from the first on.
        receipts: of their transactions.
    """

    accounts: Mapping[str, _Json]
    blocks: Sequence[_Json]
    receipts: Sequence[_Json]


@dataclass(frozen=True)
class _Outcome:
    """What became of a call: its output is what it returned, or why it reverted."""

    output: bytes
    error: str | None = None

    def require(self, method: str) -> bytes:
        if self.error is None:
            return self.output
        if self.error == "execution reverted":
            raise RpcError(method, 3, self.error, "0x" + self.output.hex())
        raise RpcError(method, -32603, f"EVM error {self.error}")


@dataclass(frozen=True)
class _Snapshot:
    checkpoint: Any
    blocks: int
    codes: int


@dataclass
class _Chain:
    """What there is beside the EVM's state."""

    blocks: list[_Json] = field(default_factory=list)
    receipts: dict[str, _Json] = field(default_factory=dict)
    traces: dict[str, _Json] = field(default_factory=dict)
    # Codes that were set by hand, which the EVM's journal does not know: address, code before.
    codes: list[tuple[str, bytes]] = field(default_factory=list)

    def cut(self, blocks: int) -> None:
        for block in self.blocks[blocks:]:
            for name in block["transactions"]:
                del self.receipts[name]
                self.traces.pop(name, None)
        del self.blocks[blocks:]


class Evm(DevNode):
    """A chain whose blocks are one second apart, mined on request, or at once.

    Every address can send, and pays no gas. Transactions of one block are carried out in the order
    in which they were sent.
    """

    def __init__(self, genesis: Genesis, *, hooks: Iterable[Hook] = ()) -> None:
        # It answers in this process: there is nothing to carry.
        transport = SimpleNamespace(url="", host="this process", close=lambda: None)
        super().__init__(transport, hooks=hooks)
        self._evm = EVM(Env(cfg=CfgEnv(chain_id=CHAIN_ID)), gas_limit=_GAS_LIMIT, spec_id="CANCUN")
        self._chain = _Chain(blocks=list(genesis.blocks))
        self._chain.receipts.update((each["transactionHash"], each) for each in genesis.receipts)
        self._pending: list[tuple[str, Mapping[str, str]]] = []
        self._snapshots: dict[str, _Snapshot] = {}
        self._numbers = count(1)
        self._next_time: int | None = None
        self._automine = False
        self._methods: dict[str, Callable[..., Any]] = {
            "anvil_dealERC20": self._deal,
            "anvil_mine": self._mine_many,
            "anvil_setBalance": lambda address, wei: self._set_balance(address, int(wei, 16)),
            "anvil_setCode": lambda address, code: self._set_code(address, _bytes(code)),
            "anvil_setStorageAt": self._set_storage,
            "debug_traceTransaction": lambda name, _tracer: self._chain.traces[name],
            "eth_accounts": lambda: [Account.local(number).address for number in range(10)],
            "eth_blockNumber": lambda: self._newest["number"],
            "eth_call": self._call,
            "eth_chainId": lambda: hex(CHAIN_ID),
            "eth_getBalance": self._latest(lambda of: hex(self._evm.get_balance(of))),
            "eth_getBlockByHash": self._block_by_hash,
            "eth_getBlockByNumber": self._block_by_number,
            "eth_getCode": self._latest(lambda of: "0x" + self._code(of).hex()),
            "eth_getLogs": self._logs,
            "eth_getStorageAt": self._latest(
                lambda of, slot: f"0x{self._evm.storage(of, int(slot, 16)):064x}"
            ),
            "eth_getTransactionCount": self._latest(lambda of: hex(self._evm.basic(of).nonce)),
            "eth_getTransactionReceipt": lambda name: self._chain.receipts.get(name),
            "eth_sendTransaction": self._send,
            "evm_mine": self._mine,
            "evm_revert": self._revert,
            "evm_setAutomine": self._set_automine,
            "evm_setNextBlockTimestamp": self._set_next_time,
            "evm_snapshot": self._snapshot,
        }
        self._load(genesis.accounts)

    def rpc(self, method: str, *params: Any) -> Any:
        result = self._answer((method, params))
        if isinstance(result, RpcError):
            raise result
        return result

    def rpc_batch(self, calls: Sequence[Request]) -> list[Any]:
        return [self._answer(call) for call in calls]

    def _answer(self, request: Request) -> Any:
        method, params = request
        try:
            if method not in self._methods:
                raise RpcError(method, -32601, "not in this process: mark the test with `anvil`")
            result = self._methods[method](*params)
        except RpcError as failure:
            run_hooks(self.hooks, request, None, failure.revert)
            return failure
        run_hooks(self.hooks, request, result, None)
        return result

    # State

    def _load(self, accounts: Mapping[str, _Json]) -> None:
        self._evm.insert_account_info(_BANK, AccountInfo(balance=_BANK_BALANCE))
        for address, account in accounts.items():
            balance, nonce = int(account["balance"], 16), account["nonce"]
            info = AccountInfo(balance, nonce, code=_bytes(account["code"]))
            if info.code and (balance, nonce) == (0, 1):
                info = self._analysed(info.code)
            self._evm.insert_account_info(address, info)
            for slot, value in account["storage"].items():
                # An account that is not loaded is changed below the journal: for good.
                before = self._evm.snapshot()
                self._evm.insert_account_storage(address, int(slot, 16), int(value, 16))
                self._evm.revert(before)

    def _analysed(self, code: bytes) -> AccountInfo:
        """A new contract, whose calls take a third of the time: its jumps are not looked for anew
        each time."""
        before = self._evm.snapshot()
        creation = b"\x61" + len(code).to_bytes(2) + _RETURN_REST + code
        info = self._evm.basic(self._evm.deploy(_BANK, creation))
        self._evm.revert(before)
        return info

    def _code(self, address: str) -> bytes:
        code: bytes = self._evm.get_code(address) or b""
        if not code or keccak(code) == self._evm.basic(address).code_hash:
            return code
        return code[:-_PADDING]

    def _set_code(self, address: str, code: bytes) -> None:
        if code.startswith(_LENT):
            raise RpcError("anvil_setCode", -32602, "no EIP-7702 here: mark the test with `anvil`")
        self._chain.codes.append((address, self._code(address)))
        self._put_code(address, code)

    def _put_code(self, address: str, code: bytes, code_hash: bytes | None = None) -> None:
        info = self._evm.basic(address)
        changed = AccountInfo(info.balance, info.nonce, code_hash=code_hash, code=code)
        self._evm.insert_account_info(address, changed)

    def _set_storage(self, address: str, slot: str, value: str) -> bool:
        self._evm.basic(address)  # a loaded account is changed in the journal
        self._evm.insert_account_storage(address, int(slot, 16), int(value, 16))
        return True

    def _set_balance(self, address: str, wei: int) -> None:
        """By transfers, which the journal knows."""
        more = wei - self._evm.get_balance(address)
        if more > 0:
            self._evm.deploy(_BANK, _SEND_TO + _bytes(address) + _BY_SELFDESTRUCT, value=more)
        elif more < 0:
            self._execute({"from": address, "to": _BANK, "value": hex(-more)})

    def _deal(self, address: str, token: str, amount: str) -> None:
        """Finds the balance in the token's storage by changing what could be it."""
        wanted = int(amount, 16)
        holder = _bytes(address).rjust(32, b"\0")
        request = {"to": token, "data": "0x70a08231" + holder.hex()}

        def balance() -> int:
            return int(self._call(request), 16)

        before = balance()
        for variable in range(_VARIABLES):
            slot = "0x" + keccak(holder + variable.to_bytes(32)).hex()
            found = self._evm.storage(token, int(slot, 16))
            if found == before != wanted:
                self._set_storage(token, slot, amount)
                if balance() == wanted:
                    return
                self._set_storage(token, slot, hex(found))
        if before != wanted:
            raise RpcError("anvil_dealERC20", -32603, "no such mapping found")

    # Calls and transactions

    def _call(self, request: Mapping[str, str], block: str = "latest") -> str:
        _require_latest("eth_call", block)
        self._set_block(int(self._newest["number"], 16), int(self._newest["timestamp"], 16))
        before = self._evm.snapshot()
        try:
            outcome = self._execute(request)
        finally:
            self._evm.revert(before)
        return "0x" + outcome.require("eth_call").hex()

    def _execute(self, request: Mapping[str, str]) -> _Outcome:
        """Carry out a call or, without a target, a creation, whose output is the address."""
        sender = request.get("from", _NOBODY)
        code = self._code(sender)
        data, value = _bytes(request.get("data", "0x")), int(request.get("value", "0x0"), 16)
        gas = int(request.get("gas", hex(_GAS_LIMIT)), 16)
        self._evm.reset_transient_storage()
        if code:
            # Accounts with code may send here, unlike by EIP-3607, which goes by the hash.
            self._put_code(sender, code, _NO_CODE)
        try:
            if "to" in request:
                to = request["to"]
                return _Outcome(self._evm.message_call(sender, to, data, value=value, gas=gas))
            return _Outcome(_bytes(self._evm.deploy(sender, data, value=value, gas=gas)))
        except RuntimeError as error:
            return _failure(str(error))
        finally:
            if code:
                self._put_code(sender, code)

    def _new_hash(self) -> str:
        """A name that no other block or transaction has."""
        return f"0x{next(self._numbers):064x}"

    def _send(self, request: Mapping[str, str]) -> str:
        name = self._new_hash()
        self._pending.append((name, request))
        if self._automine:
            self._mine()
        return name

    def _carry_out(self, name: str, request: Mapping[str, str], place: _Json) -> _Json:
        """The receipt of a transaction; ``place`` has the fields that name its block."""
        sender = request["from"]
        if "to" in request:
            self._use_nonce(sender)
        outcome = self._execute(request)
        placed = {**place, "transactionHash": name}
        result = self._evm.result
        logs = [] if outcome.error else [_log(log, placed) for log in result.logs]
        if outcome.error:
            self._chain.traces[name] = {
                "from": sender,
                "to": request.get("to"),
                "input": request.get("data", "0x"),
                "output": "0x" + outcome.output.hex(),
                "error": outcome.error,
            }
        is_creation = "to" not in request and not outcome.error
        return {
            **placed,
            "status": "0x0" if outcome.error else "0x1",
            "from": sender.lower(),
            "to": request["to"].lower() if "to" in request else None,
            "contractAddress": "0x" + outcome.output.hex() if is_creation else None,
            "logs": logs,
        }

    def _use_nonce(self, sender: str) -> None:
        """A creation that reverts does it and nothing else; calls of this EVM never do."""
        outcome = self._execute({"from": sender, "data": "0x" + _REVERT.hex()})
        if outcome.error != "execution reverted":
            raise RpcError("eth_sendTransaction", -32003, str(outcome.error))

    # Blocks

    @property
    def _newest(self) -> _Json:
        return self._chain.blocks[-1]

    def _set_block(self, number: int, timestamp: int) -> None:
        self._evm.set_block_env(BlockEnv(number=number, timestamp=timestamp))

    def _mine(self, options: Mapping[str, str] | None = None) -> str:
        if options:
            self._set_next_time(int(options["timestamp"], 16))
        parent = self._newest
        number = int(parent["number"], 16) + 1
        timestamp = self._next_time or int(parent["timestamp"], 16) + 1
        self._next_time = None
        self._set_block(number, timestamp)
        block = {
            "number": hex(number),
            "timestamp": hex(timestamp),
            "hash": self._new_hash(),
            "parentHash": parent["hash"],
            "gasLimit": hex(_GAS_LIMIT),
            "transactions": [name for name, _ in self._pending],
        }
        place = {"blockNumber": hex(number), "blockHash": block["hash"]}
        first = 0
        for index, (name, request) in enumerate(self._pending):
            in_block = {**place, "transactionIndex": hex(index)}
            receipt = self._carry_out(name, request, in_block)
            for log in receipt["logs"]:
                log.update(blockTimestamp=hex(timestamp), logIndex=hex(first), removed=False)
                first += 1
            self._chain.receipts[name] = receipt
        self._pending.clear()
        self._chain.blocks.append(block)
        return "0x0"

    def _mine_many(self, blocks: str) -> None:
        for _ in range(int(blocks, 16)):
            self._mine()

    def _set_automine(self, on: bool) -> None:
        self._automine = on

    def _set_next_time(self, timestamp: int) -> None:
        if timestamp < int(self._newest["timestamp"], 16):
            raise RpcError("evm_setNextBlockTimestamp", -32602, f"{timestamp} is in the past")
        self._next_time = timestamp

    def _block_by_number(self, block: str, _full: bool) -> _Json | None:
        if block in _LATEST:
            return self._newest
        number = int(block, 16) if block != "earliest" else 0
        return self._chain.blocks[number] if number < len(self._chain.blocks) else None

    def _block_by_hash(self, name: str, _full: bool) -> _Json | None:
        found = (block for block in reversed(self._chain.blocks) if block["hash"] == name)
        return next(found, None)

    def _logs(self, query: Mapping[str, Any]) -> list[_Json]:
        first, last = (
            int(self._block_by_number(query[end], False)["number"], 16)
            for end in ("fromBlock", "toBlock")
        )
        wanted = query["address"]
        addresses = {one.lower() for one in ([wanted] if isinstance(wanted, str) else wanted)}
        return [
            log
            for block in self._chain.blocks[first : last + 1]
            for name in block["transactions"]
            for log in self._chain.receipts[name]["logs"]
            if log["address"].lower() in addresses and _has(log["topics"], query["topics"])
        ]

    # Snapshots

    def _snapshot(self) -> str:
        name = hex(next(self._numbers))
        self._snapshots[name] = _Snapshot(
            self._evm.snapshot(), len(self._chain.blocks), len(self._chain.codes)
        )
        return name

    def _revert(self, name: str) -> bool:
        if name not in self._snapshots:
            return False
        self._pending.clear()
        self._next_time = None
        while True:
            # One after the other: the EVM counts how deep it is.
            newest, snapshot = self._snapshots.popitem()
            self._evm.revert(snapshot.checkpoint)
            self._chain.cut(snapshot.blocks)
            while len(self._chain.codes) > snapshot.codes:
                self._put_code(*self._chain.codes.pop())
            if newest == name:
                return True

    @staticmethod
    def _latest(answer: Callable[..., str]) -> Callable[..., str]:
        """A question about the state, whose last parameter is the block."""

        def ask(*params: str) -> str:
            _require_latest("a question about the state", params[-1])
            return answer(*params[:-1])

        return ask


def _require_latest(method: str, block: str) -> None:
    if block not in _LATEST:
        raise RpcError(method, -32602, f"the state of block {block} is not known any more")


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def _failure(message: str) -> _Outcome:
    """What the EVM's exception says: a revert, a halt, or that it did not begin."""
    if found := _REVERTED.fullmatch(message):
        return _Outcome(bytes.fromhex(found[1]), "execution reverted")
    if found := _HALTED.fullmatch(message):
        return _Outcome(b"", found[1])
    raise RpcError("eth_sendTransaction", -32003, message)


def _log(log: Any, placed: _Json) -> _Json:
    return {
        **placed,
        "address": log.address.lower(),
        "topics": log.topics,
        "data": "0x" + log.data[1].hex(),
    }


def _has(topics: Sequence[str], wanted: Sequence[Any]) -> bool:
    """Whether topics fit those asked for: None fits any, a list any of its own."""
    if len(topics) < len(wanted):
        return False
    pairs = zip(topics, wanted, strict=False)
    return all(
        one is None or topic == one or (isinstance(one, list) and topic in one)
        for topic, one in pairs
    )
