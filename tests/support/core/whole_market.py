"""The whole market on a chain beside the model: devices sign, people order, nothing is played.

What the model does not have stands here: orders that rest, withdrawals that wait, credits on the
spot market, and who may trade.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple

from eth_account import Account as Keys
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from energy_grid.chain.accounts import Account as Key
from tests.model.market import Market, Refused, Rules, Tariff, refuse_if, up
from tests.model.oracles import Feed, price_quantity
from tests.support.core.chain import Chain, Deployed, Reverted
from tests.support.core.full_market import FullMarket
from tests.support.core.grid_suite import REPORTERS, GridWorld
from tests.support.core.meter_suite import LIMIT, REGISTRAR
from tests.support.core.settlement_suite import (
    DAY,
    EXACT,
    SAID_FOR,
    SUPPLIER,
    SettlementMarket,
    SettlementWorld,
)
from tests.support.core.tariff_suite import name as bytes32
from tests.support.core.trading_world import BUY, KEEPER, SELL, Fill, Order, TradingWorld

__all__ = ["CHAIN_ONLY", "Book", "Offer", "Oracles", "Outflow", "WholeModel", "WholeWorld"]

CHAIN_ONLY = frozenset(
    {
        "Stopped",  # while paused
        "AboveOutflow",  # of what may leave in a day
        "KeepsPending",  # a choice before an earlier one has been reached
        "MembershipPending",  # the same of communities
        "OtherRegion",  # of an account that never had a meter
        "NotMember",  # leaving, without being in
        "WithdrawalNotDue",
        "NoSuchWithdrawal",
        "AlreadySettled",  # a trade
        "RegionClosed",  # by an emergency's protocol
        "BorderClosed",
        "AboveLimit",  # of what may be consumed after a blackout
    }
)
"""Refusals of a bounded chain, which the model need not know."""
_LIMIT, _WINDOW, _DELAY, _ALLOWANCE, _CAP = 10**15, DAY, DAY, 10**7, 10**8
_MAX_AGE, _QUORUM = 7_200, 2
_SECURITY_PER_KW = 1_000
_SPOT = "spot"
_AMPLE = 10**12


@dataclass
class Outflow:
    """What has left, and still counts."""

    limit: int
    used: int = 0
    updated: int = 0
    window: int = _WINDOW

    def left(self, now: int) -> int:
        """What may leave now."""
        return max(0, self.limit - self._counted(now))

    def use(self, amount: int, now: int) -> None:
        """It leaves."""
        self.used, self.updated = self._counted(now) + amount, now

    def set_limit(self, limit: int, now: int) -> None:
        """What has left decays at the old one's rate until now."""
        self.use(0, now)
        self.limit = limit

    def _counted(self, now: int) -> int:
        elapsed, window = now - self.updated, self.window
        return max(0, self.used - self.limit * elapsed // window) if elapsed < window else 0


class Limits(NamedTuple):
    """What the protocol of a region's emergency allows, as the chain has it."""

    buying_closed: bool
    selling_closed: bool
    islanded: bool
    draw_share: int
    production_share: int
    until: int


@dataclass
class Offer:
    """Credits for sale, to anybody or to one buyer."""

    seller: str
    remaining: int
    price: int
    buyer: str = ""
    is_open: bool = True


class WholeModel(SettlementMarket):
    """The model, and what stands in other contracts than those of the rules."""

    def __init__(self, rules: Rules, tariff: Tariff, credit_value: int) -> None:
        super().__init__(rules, tariff, credit_value)
        self.blocked: set[tuple[str, int]] = set()
        """Accounts and the sides that they may not trade on."""
        self.outflow, self.allowances = Outflow(_LIMIT), Outflow(_CAP)
        self.allowance_of: dict[str, Outflow] = {}
        self.offers: list[Offer] = []

    def may_leave(self, name: str, amount: int, now: int) -> bool:
        """Within the limit, or a metered account's allowance; it counts then."""
        if amount <= self.outflow.left(now):
            self.outflow.use(amount, now)
            return True
        own = self.allowance_of.setdefault(name, Outflow(_ALLOWANCE))
        is_metered = self.accounts[name].is_metered(now // self.rules.slot_seconds)
        if not is_metered or amount > min(own.left(now), self.allowances.left(now)):
            return False
        own.use(amount, now)
        self.allowances.use(amount, now)
        return True

    # Credits on the spot

    def _require_active(self, name: str, side: int) -> None:
        # All are registered as consumers, whose side is buying.
        inactive = {(name, BUY), (name, side)} & self.blocked
        refuse_if(bool(inactive), "Inactive", name)

    def transfer(self, sender: str, to: str, wh: int) -> None:
        """Tokens."""
        refuse_if(wh > self.tokens[sender], "TokensMissing", wh)
        self.tokens[sender] -= wh
        self.tokens[to] += wh

    def offer(self, offer: Offer) -> None:
        """The spot market holds the tokens."""
        self._require_active(offer.seller, SELL)
        if offer.buyer:
            refuse_if(offer.buyer == offer.seller, "SelfTrade", offer.buyer)
            self._require_active(offer.buyer, BUY)
        self.transfer(offer.seller, _SPOT, offer.remaining)
        self.offers.append(copy(offer))

    def accept(self, offer: Offer, buyer: str, wh: int, now: int) -> None:
        """Money against tokens."""
        if offer.buyer:
            refuse_if(not offer.is_open, "TradeNotPending")
            refuse_if(buyer != offer.buyer, "NotParty", buyer)
        else:
            refuse_if(not offer.is_open, "OfferNotOpen")
            refuse_if(wh > offer.remaining, "AboveRemaining", wh)
        self._require_active(offer.seller, SELL)
        refuse_if(buyer == offer.seller, "SelfTrade", buyer)
        self._require_active(buyer, BUY)
        self._pay_on_the_spot(buyer, offer.seller, wh, offer.price, now)
        offer.remaining -= wh
        offer.is_open = offer.remaining > 0
        self.transfer(_SPOT, buyer, wh)

    def take_back(self, offer: Offer, by: str) -> None:
        """The seller, and the buyer of an addressed one."""
        refuse_if(not offer.is_open, "TradeNotPending" if offer.buyer else "OfferNotOpen")
        parties = {offer.seller, offer.buyer or offer.seller}
        refuse_if(by not in parties, "NotParty" if offer.buyer else "NotSeller", by)
        self.transfer(_SPOT, offer.seller, offer.remaining)
        offer.remaining, offer.is_open = 0, False

    def _pay_on_the_spot(self, buyer: str, seller: str, wh: int, price: int, now: int) -> None:
        paying, paid = self.accounts[buyer], wh * price
        refuse_if(paying.debt > 0, "InDebt", buyer, paying.debt)
        self._require_no_gap(buyer, now)
        self._require_free(buyer, paid, now)
        paying.free -= paid
        tariff = self.tariffs[self.accounts[seller].region].at(now // DAY)
        protocol = min(paid, wh * tariff.protocol_fee)
        grid = min(paid - protocol, wh * tariff.network_fee)
        self.protocol_fees += protocol
        self.cash += grid
        self._credit(self.accounts[seller], paid - protocol - grid)


class WholeWorld(SettlementWorld):
    """All contracts, the model, and people with keys and meters."""

    market: WholeModel

    def __init__(
        self, tariff: Tariff, credit_value: int, *, slot: int, start: int, outflow: int = _LIMIT
    ) -> None:
        self.chain = Chain(start)
        self.full = full = FullMarket(self.chain, tariff, slot=slot, credit=credit_value)
        self.manager, self.authority = full.manager, REGISTRAR
        self.rules = Rules(slot_seconds=slot, max_buy=600_000_000, max_fee=100_000)
        self.max_age = _MAX_AGE
        self.market = WholeModel(self.rules, tariff, credit_value)
        self.regions = ["home"]
        self.token: Deployed = full.token
        self.tariffs, self.settlement = full["Tariffs"], full["Settlement"]
        self.energy, self.communities = full["EnergyAccounts"], full["Communities"]
        self.credits, self.spot, self.grid = (
            full[name] for name in ("EnergyToken", "PeerToPeerTrading", "GridManagement")
        )
        self.numbers, self.community_ids = {}, {}
        self.refusals = Counter()
        self.holders: dict[str, Key] = {}
        self.keys: dict[str, LocalAccount] = {}
        self.devices: dict[str, Key] = {}
        self.names: dict[str, str] = {}
        self.withdrawals: list[tuple[str, int, int]] = []
        """Holder, amount, due; an amount of 0 has left, or come back."""
        self.stopped: set[str] = set()
        self.steps = 0
        self._asked: dict[tuple[Any, ...], bytes] = {}
        self._waiting: dict[str, tuple[tuple[int, ...], dict[int, list[int]]]] = {}
        self._unchecked: list[tuple[str, int]] = []
        self._ids: list[int] = []
        self.pay(SUPPLIER, 0)
        self.book, self.oracles = Book(self), Oracles(self)
        if outflow != _LIMIT:
            self.set_outflow(outflow)

    # People

    def address(self, name: str) -> str:
        """Of an account."""
        return self.holders[name].address

    def open(self, name: str, money: int, region: str = "home") -> None:
        """A key, an account with money, and a consumer."""
        secret = keccak(text=f"holder {name}")
        self.holders[name], self.keys[name] = Key(secret), Keys.from_key(secret)
        address = self.address(name)
        self.names[address] = name
        super().open(name, money, region)
        self.grid.registerConsumer(_AMPLE, by=address)
        self.grid.confirmParticipant(address, False, by=self.authority)
        self.credits.approve(self.spot.address, 2**256 - 1, by=address)

    def is_stopped(self, contract: str) -> bool:
        """Whether it is paused."""
        return contract in self.stopped

    def toggle_stop(self, contract: str) -> None:
        """Pause, or go on."""
        if self.is_stopped(contract):
            self.full[contract].unpause(by=self.authority)
        else:
            self.full[contract].pause(by=self.authority)
        self.stopped ^= {contract}

    def toggle_side(self, name: str, side: int) -> None:
        """The grid authority blocks a side, or allows it again."""
        blocked = (name, side) in self.market.blocked
        call = self.grid.reactivateParticipant if blocked else self.grid.deactivateParticipant
        address = self.address(name)
        if side == SELL and not blocked and not self._is_producer(name):
            self.grid.registerProducer(1, 0, by=address)
        call(address, side == SELL, by=self.authority)
        self.market.blocked ^= {(name, side)}

    def _is_producer(self, name: str) -> bool:
        try:
            self.grid.getProducerInfo(self.address(name))
        except Reverted:
            return False
        return True

    # Money

    def deposit(self, name: str, money: int, payer: str = "") -> str:  # type: ignore[override]
        """In base units, by the holder or another one."""
        holder, by = self.address(name), self.address(payer or name)
        self.pay(by, money)

        def of_chain() -> None:
            if payer:
                self.settlement.depositFor(holder, money, by=by)
            else:
                self.settlement.deposit(money, by=by)

        stopped = self.is_stopped("Settlement")
        return self.both(
            lambda: self.market.deposit(name, money * EXACT), of_chain, Stopped=stopped
        )

    def repay(self, name: str, money: int) -> str:
        """No more than the debt."""
        self.pay(self.address(name), money)
        debt = self.account(name).debt

        def of_model() -> None:
            refuse_if(not debt, "NoDebt", name)
            self.market.deposit(name, min(money, up(debt, EXACT)) * EXACT)

        return self.both(of_model, lambda: self.settlement.repayDebt(money, by=self.address(name)))

    def withdraw(self, name: str, amount: int) -> str:
        """In base units; above the limit it is queued."""
        refusal = super().withdraw(name, amount)
        if not refusal:
            if not self.market.may_leave(name, amount, self.now):
                self.withdrawals.append((name, amount, self.now + _DELAY))
            assert self.settlement.withdrawalCount() == len(self.withdrawals)
        return refusal

    def cancel_withdrawal(self, place: int) -> str:
        """The money comes back."""
        name, amount, due = self.withdrawals[place]
        refusal = self.both(
            lambda: self.market.deposit(name, amount * EXACT),
            lambda: self.settlement.cancelWithdrawal(place + 1, by=self.address(name)),
            NoSuchWithdrawal=not amount,
        )
        if not refusal:
            self.withdrawals[place] = name, 0, due
        return refusal

    def execute_withdrawal(self, place: int) -> str:
        """It leaves, when it is due."""
        name, amount, due = self.withdrawals[place]
        refusal = self.both(
            lambda: None,
            lambda: self.settlement.executeWithdrawal(place + 1),
            NoSuchWithdrawal=not amount,
            WithdrawalNotDue=bool(amount) and self.now < due,
        )
        if not refusal:
            self.withdrawals[place] = name, 0, due
        return refusal

    def leaving(self) -> int:
        """What queued withdrawals wait for."""
        return sum(amount for _, amount, _ in self.withdrawals) * EXACT

    def set_outflow(self, limit: int) -> None:
        """What has left until now decays at the old limit's rate."""
        self.market.outflow.use(0, self.now)
        self.market.outflow.limit = limit
        self.settlement.setOutflowLimit(limit, by=self.authority)

    def collect(self, amount: int, **only: bool) -> str:
        """Under the outflow limit, and not while paused."""
        del only
        above = amount > self.market.outflow.left(self.now)
        stopped = self.is_stopped("Settlement")
        refusal = super().collect(amount, AboveOutflow=above, Stopped=stopped)
        if not refusal:
            self.market.outflow.use(amount, self.now)
        return refusal

    # Credits

    def transfer(self, sender: str, to: str, wh: int) -> str:
        """ERC-20."""
        return self.both(
            lambda: self.market.transfer(sender, to, wh),
            lambda: self.credits.transfer(self.address(to), wh, by=self.address(sender)),
        )

    def offer(self, offer: Offer) -> str:
        """To anybody, or to one buyer."""
        by, terms = self.address(offer.seller), (offer.remaining, offer.price)

        def of_chain() -> None:
            if offer.buyer:
                number = self.spot.createTrade(self.address(offer.buyer), *terms, by=by)
            else:
                number = self.spot.createEnergyOffer(*terms, by=by)
            self._ids.append(number)

        stopped = self.is_stopped("PeerToPeerTrading")
        return self.both(lambda: self.market.offer(offer), of_chain, Stopped=stopped)

    def accept(self, place: int, buyer: str, wh: int) -> str:
        """A part of an offer, or all that is addressed."""
        offer, number, by = self.market.offers[place], self._ids[place], self.address(buyer)
        wh = offer.remaining if offer.buyer else wh

        def of_chain() -> None:
            if offer.buyer:
                self.spot.completeTrade(number, by=by)
            else:
                self.spot.acceptEnergyOffer(number, wh, by=by)

        names = buyer, offer.seller
        of_buyer, of_seller = (self.limits(self.account(name).region) for name in names)
        across = len({self.account(name).region for name in names}) > 1
        return self.both(
            lambda: self.market.accept(offer, buyer, wh, self.now),
            of_chain,
            Stopped=self.is_stopped("PeerToPeerTrading"),
            RegionClosed=of_buyer.buying_closed or of_seller.selling_closed,
            BorderClosed=across and (of_buyer.islanded or of_seller.islanded),
        )

    def limits(self, region: str) -> Limits:
        """Of a region, now."""
        return Limits(*self.tariffs.limitsOf(self.tariffs.regionId(bytes32(region))))

    def take_back(self, place: int, by: str) -> str:
        """An offer, or an addressed trade."""
        offer, number = self.market.offers[place], self._ids[place]
        call = self.spot.cancelTrade if offer.buyer else self.spot.cancelEnergyOffer
        return self.both(
            lambda: self.market.take_back(offer, by), lambda: call(number, by=self.address(by))
        )

    # Meters

    def attach(self, name: str, rated: int, registers: tuple[int, int], security: int = 0) -> None:
        """Another device with a key of its own."""
        del security
        device = Key(keccak(text=f"device {name} {len(self.devices)} {self.steps}"))
        changes: dict[str, Any] = {
            "region": bytes32(self.account(name).region),
            "ratedPower": rated,
            "consumption": registers[0],
            "production": registers[1],
        }
        money = up(_SECURITY_PER_KW * rated, 1000) * EXACT
        refusal = self.both(
            lambda: self.market.attach(name, rated, registers, money, self.now),
            lambda: self.full.meters.register(device, self.holders[name], **changes),
        )
        if not refusal:
            self.devices[name] = device

    def exchange(  # type: ignore[override]
        self, name: str, rated: int, new: tuple[int, int], final: tuple[int, int]
    ) -> bool:
        """Whether another device goes on."""
        if name not in self.devices:
            return False
        device = Key(keccak(text=f"another device {name} {self.steps}"))
        refusal = self.both(
            lambda: self.market.exchange(name, rated, final, new),
            lambda: self.full.meters.exchange(
                self.devices[name], device, final, new, rated=rated, consent=self.holders[name]
            ),
        )
        if not refusal:
            self.devices[name] = device
        return not refusal

    def detach(self, name: str) -> None:
        """By the holder."""
        if name in self.devices:
            device, by = self.devices[name].address, self.address(name)
            self.both(
                lambda: self.market.detach(name, self.now),
                lambda: self.full["SmartMeter"].detachMeter(device, by=by),
            )

    def read(
        self, readings: Sequence[tuple[str, int, tuple[int, int]]], *, consent: bool = False
    ) -> int:
        """What devices signed, in a batch, or each with the holder's consent; how many counted."""
        meters, expected = self.full.meters, []
        signed = [
            meters.sign_reading(
                self.devices[name], meters.reading(end * self.rules.slot_seconds, registers)
            )
            for name, end, registers in readings
        ]
        if consent:
            return sum(map(self._read_with_consent, readings, signed))
        for name, end, registers in readings:
            try:
                self.market.read(name, end, registers, self.now)
            except Refused as refusal:
                expected.append((self.devices[name].address, refusal.name))
        if signed:
            meters.read_many(*signed)
        skipped = [
            (values["meter"], self.chain.errors[bytes(values["reason"][:4])].name)
            for _, event, values in self.chain.logs
            if signed and event == "ReadingSkipped"
        ]
        assert len(skipped) == len(expected), (skipped, expected)
        for (found, name), (meter, refused) in zip(skipped, expected, strict=True):
            assert found == meter
            assert name.rpartition("_")[2] in SAID_FOR.get(refused, (refused,)), (name, refused)
            self.refusals[refused] += 1
        return len(readings) - len(expected)

    def _read_with_consent(
        self, reading: tuple[str, int, tuple[int, int]], signed: tuple[Any, ...]
    ) -> bool:
        name, end, registers = reading
        meters, holder = self.full.meters, self.holders[name]
        # By the holder's own call, or by a signature that anybody brings.
        arguments, by = (0, b""), holder.address
        if end % 2:
            time = end * self.rules.slot_seconds
            consent = meters.consent_to_skip(holder, signed[0], time, LIMIT)
            arguments, by = (LIMIT, consent), SUPPLIER
        return not self.both(
            lambda: self.market.read(name, end, registers, self.now, consent=True),
            lambda: meters.meters.submitWithConsent(signed, *arguments, by=by),
        )

    def read_between(self, name: str, registers: tuple[int, int]) -> None:
        """It moves nothing, whatever becomes of it."""
        meters = self.full.meters
        if name in self.devices and self.now % self.rules.slot_seconds:
            signed = meters.sign_reading(self.devices[name], meters.reading(self.now, registers))
            meters.read_many(signed)

    def _set_buy_price(self, region: bytes, price: int) -> None:
        if any(region):
            self.grid.call("setBasePrice(bytes32,uint256)", region, price, by=self.authority)
        else:
            self.grid.call("setBasePrice(uint256)", price, by=self.authority)

    def consume(self, name: str, wh: int, limit: int | None = None) -> str:  # type: ignore[override]
        """In the running slot, by the first or the second form."""
        by = self.address(name)

        def of_chain() -> None:
            if limit is None:
                self.grid.call("consumeEnergy(uint256)", wh, by=by)
            else:
                self.grid.call("consumeEnergy(uint256,uint256)", wh, limit, by=by)

        def of_model() -> None:
            refuse_if((name, BUY) in self.market.blocked, "Inactive", name)
            self.market.consume(name, wh, self.now, limit)

        inactive = (name, BUY) in self.market.blocked
        stopped = self.is_stopped("Settlement") and not inactive
        dark = not inactive and self.limits(self.account(name).region).draw_share == 0
        return self.both(of_model, of_chain, Stopped=stopped, AboveLimit=dark)

    # Closing

    def close(self, names: Sequence[str], through: int) -> int:
        """How many days of accounts."""
        addresses = [self.address(name) for name in names]
        return self._closing(
            names, through, lambda: self.settlement.closeThrough(addresses, through)
        )

    def settle(self, trade: int) -> int:
        """A transaction: at most seven days of its parties."""
        found = self.book.trading.getTransaction(trade)
        parties = [self.names[found[0]], self.names[found[1]]]
        last = (found[6] - 1) // DAY
        day = min(self.account(name).day for name in parties)
        if day > last:
            self.both(
                lambda: None,
                lambda: self.book.trading.settleTransaction(trade),
                AlreadySettled=True,
            )
            return 0
        return self._closing(
            parties, min(day + 6, last), lambda: self.book.trading.settleTransaction(trade)
        )

    def _closing(self, names: Sequence[str], through: int, of_chain: Any) -> int:
        closed = self.market.closed
        closed.clear()

        def of_model() -> None:
            refuse_if(not self.market.close(names, through, self.now), "NothingToClose", through)

        if self.both(of_model, of_chain):
            return 0
        self._unchecked += closed
        return self.compare_closings()

    # Comparing

    def step(self) -> None:
        """After each: money and energy of all; after ten, everything."""
        self.steps += 1
        self.catch_up()
        self._compare_now()
        if self.steps % 10 == 0:
            self.compare_all()

    def _ask(self, contract: Deployed, function: str, *arguments: Any) -> list[int]:
        """A view's words; what asks is encoded once."""
        key = contract.name, function, arguments
        if key not in self._asked:
            self._asked[key] = contract.abi.function(function).encode(list(arguments))
        answer = self.chain.send(SUPPLIER, contract.address, self._asked[key], static=True)
        return [int.from_bytes(answer[at : at + 32]) for at in range(0, len(answer), 32)]

    def _compare_now(self) -> None:
        market, settlement = self.market, self.settlement
        cash, owed, fees, credits, _ = self._ask(settlement, "gridAccount")
        accounts = market.accounts
        assert (cash, fees, credits) == (market.cash, market.protocol_fees, market.credits)
        assert owed == sum(account.receivable for account in accounts.values())
        for name, account in accounts.items():
            _, word, owes, security = self._ask(settlement, "accountOf", self.address(name))
            found = word & 2**88 - 1, word >> 88 & 2**40 - 1, word >> 128 & 2**16 - 1
            assert found == (account.free, account.credits, account.day), name
            assert word >> 144 & 2**40 - 1 == account.deemed, name
            assert (owes & 2**88 - 1, owes >> 88) == (account.debt, account.receivable), name
            assert security == account.security
            number = self.numbers[name]
            (pending,) = self._ask(self.energy, "pendingOf", number)
            assert (pending + 2**255) % 2**256 - 2**255 == account.pending, name
            for day, amounts in self._waiting_of(name).items():
                assert self._ask(settlement, "dayMoneyOf", number, day) == amounts, (name, day)

    def _waiting_of(self, name: str) -> dict[int, list[int]]:
        """Income and cover of open days, summed again when there is more or less of it."""
        account, day_slots = self.market.accounts[name], self.rules.day_slots
        both = account.income, account.locked
        mark = account.day, *(len(money) for money in both), *(sum(m.values()) for m in both)
        known, waiting = self._waiting.get(name, ((), {}))
        if known != mark:
            waiting = {}
            for at, money in enumerate(both):
                for slot, amount in money.items():
                    waiting.setdefault(slot // day_slots, [0, 0])[at] += amount
            self._waiting[name] = mark, waiting
        return waiting

    def pot_of(self, name: str) -> int:
        """Income and cover that wait for closings."""
        return sum(sum(amounts) for amounts in self._waiting_of(name).values())

    def compare_slots(self, slots: Sequence[int]) -> None:
        """Positions of all accounts, and that they come to nothing; what meters and members did."""
        for slot in slots:
            total = 0
            for name, account in self.market.accounts.items():
                number = self.numbers[name]
                (word,) = self._ask(self.energy, "positionOf", number, slot)
                position = (word + 2**255) % 2**256 - 2**255
                assert position == account.position.get(slot, 0), (name, slot)
                total += position
                read, net = self._ask(self.energy, "netOf", number, slot)
                assert (net + 2**255) % 2**256 - 2**255 == account.net.get(slot, 0), (name, slot)
                if account.is_metered(slot):
                    assert read == (slot in account.read), (name, slot)
            assert total == 0
            for community, identity in self.community_ids.items():
                sums = self.market.communities[community]
                wanted = [sums.surplus.get(slot, 0), sums.deficit.get(slot, 0)]
                assert self._ask(self.energy, "sumsOf", identity, slot) == wanted

    def compare_all(self) -> None:
        """Every claim on the contract's money, rule 17 of what was closed, and all credits."""
        market, draws = self.market, Random(self.steps)
        self.compare_money()
        self.compare_account(draws.choice([*self.numbers]), draws)
        slots = range(self.slot - 200, self.slot + 15 * self.rules.day_slots)
        self.compare_slots((self.slot - 1, self.slot + 1, *draws.sample(slots, 3)))
        assert self.credits.totalSupply() == sum(market.tokens.values())
        for name in (*self.holders, _SPOT):
            holder = self.spot.address if name == _SPOT else self.address(name)
            assert self.credits.balanceOf(holder) == market.tokens[name]
        totals: Counter[str] = Counter()
        for name, day in self._unchecked:
            for slot in self.rules.slots(day):
                balance = market.accounts[name].balances[slot]
                assert balance.difference == 0, (name, slot)
                totals.update(vars(balance))
        self._unchecked.clear()
        gains = ("net", "position", "taken", "drawn", "from_grid")
        losses = ("given", "kept", "fed_in")
        assert sum(totals[each] for each in gains) == sum(totals[each] for each in losses)


class Book(TradingWorld):
    """The orders of a whole market. What they lock is not free in the model."""

    market: WholeModel

    def __init__(self, world: WholeWorld) -> None:
        full, self.world = world.full, world
        self.chain, self.rules, self.market = world.chain, world.rules, world.market
        self.keys, self.orders, self.signed = world.keys, [], []
        self.manager, self.settlement = full.manager, full["Settlement"]
        self.energy, self.trading = full["EnergyAccounts"], full["EnergyTrading"]
        self.trades: list[int] = []
        self.as_keeper("settleBatch")

    def money(self, order: Order, per_slot: int, price: int) -> int:
        """What an order needs at a price, in its trader's region."""
        slots, sell = self.slots(*order.period), order.side == SELL
        rate = self.market.rate(order.trader, slots, sell=sell, price=price)
        return per_slot * len(slots) * rate

    def probe(self) -> Market:
        """A copy whose money can be tried."""
        market = copy(self.market)
        market.accounts = {name: copy(account) for name, account in market.accounts.items()}
        market.queue = deque(market.queue)
        market.open_grid()
        return market

    def lock(self, market: Market, order: Order, per_slot: int, price: int, back: int = 0) -> None:
        """As Settlement: a seller's debt is paid by what was locked for its order."""
        refuse_if((order.trader, order.side) in self.market.blocked, "SideBlocked")
        super().lock(market, order, per_slot, price, back)
        account = market.accounts[order.trader]
        if account.debt:
            market._repay(account, 0)
            market._serve()
        if order.side == SELL:
            slots = self.slots(*order.period)
            fee = market.tariff(account, slots[0]).network_fee
            market.cash += per_slot * len(slots) * fee

    def is_closed(self, order: Order) -> bool:
        """By an emergency that lasts beyond the start of the order's period."""
        limits = self.world.limits(self.market.accounts[order.trader].region)
        closed = limits.selling_closed if order.side == SELL else limits.buying_closed
        return closed and order.start < limits.until

    def _hold(self, order: Order, per_slot: int, sign: int) -> int:
        money = self.money(order, per_slot, order.price)
        orders = self.market.orders
        orders[order.trader] = orders.get(order.trader, 0) + sign * money
        return money

    def both(self, of_model: Any, of_chain: Any) -> bool:
        """While stopped, only cancelling goes on."""
        refusal = None
        try:
            of_chain()
        except Reverted as reverted:
            refusal = reverted
        if refusal is not None and refusal.name == "EmergencyStop_Stopped":
            assert self.world.is_stopped("EnergyTrading")
            self.world.refusals["Stopped"] += 1
            return False

        def again() -> None:
            if refusal is not None:
                raise refusal

        done = super().both(of_model, again)
        name = refusal.name.rpartition("_")[2] if refusal is not None else ""
        self.world.refusals[name] += 1
        return done

    def place(self, name: str, *terms: Any, expiry: int) -> int:
        """What it locks leaves the free money."""
        number = super().place(name, *terms, expiry=expiry)
        if number:
            assert not self.world.is_stopped("EnergyTrading")
            order = self.orders[-1]
            self.market.accounts[name].free -= self._hold(order, order.amount, 1)
        return number

    def cancel(self, order_id: int, by: str) -> bool:
        """What is left comes back."""
        order = self.orders[order_id - 1]
        done = super().cancel(order_id, by)
        if done:
            money = self._hold(order, order.remaining, -1)
            self.market._receive(self.market.accounts[order.trader], money)
        return done

    def match(self, buy_id: int, sell_id: int) -> bool:
        """Not while stopped."""
        done = super().match(buy_id, sell_id)
        assert not (done and self.world.is_stopped("EnergyTrading"))
        if done:
            self._note()
        return done

    def settle_batch(
        self,
        period: tuple[int, int],
        price: int,
        signed: Sequence[Order],
        stored: Sequence[int],
        fills: Sequence[Fill],
    ) -> int:
        """Not while stopped."""
        if self.world.is_stopped("EnergyTrading"):
            batch = self.batch(period, price, signed, stored, fills)
            self.both(lambda: None, lambda: self.trading.settleBatch(batch, True, by=KEEPER))
            return 0
        count = super().settle_batch(period, price, signed, stored, fills)
        self._note()
        return count

    def trade(self, buy: Order, sell: Order, per_slot: int, price: int) -> None:
        """What on-chain orders have locked is free first."""
        for order in buy, sell:
            if not order.signature[0]:
                account = self.market.accounts[order.trader]
                account.free += self._hold(order, per_slot, -1)
                self.market._repay(account, 0)
        super().trade(buy, sell, per_slot, price)

    def _note(self) -> None:
        self.trades += [
            values["transaction_id"]
            for _, event, values in self.chain.logs
            if event == "OrdersMatched"
        ]


class Oracles(GridWorld):
    """The oracles of a whole market; the factors are the model's."""

    oracle_decimals = 6

    def __init__(self, world: WholeWorld) -> None:
        full, self.world = world.full, world
        self.chain, self.tariffs = world.chain, world.tariffs
        self.slot_seconds, self.max_age = world.rules.slot_seconds, _MAX_AGE
        self.price_oracle, self.weather_oracle = full["PriceOracle"], full["WeatherOracle"]
        self.grid_oracle, self.grid = full["GridOracle"], full["GridManagement"]
        for reporter in REPORTERS:
            full.manager.grantRole(0, reporter, 0, by=REGISTRAR)
        self.tariff_of, self.bands_of = world.market.tariffs, {}
        self.prices = Feed((price_quantity(2_000),), _QUORUM, _MAX_AGE)
        self.weather, self.states, self.emergencies = {}, {}, {}
        self.capacities, self._quorum = [0] * 7, _QUORUM
        self.factors = world.market.factors

    def report(self, call: Any, *values: Any) -> None:
        """By as many reporters as close a round."""
        for reporter in REPORTERS[:_QUORUM]:
            call(*values, reporter)

    def tariff_at(self, region: str, slot: int) -> Tariff:
        """As the model schedules it."""
        market = self.world.market
        return market.tariffs[region].at(market.rules.day_of(slot))
