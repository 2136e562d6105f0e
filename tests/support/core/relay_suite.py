"""Households whose keys never hold coin, and the relay that sends what they sign."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from eth_utils.crypto import keccak
from pyrevm import AccountInfo

from energy_grid.chain.accounts import Account
from tests.model.market import DAY, Tariff
from tests.support.core.chain import CHAIN_ID, Chain, Deployed, Reverted
from tests.support.core.full_market import FullMarket
from tests.support.core.meter_suite import LIMIT, REGISTRAR, struct_hash

__all__ = ["GAS", "KEYS", "RELAY", "SLOT", "START", "Relays", "Request", "Street", "key"]

SLOT = 900
START = 20_000 * DAY + 43_217
RELAY = "0x" + 40 * "7"
GAS = 3_000_000
TARIFF = Tariff(buy=300_000, feed_in=80_000, network_fee=20_000, protocol_fee=7_000)
RATED, MONEY = 10_000, 10**9
TOKENS = 20_000
"""Wh of EnergyToken that Anna has."""

Request = tuple[str, str, int, int, int, bytes, bytes]
"""from, to, value, gas, deadline, data, signature"""

_REQUEST = (
    "ForwardRequest(address from,address to,uint256 value,uint256 gas,uint256 nonce,"
    "uint48 deadline,bytes data)"
)
_DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
_PERMIT = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"


def key(name: str) -> Account:
    """Of a person, or a device."""
    return Account(keccak(text=name))


KEYS = {name: key(name) for name in ("anna", "bert", "cora", "dora", "ella", "finn", "mona")}


class Relays:
    """A forwarder, what is signed for it, and the relay that sends it."""

    def __init__(self, forwarder: Deployed) -> None:
        self.forwarder = forwarder
        self.domain = self.domain_of()

    def domain_of(
        self,
        name: str = "EnergyGrid Forwarder",
        version: str = "1",
        chain: int = CHAIN_ID,
        at: str = "",
    ) -> bytes:
        """The forwarder's domain, or another one."""
        place = at or self.forwarder.address
        return struct_hash(_DOMAIN, (keccak(text=name), keccak(text=version), chain, place))

    def request(
        self,
        signer: Account,
        to: str,
        data: bytes,
        *,
        nonce: int | None = None,
        gas: int = GAS,
        value: int = 0,
        deadline: int = 2**48 - 1,
        holder: str = "",
        domain: bytes | None = None,
    ) -> Request:
        """What a household signs, and its signature: of its own key, unless a holder is named."""
        holder = holder or signer.address
        if nonce is None:
            nonce = self.forwarder.nonces(holder)
        values = (holder, to, value, gas, nonce, deadline, keccak(data))
        digest = keccak(b"\x19\x01" + (domain or self.domain) + struct_hash(_REQUEST, values))
        signature = signer.sign(digest).long
        return holder, to, value, gas, deadline, data, signature

    def send(self, request: Request) -> None:
        """The relay sends one."""
        self.forwarder.execute(request, by=RELAY)


