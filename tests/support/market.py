"""A deployed market on a local chain, with methods in the terms of the market.

Tests send from any address without a key (Anvil impersonates), one transaction a block, so that a
refusal comes back as the decoded exception of `energy_grid.chain.reverts`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from energy_grid.chain.contract import Call, Contract, EventLog, structure
from energy_grid.chain.roles import Role
from energy_grid.chain.rpc.node import DevNode, call_parameter
from energy_grid.contracts.errors import DecodedError, decode_revert
from energy_grid.contracts.smart_meter import MeterInfo
from tests.support.artifacts import artifact
from tests.support.coverage import InterfaceCoverage

__all__ = ["DAY", "HOME", "MONDAY", "Market", "Receipt", "TestedContract", "actor", "compact"]

# Monday 2024-01-01 00:00 UTC: the first second of the day on which every test begins.
MONDAY = 1_704_067_200
DAY = 86_400
HOME = b"home".ljust(32, b"\0")
"""The region that the deployment begins with."""
_WEI = 10**24
_UNLIMITED = 2**256 - 1
_GAS = hex(16_000_000)


def compact(signature: bytes) -> tuple[bytes, bytes]:
    """`r` and `vs` of ERC-2098 for the 65 bytes `r || s || v`."""
    r, s, v = signature[:32], signature[32:64], signature[64]
    return r, (int.from_bytes(s, "big") | (v - 27) << 255).to_bytes(32, "big")


@dataclass(frozen=True)
class Receipt:
    """What became of a transaction that was carried out."""

    block: int
    time: int
    logs: Sequence[Mapping[str, Any]]
    gas: int | None

    @property
    def gas_used(self) -> int:
        """Raises LookupError where it is not known: in this process."""
        if self.gas is None:
            raise LookupError("only an Anvil knows the gas: mark the test with `anvil`")
        return self.gas


def actor(role: str) -> LocalAccount:
    """The account of somebody who is named after what they do; the same in every run."""
    account: LocalAccount = Account.from_key(keccak(text=f"energy-grid test actor {role}"))
    return account


class TestedContract(Contract):
    """A contract by its compiled ABI, mocks included."""

    __test__ = False

    def __init__(self, node: DevNode, address: str, name: str) -> None:
        super().__init__(node, address, "EnergyToken")
        self.name, self.abi = name, artifact(name).abi


@dataclass
class Market:
    """The contracts, the roles and the clock."""

    node: DevNode
    contracts: Mapping[str, Contract]
    roles: Mapping[Role, str]
    coverage: InterfaceCoverage
    slot_length: int = 3600
    grace: int = 3600
    _funded: set[str] = field(default_factory=set)
    _mines_at_once: bool = False

    @property
    def settlement(self) -> Contract:
        return self.contracts["Settlement"]

    @property
    def trading(self) -> Contract:
        return self.contracts["EnergyTrading"]

    @property
    def meters(self) -> Contract:
        return self.contracts["SmartMeter"]

    @property
    def grid(self) -> Contract:
        return self.contracts["GridManagement"]

    @property
    def energy(self) -> Contract:
        return self.contracts["EnergyAccounts"]

    @property
    def tariffs(self) -> Contract:
        return self.contracts["Tariffs"]

    @property
    def communities(self) -> Contract:
        return self.contracts["Communities"]

    @property
    def energy_token(self) -> Contract:
        return self.contracts["EnergyToken"]

    @property
    def operators(self) -> Contract:
        return self.contracts["GridOperatorVerification"]

    @property
    def load(self) -> Contract:
        return self.contracts["LoadMonitoring"]

    @property
    def balancing(self) -> Contract:
        return self.contracts["BalancingCoordination"]

    @property
    def stability(self) -> Contract:
        return self.contracts["StabilityMaintenance"]

    @property
    def demand_response(self) -> Contract:
        return self.contracts["DemandResponse"]

    @property
    def price_oracle(self) -> Contract:
        return self.contracts["PriceOracle"]

    @property
    def weather_oracle(self) -> Contract:
        return self.contracts["WeatherOracle"]

    @property
    def grid_oracle(self) -> Contract:
        return self.contracts["GridOracle"]

    @property
    def spot(self) -> Contract:
        return self.contracts["PeerToPeerTrading"]

    @property
    def assets(self) -> Contract:
        return self.contracts["EnergyAssetNFT"]

    @property
    def certificates(self) -> Contract:
        return self.contracts["EnergyCertificates"]

    @property
    def carbon(self) -> Contract:
        return self.contracts["CarbonCredits"]

    def shares(self, address: str) -> Contract:
        """The shares of an asset."""
        return TestedContract(self.node, address, "AssetShares")

    @property
    def dollar(self) -> Contract:
        return self.contracts["TestDollar"]

    @property
    def access(self) -> Contract:
        return self.contracts["AccessManager"]

    # Transactions

    def send(self, sender: str | LocalAccount, call: Call) -> Receipt:
        """Carry out a call in a block of its own.

        Raises:
            ContractError: it was refused; a block was mined, and nothing else happened.
        """
        address = sender if isinstance(sender, str) else sender.address
        self._fund_gas(address)
        # With a gas limit there is no estimate, which would run at another time than the block's.
        request = {**call_parameter(call.to, call.data, sender=address), "gas": _GAS}
        receipt = self.mined(request | {"value": hex(call.value)})
        self.coverage(call.to.lower(), call.data[:4], None)
        if int(receipt["status"], 16) == 0:
            raise self._refusal(receipt["transactionHash"], call.contract)
        block = int(receipt["blockNumber"], 16)
        return Receipt(
            block=block,
            time=int(receipt["logs"][0]["blockTimestamp"], 16)
            if receipt["logs"]
            else int(self.node.block(block)["timestamp"], 16),
            logs=receipt["logs"],
            gas=int(receipt["gasUsed"], 16) if "gasUsed" in receipt else None,
        )

    def do(
        self, sender: str | LocalAccount, contract: Contract, function: str, *arguments: Any
    ) -> Receipt:
        """`send` of a function by its name or signature."""
        return self.send(sender, contract.prepare(function, *arguments))

    def events(self, receipt: Receipt, contract: Contract, event: str) -> list[EventLog]:
        """The events of one name that a transaction emitted."""
        return contract.events(receipt.logs, event)

    def deploy(self, name: str, *arguments: Any, sender: str | None = None) -> Contract:
        """Deploy a compiled contract, mocks included.

        Raises:
            ContractError: its constructor refused.
        """
        deployer = sender or actor("deployer").address
        self._fund_gas(deployer)
        data = "0x" + artifact(name).creation_code(*arguments).hex()
        receipt = self.mined({"from": deployer, "data": data, "gas": _GAS})
        if int(receipt["status"], 16) == 0:
            raise self._refusal(receipt["transactionHash"], name)
        contract = TestedContract(self.node, receipt["contractAddress"], name)
        self.coverage.watch(name, contract.address)
        return contract

    # Money

    def give_money(self, account: str | LocalAccount, amount: int) -> None:
        """Put test dollars (base units) into a wallet and let Settlement take them."""
        address = account if isinstance(account, str) else account.address
        while amount > 0:
            part = min(amount, 10_000 * 10**6)
            self.do(address, self.dollar, "faucet", part)
            amount -= part
        self.do(address, self.dollar, "approve", self.settlement.address, _UNLIMITED)

    def deposit(self, account: LocalAccount, amount: int) -> None:
        """Give an account money and put it into its settlement account."""
        self.give_money(account, amount)
        self.do(account, self.settlement, "deposit", amount)

    def balance(self, account: LocalAccount) -> int:
        return int(self.settlement.call("balanceOf", account.address))

    # Regions

    def add_region(self, region: bytes) -> None:
        """Another one, with the home region's tariff."""
        tariff = self.tariffs.call("tariffOf", HOME, self.now // DAY)
        self.do(self.roles[Role.GRID_AUTHORITY], self.tariffs, "addRegion", region, tariff)

    # Meters

    def register_meter(
        self,
        account: LocalAccount,
        meter: LocalAccount | None = None,
        *,
        rated_power: int = 10_000,
        region: bytes = HOME,
        settlement: bool = True,
        registers: tuple[int, int] = (0, 0),
    ) -> LocalAccount:
        """Register a meter (W; Wh of import and export) with its account's consent. A settlement
        meter bills from the next UTC midnight on; its security is deposited before."""
        meter = meter or actor(f"meter of {account.address}")
        if settlement:
            self.deposit(account, self.meters.call("securityFor", rated_power))
        registration = {
            "meter": ("address", meter.address),
            "account": ("address", account.address),
            "region": ("bytes32", region),
            "ratedPower": ("uint256", rated_power),
            "settlement": ("bool", settlement),
            "consumption": ("uint256", registers[0]),
            "production": ("uint256", registers[1]),
            "deadline": ("uint256", _UNLIMITED),
        }
        self.do(
            self.roles[Role.METER_REGISTRAR],
            self.meters,
            "registerMeter",
            tuple(value for _, value in registration.values()),
            *(self.sign_typed(key, "MeterRegistration", registration) for key in (meter, account)),
        )
        return meter

    def sign_typed(
        self, signer: LocalAccount, kind: str, fields: Mapping[str, tuple[str, Any]]
    ) -> bytes:
        """65 bytes over an EIP-712 message of SmartMeter, built field by field from the page of
        the standard, independently of the package's own signing."""
        signed = signer.sign_typed_data(
            {
                "name": "EnergyGrid SmartMeter",
                "version": "1",
                "chainId": self.node.chain_id,
                "verifyingContract": self.meters.address,
            },
            {kind: [{"name": name, "type": type_} for name, (type_, _) in fields.items()]},
            {name: value for name, (_, value) in fields.items()},
        )
        return bytes(signed.signature)

    def reading(
        self,
        *,
        timestamp: int,
        consumed: int = 0,
        produced: int = 0,
        frequency: int = 5000,
        voltage: int = 2300,
    ) -> tuple[int, int, int, int, int]:
        """A MeterReading as the contract takes it."""
        return (timestamp, consumed, produced, frequency, voltage)

    def read_meter(
        self, meter: LocalAccount, *, timestamp: int, consumed: int = 0, produced: int = 0
    ) -> Receipt:
        """The device submits a reading itself."""
        reading = self.reading(timestamp=timestamp, consumed=consumed, produced=produced)
        return self.do(meter, self.meters, "submitReading", reading)

    def measure(self, meter: LocalAccount, *flows: tuple[int, int]) -> Receipt:
        """Publish what a meter signed at the ends of the next slots that are billed by it, each
        with what was imported and exported in it (Wh). All of them must be over."""
        info = structure(MeterInfo, self.meters.call("getMeter", meter.address))
        registers = self.meters.call("getLatestReading(address)", meter.address)[1:3]
        slot = max(info.read_to, info.first_day * DAY // self.slot_length)
        # Without the boundary at which the first slot begins, nothing can be said of that slot.
        bounds = [(0, 0)] * (slot > info.read_to)
        signed = []
        for end, flow in enumerate((*bounds, *flows), start=slot + 1 - len(bounds)):
            registers = tuple(map(sum, zip(registers, flow, strict=True)))
            time = end * self.slot_length
            reading = self.reading(timestamp=time, consumed=registers[0], produced=registers[1])
            signed.append(self.signed_reading(meter, reading))
        receipt = self.do(actor("relay"), self.meters, "submitSignedReadings", signed)
        skipped = self.events(receipt, self.meters, "ReadingSkipped")
        assert not skipped, skipped
        return receipt

    def signed_reading(
        self,
        meter: LocalAccount,
        reading: Sequence[int],
        *,
        signer: LocalAccount | None = None,
    ) -> tuple[str, Sequence[int], bytes, bytes]:
        """A SignedReading as the contract takes it, by the meter's key by default."""
        names = ("timestamp", "consumption", "production", "gridFrequency", "voltage")
        fields = {name: ("uint256", value) for name, value in zip(names, reading, strict=True)}
        signature = self.sign_typed(
            signer or meter, "MeterReading", {"meter": ("address", meter.address), **fields}
        )
        return (meter.address, reading, *compact(signature))

    # Orders

    def order(
        self,
        trader: LocalAccount,
        side: int,
        amount: int,
        price: int,
        *,
        start: int,
        kind: int = 0,
        expiry: int = _UNLIMITED,
    ) -> int:
        """Place an order for a period (Wh in all of it); its number."""
        receipt = self.do(
            trader,
            self.trading,
            "createOrder(uint256,uint256,uint256,uint8,uint8,uint256)",
            amount,
            price,
            expiry,
            side,
            kind,
            start,
        )
        return int(self.events(receipt, self.trading, "OrderCreated")[0]["order_id"])

    def buy(self, trader: LocalAccount, amount: int, price: int, **terms: int) -> int:
        """Place a BUY order (Wh, money per kWh)."""
        return self.order(trader, 0, amount, price, **terms)

    def sell(self, trader: LocalAccount, amount: int, price: int, **terms: int) -> int:
        """Place a SELL order (Wh, money per kWh)."""
        return self.order(trader, 1, amount, price, **terms)

    def match(self, buy: int, sell: int) -> int:
        """Match two orders; the transaction's number."""
        receipt = self.do(actor("keeper"), self.trading, "matchOrders", buy, sell)
        return int(self.events(receipt, self.trading, "OrdersMatched")[0]["transaction_id"])

    def settle(self, transaction: int) -> Receipt:
        return self.do(actor("keeper"), self.trading, "settleTransaction", transaction)

    def close(self, day: int, *accounts: LocalAccount) -> Receipt:
        """Close the accounts through a day (since 1970)."""
        addresses = [account.address for account in accounts]
        return self.do(actor("keeper"), self.settlement, "closeThrough", addresses, day)

    # Time

    @property
    def now(self) -> int:
        """Time of the newest block."""
        return self.node.time

    def go_to(self, timestamp: int) -> None:
        """Mine a block at this second; what is sent next has at least this time."""
        self.node.set_time(timestamp)

    def at(self, timestamp: int) -> Market:
        """The next transaction is mined at exactly this second."""
        self.node.set_next_time(timestamp)
        return self

    def slot(self, timestamp: int) -> int:
        return timestamp // self.slot_length

    def end_of(self, slot: int) -> int:
        return (slot + 1) * self.slot_length

    def final_at(self, slot: int) -> int:
        """The first second at which a slot is final: readings of it are not shared any more."""
        return self.end_of(slot) + self.grace

    def closable_at(self, day: int) -> int:
        """The first second at which a day (since 1970) can be closed."""
        return (day + 1) * DAY + self.grace

    def mine_at_once(self, on: bool) -> None:
        """Whether the node mines every transaction at once, also those of others."""
        self.node.set_automine(on)
        self._mines_at_once = on

    def mined(self, request: Mapping[str, str]) -> Mapping[str, Any]:
        """The node's receipt of a transaction that is sent and mined in a block of its own."""
        transaction = self.node.rpc("eth_sendTransaction", request)
        if self._mines_at_once:
            # A second, empty block would come at any time, also while a test watches the chain.
            return self.node.receipt(transaction)
        self.node.rpc("evm_mine")
        receipt: Mapping[str, Any] = self.node.rpc("eth_getTransactionReceipt", transaction)
        return receipt

    # Internal

    def _refusal(self, transaction: str, contract: str) -> DecodedError:
        trace = self.node.rpc(
            "debug_traceTransaction", transaction, {"tracer": "callTracer", "tracerConfig": {}}
        )
        revert = bytes.fromhex(trace.get("output", "0x")[2:])
        self.coverage.raised.add(revert[:4].hex())
        return decode_revert(revert, contract)

    def _fund_gas(self, address: str) -> None:
        if address not in self._funded:
            self.node.set_balance(address, _WEI)
            self._funded.add(address)
