"""A real Chromium, and a wallet in it that really signs and sends."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any

from eth_account.messages import encode_typed_data
from playwright.sync_api import Browser, Page, sync_playwright

from energy_grid.chain.accounts import Account, message_digest
from energy_grid.chain.contract import Call
from energy_grid.chain.rpc.node import DevNode
from energy_grid.chain.tx.sender import Sender
from energy_grid.contracts.safe import Safe
from energy_grid.domain.hashing import keccak
from energy_grid.market.safe import signed_by
from tests.support.safes import of_safe

__all__ = [
    "PHONE",
    "WALLET",
    "WIDE",
    "BrowserWallet",
    "SafeWallet",
    "announce",
    "browsing",
    "give_wallet",
]

ROOT = Path(__file__).resolve().parents[2]
PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
# npm's package unpacks the browser. Its own arguments would take the web's security away.
_WHERE = 'import it from "@sparticuz/chromium"; console.log(await it.executablePath())'
# Announces itself as EIP-6963 has it, and lets Python do what it is asked for.
WALLET = """
const info = { uuid: "8a7c2a9e-0001-4000-8000-000000000000", name: "Test wallet", icon: "",
  rdns: "test" }
const provider = {
  async request({ method, params }) {
    const { result, code, message } = await window.askWallet(method, params ?? [])
    if (code !== undefined) throw Object.assign(new Error(message), { code })
    return result
  },
}
const announce = () => dispatchEvent(new CustomEvent("eip6963:announceProvider",
  { detail: Object.freeze({ info, provider }) }))
addEventListener("eip6963:requestProvider", announce)
announce()
"""


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser."""
    # One test process unpacks it, all use it.
    with open(Path(tempfile.gettempdir()) / "browser.lock", "w") as lock:
        flock(lock, LOCK_EX)
        found = subprocess.run(
            ["node", "--input-type=module", "-e", _WHERE],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found.stdout.strip(), args=["--no-sandbox"]
        )
        yield browser
        browser.close()


class _Refusal(Exception):
    """The person said no to what the wallet showed them."""


@dataclass
class BrowserWallet:
    """A wallet of an account that a page finds, and what its person does with it.

    Attributes:
        node: where it sends to.
        chain_id: on which it is.
        refuses: whether its person says no to signatures.
        asked: the methods that it was asked for.
    """

    account: Account
    node: DevNode
    chain_id: int
    refuses: bool = False
    asked: list[str] = field(default_factory=list)

    def _answer(self, method: str, parameters: list[Any]) -> dict[str, Any]:
        self.asked.append(method)
        try:
            return {"result": self._act(method, parameters)}
        except _Refusal:
            return {"code": 4001, "message": "User rejected the request."}

    def _act(self, method: str, parameters: list[Any]) -> Any:
        match method:
            case "eth_requestAccounts":
                return [self.account.address]
            case "eth_chainId":
                return hex(self.chain_id)
            case "wallet_switchEthereumChain":
                self.chain_id = int(parameters[0]["chainId"], 16)
                return None
            case "personal_sign":
                if self.refuses:
                    raise _Refusal
                text = bytes.fromhex(parameters[0][2:]).decode()
                return f"0x{self.account.sign(message_digest(text)).long.hex()}"
            case "eth_signTypedData_v4":
                if self.refuses:
                    raise _Refusal
                return f"0x{self.account.sign(_digest(parameters[1])).long.hex()}"
            case "eth_sendTransaction":
                if self.refuses:
                    raise _Refusal
                return Sender(self.node).send(self.account, _call(parameters[0])).transaction
            case "eth_getTransactionReceipt":
                return {"status": self.node.receipt(parameters[0])["status"]}
            case _:
                raise AssertionError(method)


@dataclass
class SafeWallet(BrowserWallet):
    """A wallet whose account is a Safe, as Safe's own program connects it to pages: signatures are
    those of its owners, and what is to be sent waits until they confirm it.

    Attributes:
        safe: the contract; `account` is of no use.
        owners: enough of them.
        waiting: what was proposed, in order.
    """

    safe: Safe = field(kw_only=True)
    owners: Sequence[Account] = field(kw_only=True)
    multi_send: str = field(kw_only=True)
    waiting: list[Call] = field(default_factory=list)

    def confirm(self) -> None:
        """Let the owners confirm the oldest of what waits."""
        actor = signed_by(self.safe, list(self.owners), self.multi_send)
        assert Sender(self.node).send(actor, self.waiting.pop(0)).ok

    def _act(self, method: str, parameters: list[Any]) -> Any:
        match method:
            case "eth_requestAccounts":
                return [self.safe.address]
            case "personal_sign":
                text = bytes.fromhex(parameters[0][2:]).decode()
                return f"0x{self._signed(message_digest(text)).hex()}"
            case "eth_signTypedData_v4":
                return f"0x{self._signed(_digest(parameters[1])).hex()}"
            case "eth_sendTransaction":
                self.waiting.append(_call(parameters[0]))
                # Of the Safe's transaction: the chain's has another, and only once it is sent.
                return f"0x{keccak(repr(self.waiting).encode()).hex()}"
            case "eth_getTransactionReceipt":
                return None
            case _:
                return super()._act(method, parameters)

    def _signed(self, digest: bytes) -> bytes:
        return of_safe(self.safe.address, self.chain_id, digest, self.owners)


def give_wallet(page: Page, account: Account, node: DevNode, chain_id: int) -> BrowserWallet:
    """Let a page find a wallet, from the next one that it opens on."""
    wallet = BrowserWallet(account, node, chain_id)
    announce(page, wallet)
    return wallet


def announce(page: Page, wallet: BrowserWallet) -> None:
    """Let a page find this wallet, from the next one that it opens on."""
    page.expose_function("askWallet", wallet._answer)
    page.add_init_script(WALLET)


def _digest(document: str) -> bytes:
    """What is signed of typed data."""
    found = encode_typed_data(full_message=json.loads(document))
    return keccak(b"\x19" + found.version + found.header + found.body)


def _call(wanted: dict[str, str]) -> Call:
    data, value = bytes.fromhex(wanted["data"][2:]), int(wanted["value"], 16)
    return Call(contract="", function="", to=wanted["to"], data=data, value=value)
