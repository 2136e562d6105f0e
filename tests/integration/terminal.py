"""Types commands at a deployed market and reads what they print."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account as Wallet
from eth_account.signers.local import LocalAccount

from energy_grid.chain.abi import checksum, load
from energy_grid.chain.accounts import MNEMONIC, Account
from energy_grid.chain.tx.multisig import Operation, calls_in
from energy_grid.cli.main import main
from tests.support.market import MONDAY, Market

__all__ = [
    "AUTHORITY",
    "GUARDIAN",
    "OPERATOR",
    "REGISTRAR",
    "REPORTERS",
    "STRANGER",
    "TREASURY",
    "Terminal",
    "address",
    "wallet",
]

# The year in which tests begin, in Unix seconds. Test money comes in smaller amounts.
_YEAR = range(MONDAY, MONDAY + 366 * 86_400)
# Of the typed data of an order, in which nothing else can be.
_SIGNED_TIMES = ("deliveryStart", "validUntil")
# Two of its three owners sign for a Safe; which two makes no difference.
AUTHORITY, GUARDIAN = "safe:local:20,local:21", "safe:local:28,local:26"
REGISTRAR, TREASURY = "safe:local:2,local:3", "safe:local:23,local:25"
OPERATOR, STRANGER = "local:10", "local:15"
REPORTERS = ("local:4", "local:12", "local:13")


def address(who: str) -> str:
    """The address of ``local:N``."""
    return Account.local(int(who.removeprefix("local:"))).address


def wallet(who: str) -> LocalAccount:
    """The key of ``local:N`` as other programs have it."""
    number = who.removeprefix("local:")
    Wallet.enable_unaudited_hdwallet_features()
    return Wallet.from_mnemonic(MNEMONIC, account_path=f"m/44'/60'/0'/0/{number}")


@dataclass
class Terminal:
    """A terminal in front of a market."""

    market: Market
    file: Path
    capsys: pytest.CaptureFixture[str]

    def does(self, who: str, command: str) -> str:
        """The line of a command that sends. Its dry run showed the same and changed nothing."""
        before = self._head()
        planned = self.plans(who, command)
        assert self._head() == before
        line = self._does(who, command)
        sent = self._sent_since(int(before["number"], 16))
        planned_calls = [
            call for each in planned["transactions"] for call in _carried(each["to"], each["data"])
        ]
        assert planned_calls == (sent[: len(planned_calls)] if planned["has_more"] else sent)
        assert {each["outcome"] for each in planned["transactions"]} <= {"succeeds", "untried"}
        return line

    def plans(self, who: str, command: str, code: int = 0) -> Any:
        """What a dry run prints for programs."""
        found, out, err = self._run(f"{command} --account {who} --dry-run --json")
        assert (found, err) == (code, ""), err or out
        return json.loads(out)

    def _does(self, who: str, command: str) -> str:
        code, out, err = self._run(f"{command} --account {who}")
        assert (code, err) == (0, ""), err or out
        assert out.count("\n") == 1
        line, _, transactions = out.strip().rpartition(" (transaction")
        assert "0x" in transactions
        return line

    def repeats(self, who: str, command: str) -> str:
        """The line of a command that sends nothing more, since it was sent before."""
        before = self._head()
        line = self._does(who, command)
        assert self._head() == before
        return line

    def drafts(self, who: str, command: str) -> str:
        """The line of a command of the Safe that waits for more signatures."""
        before = self._head()
        code, out, err = self._run(f"{command} --account {who}")
        assert (code, err) == (3, "")
        assert self._head() == before
        assert out.count("\n") == 1
        return out.strip()

    def says(self, command: str) -> str:
        """The line of a command that sends nothing."""
        code, out, err = self._run(command)
        assert (code, err) == (0, ""), err or out
        assert out.count("\n") == 1
        return out.strip()

    def shows(self, command: str, code: int = 0) -> str:
        """What a command prints for people, its words one space apart."""
        found, out, err = self._run(command)
        assert (found, err) == (code, ""), err or out
        return " ".join(out.split())

    def answers(self, command: str, code: int = 0) -> Any:
        """What a command prints for programs, without the ISO forms of times, once they are
        compared with their seconds."""
        found, out, err = self._run(f"{command} --json")
        assert (found, err) == (code, ""), err or out
        return _without_iso(json.loads(out))

    def fails(self, command: str, code: int = 1) -> Any:
        """The JSON on standard error of a command for programs that fails."""
        found, out, err = self._run(f"{command} --json")
        assert (found, out) == (code, ""), err or out
        assert err.count("\n") == 1
        return _without_iso(json.loads(err))

    def fits(self, command: str, width: int = 100) -> bool:
        """Whether no line that a command prints for people is wider, trailing spaces aside."""
        code, out, err = self._run(command)
        assert (code, err) == (0, ""), err or out
        return max(len(line.rstrip()) for line in out.splitlines()) <= width

    def refuses(self, command: str, code: int = 1) -> str:
        """The line on standard error of a command that fails, without the program's name."""
        found, out, err = self._run(command)
        assert (found, out) == (code, ""), err or out
        assert err.startswith("energy-grid: ")
        assert err.count("\n") == 1
        return err.strip().removeprefix("energy-grid: ")

    def _head(self) -> dict[str, Any]:
        return self.market.node.block()

    def _sent_since(self, block: int) -> list[tuple[str, str]]:
        """Address and data of every call since a block, as `_carried`."""
        numbers = range(block + 1, self.market.node.block_number + 1)
        blocks = [self.market.node.rpc("eth_getBlockByNumber", hex(at), True) for at in numbers]
        return [
            call
            for mined in blocks
            for each in mined["transactions"]
            for call in _carried(checksum(each["to"]), each["input"])
        ]

    def _run(self, command: str) -> tuple[int, str, str]:
        places = ("--rpc", self.market.node.url, "--deployment", str(self.file))
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("COLUMNS", "200")  # no cell of a table is broken into two lines
            code = main([*shlex.split(command), *places])
        return code, *self.capsys.readouterr()


