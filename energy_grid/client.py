"""The SDK's face: one object for one market.

    with EnergyGrid.connect("http://127.0.0.1:8545", "deployments/local.json") as market:
        market.deposit_with_permit(account, 50_000_000)
        order = market.place_order(account, OrderType.BUY, wh=1500, price=250_000)
        print(market.settlement.energy_of(account.address, market.slot()))

Energy in Wh, money in base units of the settlement token, prices in money per kWh, times in Unix
seconds. The contracts' wrappers do all the rest: reads answer at once, and what they prepare
`EnergyGrid.send` carries out. What a contract refuses arrives as an exception of `errors`, such as
``errors.Settlement_InDebt``, with its values as attributes.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote_to_bytes

from energy_grid.adapters.chain import errors
from energy_grid.adapters.chain.abi import checksum
from energy_grid.adapters.chain.access import AccessManager, Stoppable
from energy_grid.adapters.chain.accounts import Account, refuse_well_known
from energy_grid.adapters.chain.assets import EnergyAssetNFT
from energy_grid.adapters.chain.balancing import BalancingCoordination
from energy_grid.adapters.chain.carbon import CarbonCredits
from energy_grid.adapters.chain.connection import Node
from energy_grid.adapters.chain.contract import Call, Contract, EventLog
from energy_grid.adapters.chain.demand_response import DemandResponse
from energy_grid.adapters.chain.deployments import Deployment, located
from energy_grid.adapters.chain.governance import (
    GovernanceToken,
    GridGovernor,
    TimelockController,
)
from energy_grid.adapters.chain.grid import GridManagement
from energy_grid.adapters.chain.load import LoadMonitoring
from energy_grid.adapters.chain.metering import SmartMeter
from energy_grid.adapters.chain.multisig import Actor, Multisig
from energy_grid.adapters.chain.operators import GridOperatorVerification
from energy_grid.adapters.chain.oracles import GridOracle, PriceOracle, WeatherOracle
from energy_grid.adapters.chain.receipts import Receipt
from energy_grid.adapters.chain.safe import Safe, signed_by
from energy_grid.adapters.chain.sender import Sender
from energy_grid.adapters.chain.settlement import Settlement
from energy_grid.adapters.chain.shares import AssetShares
from energy_grid.adapters.chain.signing import (
    meter_domain,
    sign_order,
    sign_permit,
    sign_reading,
    sign_registration,
)
from energy_grid.adapters.chain.spot import PeerToPeerTrading
from energy_grid.adapters.chain.stability import StabilityMaintenance
from energy_grid.adapters.chain.standing import OrderStanding, next_nonce, standing_of
from energy_grid.adapters.chain.tokens import EnergyToken, SettlementToken, Token
from energy_grid.adapters.chain.trading import EnergyTrading
from energy_grid.domain.costs import cost_up
from energy_grid.domain.merkle import MerkleTree
from energy_grid.domain.orders import HIGHEST_PRICE, MOST_WH, OrderTerms, OrderType
from energy_grid.domain.periods import Period, PeriodKind, is_final, slot_of
from energy_grid.domain.signed_orders import SignedOrder, check_order, trading_domain
from energy_grid.domain.units import format_money, format_time, natural
from energy_grid.errors import ContractError, DeploymentError, DomainError
from energy_grid.services.anchoring import SlotProof
from energy_grid.services.ports import EnergyType, MeterReading, SignedReading

__all__ = [
    "Account",
    "Actor",
    "EnergyGrid",
    "EnergyType",
    "MeterReading",
    "Multisig",
    "OrderType",
    "Period",
    "PeriodKind",
    "Receipt",
    "SignedOrder",
    "SignedReading",
    "SlotProof",
    "errors",
]

# How tokens refuse to hand over more than they may: by the standard's error, by a text, or without
# a word.
_SHORT_ALLOWANCE = (
    errors.ERC20InsufficientAllowance,
    errors.SafeERC20FailedOperation,
    errors.RevertedWithText,
    errors.UnknownRefusal,
)
_PERMIT_SECONDS = 3600
# What an order has room for on the chain: 40 bits of Wh, 64 bits of price; an offer of banked
# energy has 64 bits of both.
_MOST_BANKED_WH = 2**64 - 1
# Slots of carbon credits in one transaction: well within the gas that any chain gives to one.
_SLOTS_AT_ONCE = 400


class EnergyGrid:
    """A deployed market and a sender of one's own.

    Args:
        sender: who sends; by default one with a memory of its own, see `Sender`.
    """

    def __init__(self, node: Node, deployment: Deployment, sender: Sender | None = None) -> None:
        self.node = node
        self.deployment = deployment
        self.sender = sender or Sender(node)
        self.settlement = Settlement(node, deployment.address("Settlement"))
        self.trading = EnergyTrading(node, deployment.address("EnergyTrading"))
        self.meters = SmartMeter(node, deployment.address("SmartMeter"))
        self.grid = GridManagement(node, deployment.address("GridManagement"))
        self.operators = GridOperatorVerification(
            node, deployment.address("GridOperatorVerification")
        )
        self.load = LoadMonitoring(node, deployment.address("LoadMonitoring"))
        self.balancing = BalancingCoordination(node, deployment.address("BalancingCoordination"))
        self.stability = StabilityMaintenance(node, deployment.address("StabilityMaintenance"))
        self.demand_response = DemandResponse(node, deployment.address("DemandResponse"))
        self.price_oracle = PriceOracle(node, deployment.address("PriceOracle"))
        self.weather_oracle = WeatherOracle(node, deployment.address("WeatherOracle"))
        self.grid_oracle = GridOracle(node, deployment.address("GridOracle"))
        self.spot = PeerToPeerTrading(node, deployment.address("PeerToPeerTrading"))
        self.assets = EnergyAssetNFT(node, deployment.address("EnergyAssetNFT"))
        self.carbon = CarbonCredits(node, deployment.address("CarbonCredits"))
        self.energy_token = EnergyToken(node, deployment.address("EnergyToken"))
        self.access = AccessManager(node, deployment.address("AccessManager"))
        self.money = SettlementToken(node, deployment.token)
        self.votes = GovernanceToken(node, deployment.address("GovernanceToken"))
        self.governor = GridGovernor(node, deployment.address("GridGovernor"))
        self.timelock = TimelockController(node, deployment.address("TimelockController"))
        self.safe = None if deployment.safe is None else Safe(node, deployment.safe.address)
        self.meter_domain = meter_domain(node.chain_id, self.meters.address)
        self.trading_domain = trading_domain(node.chain_id, self.trading.address)
        self._slot_length = self.settlement.slot_length()
        self._shares_code = _clone_of(deployment.address("AssetShares"))
        self._shares: dict[str, AssetShares | None] = {}

    @classmethod
    def connect(
        cls,
        place: str,
        deployment: Deployment | Path | str | None = None,
        *,
        rpc: str | None = None,
    ) -> EnergyGrid:
        """A market by the name of its network, or by its node's address and its deployment file.

        Args:
            place: ``"volta"``, or another name of `networks.NETWORKS`; or ``"http://..."``.
            deployment: by default ``deployments/<network>.json``, from the working directory.
            rpc: a node of the network; by default the one in ENERGY_GRID_RPC, else a public one.

        Raises:
            InputError: no network has this name, or an address comes without a file.
            DeploymentError: the file is not of this network or node, or not of this package.
            NodeUnreachableError: no node answers.
        """
        url, found = located(place, deployment, rpc)
        node = Node(url)
        try:
            found.verify(node)
            return cls(node, found)
        except BaseException:
            node.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self.node.close()

    def send(self, account: Actor, call: Call) -> Receipt:
        """Carry out a call of an account, or of the Safe (`acting_safe`).

        Raises:
            ContractError: the contract refuses.
            InputError: the account's key is public knowledge, and this is no local chain.
        """
        return self.sender.send(account, call)

    def acting_safe(self, owners: Sequence[Account], *, enough: bool = True) -> Multisig:
        """The operators' Safe as somebody who acts, by the keys of enough of its owners.

        Args:
            enough: whether they must be as many; see `safe.signed_by`.

        Raises:
            InputError: they are too few, one is no owner, or everybody knows its key.
            DeploymentError: this market has no Safe.
        """
        safe = self.require_safe()
        refuse_well_known([owner.address for owner in owners], self.node.chain_id)
        multi_send = self.deployment.address("MultiSendCallOnly")
        return signed_by(safe, owners, multi_send, enough=enough)

    def require_safe(self) -> Safe:
        """The operators' Safe.

        Raises:
            DeploymentError: this market has none.
        """
        if self.safe is None:
            raise DeploymentError(f"{self.deployment.network} was deployed without a Safe")
        return self.safe

    def shutdown_of(self, contract: str) -> Call:
        """The call that shuts a contract down for good; for governance alone.

        Raises:
            DeploymentError: there is no such contract.
        """
        return Stoppable(self.node, self.deployment.address(contract), contract).shutdown()

    def slot(self, time: int | None = None) -> int:
        """The number of the slot at a time, by default that of the newest block."""
        return slot_of(self.node.time if time is None else time, self._slot_length)

    def time_of(self, slot: int) -> int:
        """When a slot begins."""
        return slot * self._slot_length

    def deposit_with_permit(self, account: Account, amount: int) -> Receipt:
        """Pay money into the vault in one transaction; the token must know EIP-2612.

        Raises:
            ContractError: too little of the token, or deposits are stopped.
        """
        return self.send(account, self.prepare_deposit_with_permit(account, amount))

    def prepare_deposit_with_permit(self, account: Account, amount: int) -> Call:
        """The call of `deposit_with_permit`, signed for the account's next permit."""
        permit = self._signed(account, self.money, self.settlement.address, amount)
        return self.settlement.deposit_with_permit(amount, *permit)

    def prepare_permit(self, account: Account, token: Token, spender: str, amount: int) -> Call:
        """The call with which anybody hands in an account's next permit of any of the tokens."""
        permit = self._signed(account, token, spender, amount)
        return token.permit(account.address, spender, amount, *permit)

    def place_order(
        self,
        account: Actor,
        order_type: OrderType,
        *,
        wh: int,
        price: int,
        period: Period | None = None,
    ) -> int:
        """Place an order for a period, by default the hour now running; gives its number.

        Args:
            wh: energy in Wh, a whole number from 1 to 2**40 - 1 (1.1 TWh).
            price: money base units per kWh, a whole number from 1 to 2**64 - 1: the most a buyer
                pays, the least a seller takes.

        Raises:
            DomainError: energy or price is none of these; nothing was sent.
            ContractError: as `EnergyTrading.create_order`.
        """
        call = self.trading.create_order(
            order_type,
            amount=_from_one_to("wh", wh, MOST_WH),
            price=_from_one_to("price", price, HIGHEST_PRICE),
            period=period,
        )
        receipt = self.send(account, call)
        return int(self.trading.events(receipt.logs, "OrderCreated")[0]["order_id"])

    # Orders off the chain

    def sign_order(
        self,
        account: Account,
        order_type: OrderType,
        *,
        wh: int,
        price: int,
        period: Period | None = None,
        expiry: int | None = None,
        nonce: int | None = None,
    ) -> SignedOrder:
        """Sign an order for a period, by default the hour now running; nothing is sent.

        Args:
            wh, price: as of `place_order`.
            expiry: the last second at which it can be filled, by default the period's last.
            nonce: by default the next that is free on the chain, which knows nothing of orders
                that were signed and have not traded: of two with one nonce, one can trade.

        Raises:
            DomainError: a number is out of range, or the order could never trade.
            InputError: the account's key is public knowledge, and this is no local chain.
        """
        refuse_well_known([account.address], self.node.chain_id)
        terms, number = self.order_terms(
            account.address,
            order_type,
            wh=wh,
            price=price,
            period=period,
            expiry=expiry,
            nonce=nonce,
        )
        return sign_order(account, terms, number, self.trading_domain)

    def order_terms(
        self,
        trader: str,
        order_type: OrderType,
        *,
        wh: int,
        price: int,
        period: Period | None = None,
        expiry: int | None = None,
        nonce: int | None = None,
    ) -> tuple[OrderTerms, int]:
        """What `sign_order` signs, and its nonce: for a wallet that signs it as `typed_data`.

        Raises:
            DomainError: a number is out of range, or the order could never trade.
        """
        now = self.node.time
        period = period or Period.current(PeriodKind.HOURLY, now)
        terms = OrderTerms(
            trader=trader,
            order_type=order_type,
            amount=natural("wh", wh),
            price=natural("price", price),
            expiry=period.end - 1 if expiry is None else natural("expiry", expiry),
            period=period,
        )
        last = min(terms.expiry, period.end - 1)
        if now > last:
            raise DomainError(f"it is over: its last second is {format_time(last)}")
        number = self.next_nonce(trader) if nonce is None else natural("nonce", nonce)
        check_order(terms, number)
        return terms, number

    def next_nonce(self, trader: str, taken: Collection[int] = ()) -> int:
        """The next nonce of a trader that is free on the chain, and not among others it has used.

        Raises:
            DomainError: all are spent.
        """
        return next_nonce(self.trading, trader, taken)

    def standing(self, order: SignedOrder) -> OrderStanding:
        """Whose a signed order is, what is left of it, and what stands in its way."""
        return standing_of(order, self.trading_domain, self.trading, self.settlement)

    def cancel_signed(self, account: Actor, nonces: Iterable[int]) -> Receipt:
        """Void signed orders of the account by their nonces.

        Raises:
            ContractError: as `EnergyTrading.cancel_signed`.
        """
        return self.send(account, self.trading.cancel_signed(nonces))

    def cancel_signed_below(self, account: Actor, nonce: int) -> Receipt:
        """Void all signed orders of the account with a lower nonce, made or not.

        Raises:
            ContractError: as `EnergyTrading.cancel_signed_below`.
        """
        return self.send(account, self.trading.cancel_signed_below(nonce))

    # Meters

    def register_meter(
        self, registrar: Actor, meter: Account, owner: str, *, region: str, rated_power: int
    ) -> int:
        """Register a meter (power in W) for an owner; gives its number.

        Raises:
            ContractError: as `SmartMeter.register_meter`.
        """
        proof = sign_registration(meter, owner, region, rated_power, self.meter_domain)
        call = self.meters.register_meter(meter.address, owner, region, rated_power, proof)
        receipt = self.send(registrar, call)
        return int(self.meters.events(receipt.logs, "MeterRegistered")[0]["number"])

    def sign_reading(self, meter: Account, reading: MeterReading) -> SignedReading:
        """A reading signed by its meter, for anybody to submit."""
        return sign_reading(meter, reading, self.meter_domain)

    def submit_readings(self, account: Actor, readings: Sequence[SignedReading]) -> Receipt:
        """Bring signed readings in: all of them or, if one is refused, none.

        Raises:
            ContractError: as `SmartMeter`.
        """
        return self.send(account, self.meters.submit_signed_readings(readings))

    def anchor_readings(self, account: Actor, tree: MerkleTree, slot: int) -> Receipt:
        """Fix the readings of a slot as the gateway that the account is (`anchoring.tree_of`).

        Raises:
            ContractError: as `GatewayReadings.anchor_readings`.
        """
        return self.send(account, self.meters.anchor_readings(tree.root, slot, len(tree.rows)))

    def prove_slot(self, account: Actor, proof: SlotProof) -> Receipt:
        """Have a slot counted as its gateway has anchored it; anybody can.

        Raises:
            ContractError: as `GatewayReadings.prove_slot`.
        """
        call = self.meters.prove_slot(checksum(proof.account), proof.slot, proof.reading)
        return self.send(account, call)

    def approve_for(
        self, account: Actor, call: Call, amount: int, token: Token | None = None
    ) -> Receipt | None:
        """Let the contract that is called take exactly ``amount`` of a token, by default money.

        Nothing is approved, and None given, where the allowance is enough, or where the call would
        be refused for another reason: it then says so when it is sent.
        Raises:
            DomainError: the account has less than that; nothing was approved.
        """
        approval = self.approval_for(account.address, call, amount, token)
        return None if approval is None else self.send(account, approval)

    def approval_for(
        self, owner: str, call: Call, amount: int, token: Token | None = None
    ) -> Call | None:
        """The approval that `approve_for` sends, if any.

        Raises:
            DomainError: the owner has less than the amount.
        """
        token = token or self.money
        if token.allowance(owner, call.to) >= amount:
            return None
        try:
            Contract(self.node, call.to, call.contract).simulate(call, owner)
        except _SHORT_ALLOWANCE:
            pass
        except ContractError:
            return None
        held = token.balance_of(owner)
        if held < amount:
            coin = token.decimals(), token.symbol()
            raise DomainError(
                f"{owner} has {format_money(held, *coin)}, and this takes"
                f" {format_money(amount, *coin)}"
            )
        return token.approve(call.to, amount)

    # Banked energy

    def offer_energy(self, account: Actor, wh: int, price: int) -> int:
        """Offer banked energy to everybody, which is approved if need be; gives its number.

        Raises:
            DomainError: energy or price is out of range, or there is less; nothing was offered.
            ContractError: as `PeerToPeerTrading.create_energy_offer`.
        """
        call = self.spot.create_energy_offer(*_banked(wh, price))
        self.approve_for(account, call, wh, self.energy_token)
        receipt = self.send(account, call)
        return int(self.spot.events(receipt.logs, "EnergyOfferCreated")[0]["offer_id"])

    def offer_energy_to(self, account: Actor, buyer: str, wh: int, price: int) -> int:
        """As `offer_energy`, to one buyer alone; gives the number of the trade.

        Raises:
            ContractError: as `PeerToPeerTrading.create_trade`.
        """
        call = self.spot.create_trade(buyer, *_banked(wh, price))
        self.approve_for(account, call, wh, self.energy_token)
        receipt = self.send(account, call)
        return int(self.spot.events(receipt.logs, "TradeCreated")[0]["trade_id"])

    def accept_offer(self, account: Actor, offer: int, wh: int | None = None) -> int:
        """Buy what is left of an offer, or so much of it, at the price it has now and no higher,
        whatever a reorganisation makes of its number; gives what was paid.

        Raises:
            ContractError: as `PeerToPeerTrading.accept_energy_offer_at_most`.
        """
        receipt = self.send(account, self.purchase(offer, wh))
        return int(self.spot.events(receipt.logs, "EnergyOfferAccepted")[0]["paid"])

    def purchase(self, offer: int, wh: int | None = None) -> Call:
        """The call that buys what is left of an offer, or so much, at most for what it costs."""
        found = self.spot.get_energy_offer(offer)
        wanted = found.remaining if wh is None else wh
        return self.spot.accept_energy_offer_at_most(offer, wanted, cost_up(wanted, found.price))

    def completion(self, trade: int) -> Call:
        """The call that buys what a trade holds, for what it costs now at most."""
        found = self.spot.get_trade_info(trade)
        return self.spot.complete_trade_at_most(trade, cost_up(found.amount, found.price))

    # Assets

    def shares(self, asset: int | str) -> AssetShares:
        """The shares of an asset by its number, as long as it is divided, or by their address.

        Raises:
            DomainError: the asset is not divided, or something else is at the address.
            ContractError: there is no such asset.
        """
        if isinstance(asset, str):
            found = self._shares_at(checksum(asset))
            if found is None:
                raise DomainError(f"there are no shares of an asset of this market at {asset}")
            return found
        known = self.assets.get_asset(asset)
        if not known.is_divided:
            raise DomainError(
                f"asset {asset} is not divided now; shares that it had are known by their address"
            )
        return AssetShares(self.node, known.shares)

    def card(self, asset: int) -> tuple[dict[str, Any], bytes]:
        """What the chain shows of an asset: its description, and its picture as SVG.

        Raises:
            ContractError: there is no such asset.
        """
        document: dict[str, Any] = json.loads(_content(self.assets.token_uri(asset)))
        return document, _content(document["image"])

    def fractionalize(
        self, account: Actor, asset: int, shares: int, *, name: str, symbol: str
    ) -> str:
        """Divide an asset of the account, which gets all shares; gives their address.

        Raises:
            ContractError: as `EnergyAssetNFT.fractionalize`.
        """
        receipt = self.send(account, self.assets.fractionalize(asset, shares, name, symbol))
        return str(self.assets.events(receipt.logs, "Fractionalized")[0]["shares"])

    def share_revenue(
        self, account: Actor, shares: AssetShares, amount: int, *, from_ledger: bool = False
    ) -> Receipt:
        """Give the holders of shares money: out of the account's wallet, or of its balance in the
        ledger, which above the outflow limit arrives later.

        Raises:
            ContractError: as `Token.transfer` or `Settlement.withdraw`.
        """
        if from_ledger:
            return self.send(account, self.settlement.withdraw(amount, shares.address))
        return self.send(account, self.money.transfer(shares.address, amount))

    def offer_buyout(self, account: Actor, shares: AssetShares, price_per_share: int) -> int:
        """Offer to buy all shares, which is approved if need be; gives the offer's number.

        Raises:
            DomainError: the account has less money than all shares cost.
            ContractError: as `AssetShares.offer_buyout`.
        """
        call = shares.offer_buyout(price_per_share)
        self.approve_for(account, call, price_per_share * shares.share_count())
        receipt = self.send(account, call)
        return int(shares.events(receipt.logs, "BuyoutOffered")[0]["id"])

    # Carbon credits

    def creditable_slots(self, producer: str, slots: Iterable[int]) -> list[int]:
        """Those of the slots that a producer can have credits for now, and has none yet."""
        clean = self.carbon.clean_producer(producer)
        grace, now = self.settlement.grace(), self.node.time
        counting = [
            slot
            for slot in slots
            if 0 < clean.from_slot <= slot
            and not 0 < clean.until_slot <= slot
            and is_final(slot, now, self._slot_length, grace)
        ]
        energies = self.settlement.energies_of((producer, slot) for slot in counting)
        credited = self.carbon.are_credited(producer, counting)
        known = zip(counting, energies, credited, strict=True)
        return [slot for slot, energy, is_done in known if energy.produced and not is_done]

    def prepare_issues(self, producer: str, slots: Sequence[int]) -> list[Call]:
        """The calls that issue a producer's carbon credits of slots, each of as many as fit."""
        return [
            self.carbon.issue_carbon_credits(producer, slots[first : first + _SLOTS_AT_ONCE])
            for first in range(0, max(len(slots), 1), _SLOTS_AT_ONCE)
        ]

    def issue_carbon(
        self, account: Actor, slots: Sequence[int], *, producer: str | None = None
    ) -> int:
        """Issue carbon credits of slots to a producer, by default the account; gives the grams.

        Raises:
            ContractError: as `CarbonCredits.issue_carbon_credits`; of more slots than fit into one
                transaction, earlier ones are issued then.
        """
        calls = self.prepare_issues(producer or account.address, slots)
        logs = [log for call in calls for log in self.send(account, call).logs]
        return sum(each["grams"] for each in self.carbon.events(logs, "CarbonCreditsIssued"))

    def events(self, logs: Iterable[Mapping[str, Any]]) -> list[EventLog]:
        """The market's events among logs, such as a receipt's, in their order."""
        logs = list(logs)
        contracts = [part for part in vars(self).values() if isinstance(part, Contract)]
        others = {checksum(log["address"]) for log in logs} - {each.address for each in contracts}
        shares = filter(None, map(self._shares_at, sorted(others)))
        decoded = [event for contract in (*contracts, *shares) for event in contract.events(logs)]
        return sorted(decoded, key=lambda event: (event.block, event.index))

    def _shares_at(self, address: str) -> AssetShares | None:
        """The shares at an address, known by whose code they run; None for any other contract."""
        if address not in self._shares:
            is_clone = self.node.code(address) == self._shares_code
            self._shares[address] = AssetShares(self.node, address) if is_clone else None
        return self._shares[address]

    def _signed(
        self, account: Account, token: Token, spender: str, amount: int
    ) -> tuple[int, int, bytes, bytes]:
        """(deadline, v, r, s) of the account's next permit."""
        deadline = self.node.time + _PERMIT_SECONDS
        nonce = token.nonces(account.address)
        signature = sign_permit(account, spender, amount, nonce, deadline, token.domain())
        r, s = (number.to_bytes(32, "big") for number in (signature.r, signature.s))
        return deadline, signature.v, r, s


def _clone_of(implementation: str) -> bytes:
    """The code of what only hands on to another contract (ERC-1167)."""
    head, tail = "363d3d373d3d3d363d73", "5af43d82803e903d91602b57fd5bf3"
    return bytes.fromhex(f"{head}{implementation[2:]}{tail}")


def _content(uri: str) -> bytes:
    """What a ``data:`` URI holds."""
    head, _, body = uri.partition(",")
    return base64.b64decode(body) if head.endswith(";base64") else unquote_to_bytes(body)


def _banked(wh: int, price: int) -> tuple[int, int]:
    return _from_one_to("wh", wh, _MOST_BANKED_WH), _from_one_to("price", price, HIGHEST_PRICE)


def _from_one_to(name: str, value: int, most: int) -> int:
    number = natural(name, value)
    if not 1 <= number <= most:
        raise DomainError(f"{name} must be from 1 to {most}, not {number}")
    return number