class Street(Relays):
    """A market, its relay, and what households sign for it.

    Anna has whatever one can have: a meter, credits, a community, orders, offers. Bert has a meter.
    Cora's meter was never read. Dora is in debt. Ella buys without a meter. Finn has tokens and no
    account. Mona manages the community.
    """

    def __init__(self) -> None:
        self.market = FullMarket(Chain(START), TARIFF, slot=SLOT, credit=50_000)
        self.chain = self.market.chain
        super().__init__(self.market.forwarder)
        self.names = {each.address: name for name, each in KEYS.items()}
        self.callers: set[str] = set()
        send = self.chain.send

        def noted(sender: str, to: str, data: bytes, *, static: bool = False) -> bytes:
            if not static:
                self.callers.add(sender)
            return send(sender, to, data, static=static)

        self.chain.send = noted  # type: ignore[method-assign]

    def __getitem__(self, name: str) -> Deployed:
        return self.market[name]

    def ask(
        self, signer: Account, contract: str, function: str, *arguments: Any, **changes: Any
    ) -> Request:
        """A signed call of a function."""
        target = self[contract]
        data = target.abi.function(function).encode(arguments)
        return self.request(signer, target.address, data, **changes)

    def do(self, holder: Account, contract: str, function: str, *arguments: Any) -> None:
        """Signed and sent."""
        self.send(self.ask(holder, contract, function, *arguments))

    @contextmanager
    def itself(self, contract: str) -> Iterator[None]:
        """A contract may send calls: meanwhile it has no code."""
        stored = self.chain.evm.basic(contract)
        self.chain.evm.insert_account_info(contract, AccountInfo(nonce=1, code=b""))
        try:
            yield
        finally:
            self.chain.evm.insert_account_info(contract, stored)

    def reason(self, holder: str, contract: str, data: bytes) -> tuple[str, tuple[Any, ...]]:
        """Why a call that the forwarder appends a holder to is refused: the forwarder keeps it."""
        appended = data + bytes.fromhex(holder[2:])
        with self.itself(self.forwarder.address), pytest.raises(Reverted) as refusal:
            self.chain.send(self.forwarder.address, self[contract].address, appended)
        return refusal.value.name, refusal.value.values

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """What happens inside is undone."""
        mark = self.chain.snapshot()
        try:
            yield
        finally:
            self.chain.revert(mark)

    # Signatures

    def permit(
        self, token: Deployed, holder: Account, spender: str, amount: int
    ) -> tuple[Any, ...]:
        """Of EIP-2612: amount, deadline, v, r, s."""
        values = (holder.address, spender, amount, token.nonces(holder.address), LIMIT)
        digest = b"\x19\x01" + token.DOMAIN_SEPARATOR() + struct_hash(_PERMIT, values)
        signature = holder.sign(keccak(digest))
        r, s = signature.r.to_bytes(32, "big"), signature.s.to_bytes(32, "big")
        return amount, LIMIT, signature.v, r, s

    def order(
        self, trader: str, side: int, nonce: int, signer: Account, place: int | None = None
    ) -> tuple[tuple[Any, ...], bytes]:
        """A signed order of 4,000 Wh in the next hour, and a wallet's signature at its place."""
        order = (trader, side, 4_000, 150_000, LIMIT, nonce, bytes(32), bytes(32))
        signature = signer.sign(self["EnergyTrading"].hashOrder(order, 0, self.next_hour()))
        if place is None:
            return (*order[:6], *signature.compact), b""
        return (*order[:6], place.to_bytes(32, "big"), bytes(32)), signature.long

    def next_hour(self) -> int:
        """Its first second."""
        return self.chain.now // 3_600 * 3_600 + 3_600

    def match(self, buy: tuple[Any, ...], sell: tuple[Any, ...], *wallets: bytes) -> int:
        """The keeper matches two signed orders; how many trades."""
        orders = sorted((buy, sell), key=lambda each: int(each[0], 16))
        fill = (orders.index(buy), orders.index(sell), 4_000)
        stored: list[int] = []
        batch = (0, self.next_hour(), 150_000, bytes(32), orders, stored, [fill], list(wallets))
        return int(self["EnergyTrading"].settleBatch(batch, True, by=REGISTRAR))

    def pay(self, holder: str, amount: int) -> None:
        """Somebody sends settlement tokens."""
        self.market.token.faucet(amount, by=RELAY)
        self.market.token.transfer(holder, amount, by=RELAY)

    # The story

    def admit(self, name: str, money: int = MONEY) -> None:
        """A household with money and a meter: nothing of it is sent by the household."""
        holder, device = KEYS[name], key(f"meter of {name}")
        self.pay(holder.address, money)
        token, settlement = self.market.token, self["Settlement"]
        self.do(
            *(holder, "Settlement", "depositWithPermit"),
            *self.permit(token, holder, settlement.address, money),
        )
        registration = self.registration(name, device)
        self.do(holder, "SmartMeter", "consentToMeter", registration)
        proof = self.market.meters.registration_proof(device, registration)
        self["SmartMeter"].registerMeter(registration, proof, b"", by=REGISTRAR)

    def registration(self, name: str, device: Account) -> tuple[Any, ...]:
        """A settlement meter."""
        changes = {"ratedPower": RATED, "consumption": 0, "production": 0}
        return self.market.meters.registration(device, KEYS[name].address, **changes)

    def read(self, nets: dict[str, int]) -> None:
        """The next day: the same net in every slot; then it is closed."""
        meters, first = self.market.meters, (self.chain.now // DAY + 1) * DAY
        for slot in range(DAY // SLOT + 1):
            time = first + slot * SLOT
            self.chain.set_time(time)
            signed = [
                meters.sign_reading(
                    key(f"meter of {name}"),
                    meters.reading(time, (max(-net, 0) * slot, max(net, 0) * slot)),
                )
                for name, net in nets.items()
            ]
            meters.read_many(*signed, by=RELAY)
        self.chain.set_time(first + DAY + SLOT)
        holders = [KEYS[name].address for name in nets]
        self["Settlement"].closeThrough(holders, first // DAY, by=RELAY)

    def live(self) -> None:
        """Two days in which everybody comes to what the class says."""
        settlement, trading = self["Settlement"], self["EnergyTrading"]
        anna, ella, mona = KEYS["anna"], KEYS["ella"], KEYS["mona"]
        self.market.fund(10**9)
        for name in ("anna", "bert", "cora"):
            self.admit(name)
        self.admit("dora", self["SmartMeter"].securityFor(RATED))
        self["Communities"].create(self.market.meters_home, 5_000, mona.address, by=RELAY)
        for name in ("anna", "dora"):
            self.do(KEYS[name], "Communities", "join", 1)
        self.do(anna, "Settlement", "setKeeps", True)
        self.read({"anna": 1_500, "bert": -200, "dora": -800})

        for name, holder in KEYS.items():
            self.pay(holder.address, 10**8)
            if name != "finn":
                self.allow(holder, self.market.token, settlement.address)
        self.do(ella, "Settlement", "deposit", 5 * 10**7)
        for name in ("anna", "ella"):
            self.do(KEYS[name], "GridManagement", "registerConsumer", 5_000)
            self["GridManagement"].confirmParticipant(KEYS[name].address, False, by=REGISTRAR)
        self.do(anna, "GridManagement", "registerProducer", 5_000, 0)
        self["GridManagement"].confirmParticipant(anna.address, True, by=REGISTRAR)
        self.do(anna, "GridManagement", "registerStorage", 5_000, 1_000, 1_000)
        self.do(anna, "GridManagement", "chargeStorage", 300)

        self.do(anna, "Settlement", "withdrawCredits", TOKENS)
        self.allow(anna, self["EnergyToken"], self["PeerToPeerTrading"].address)
        self.do(anna, "PeerToPeerTrading", "createEnergyOffer", 4_000, 200_000)
        self.do(anna, "PeerToPeerTrading", "createTrade", ella.address, 3_000, 200_000)
        order = (4_000, 150_000, LIMIT, 0)
        self.do(anna, "EnergyTrading", "createOrder(uint256,uint256,uint256,uint8)", *order)
        assert trading.orderCount() == 1
        settlement.setOutflowLimit(0, by=REGISTRAR)
        self.do(anna, "Settlement", "withdraw", 2 * 10**7, anna.address)
        settlement.setOutflowLimit(10**15, by=REGISTRAR)

        home, cora, communities = self.market.meters_home, KEYS["cora"], self["Communities"]
        communities.createWithGateway(home, 5_000, mona.address, RELAY, True, by=RELAY)
        self.do(cora, "Communities", "join", 2)
        self.do(mona, "Communities", "setCoefficient", 2, cora.address, 2_000)

    def allow(self, holder: Account, token: Deployed, spender: str) -> None:
        """Anybody may bring a permit."""
        signed = self.permit(token, holder, spender, 2**255)
        token.permit(holder.address, spender, *signed, by=RELAY)

    # What people see

    def seen(self, *accounts: str) -> list[Any]:
        """The last call's events, and the answers of all views about some accounts.

        The forwarder's own event is left out.
        """
        logs = [each for each in self.chain.logs if each[0] != self.forwarder.address]
        answers: list[Any] = [logs]
        for contract in self.market.contracts.values():
            answers += _views(contract, accounts)
        return [*answers, *_views(self.market.token, accounts)]


def _views(contract: Deployed, accounts: Sequence[str]) -> Iterator[Any]:
    """Answers, or refusals, of the views that take nothing, an account, or small numbers."""
    choices: dict[tuple[str, ...], Sequence[Any]] = {
        (): [()],
        ("address",): [(each,) for each in accounts],
        ("address", "uint256"): [(each, 5) for each in accounts],
        ("uint256",): [(each,) for each in range(1, 5)],
        ("uint256", "uint256"): [(1, START // DAY + 30)],
    }
    for signature, function in contract.abi.functions.items():
        if not function.constant:
            continue
        for arguments in choices.get(function.inputs.types, ()):
            try:
                yield contract.name, signature, arguments, contract.call(signature, *arguments)
            except Reverted as refusal:
                yield contract.name, signature, arguments, refusal.name, refusal.values