def _without_iso(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_iso(each) for each in value]
    if not isinstance(value, dict):
        return value
    found = {}
    for name, each in value.items():
        _check_member(value, name, each)
        if not name.endswith("_iso"):
            found[name] = _without_iso(each)
            continue
        seconds = value[name.removesuffix("_iso")]
        written = None if each is None else datetime.fromisoformat(each).timestamp()
        assert written == (seconds or None)
    return found


def _check_member(document: dict[str, Any], name: str, value: Any) -> None:
    """An id says of what it is, a time is there as ISO too, and JavaScript can read a number."""
    if "jsonrpc" in document or "signature" in document:
        return  # Programs and wallets read these names.
    assert name != "id", document
    if type(value) is int:
        assert abs(value) <= 2**53, (name, value)
        is_iso = f"{name}_iso" in document or name in _SIGNED_TIMES
        assert value not in _YEAR or is_iso, (name, value)


def _carried(to: str, data: str) -> list[tuple[str, str]]:
    """A call as it is, or all calls that a Safe makes by it. Of a permit only its name: its expiry
    depends on when it was signed."""
    permit = load("Settlement").function("depositWithPermit").selector.hex()
    if data.startswith(f"0x{permit}"):
        return [(to, permit)]
    execution = load("Safe").function("execTransaction")
    if not data.startswith(f"0x{execution.selector.hex()}"):
        return [(to, data)]
    to, _, inner, operation, *_ = execution.inputs.decode(bytes.fromhex(data[10:]))
    if operation == Operation.DELEGATE_CALL:
        return [(to, f"0x{call.hex()}") for to, _, call in calls_in(inner)]
    return [(to, f"0x{inner.hex()}")]
