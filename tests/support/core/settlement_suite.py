"""Settlement with the real tariffs, energy accounts and communities on a chain, beside the model.

SmartMeter, EnergyTrading, GridManagement and PeerToPeerTrading are played. The model's money is
exact; deposits and withdrawals are whole base units here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from eth_utils.crypto import keccak

from tests.model.market import Account, Refused, Rules, Tariff, plus, refuse_if
from tests.support.core.chain import Deployed, Reverted, refused
from tests.support.core.energy_suite import (
    DAY,
    DAYS,
    METER,
    EnergyWorld,
    RecordingMarket,
    brought,
    closed_day,
)
from tests.support.core.meter_suite import REFUSALS_OF
from tests.support.core.tariff_suite import GRID, TariffWorld

__all__ = [
    "DAY",
    "EXACT",
    "GRID",
    "REASONS",
    "SAID_FOR",
    "SPOT",
    "SUPPLIER",
    "TRADING",
    "SettlementMarket",
    "SettlementWorld",
    "account_word",
    "leg",
    "period",
]

TRADING = "0x" + 40 * "a"
SPOT = "0x" + 40 * "b"
SUPPLIER = "0x" + 40 * "c"
REASONS = (
    "",
    "BelowFloor",
    "SideBlocked",
    "InDebt",
    "GapOpen",
    "PositionTooLarge",
    "OtherRegion",
    "InsufficientBalance",
)
EXACT = 1000
SAID_FOR = {
    **REFUSALS_OF,
    # A device whose meter is gone; an account without one, which cannot join a community.
    "NoMeter": (*REFUSALS_OF["NoMeter"], "NoMeter"),
    "HasMeter": ("HasMeter", "SecurityTaken"),
    "TokensMissing": ("ERC20InsufficientBalance",),
}
"""Where the chain says it otherwise than the model, or in more words."""
_ZERO = "0x" + 40 * "0"
_WINDOW = 100 * DAY
_DELAY = 3 * DAY


def leg(number: int, wh: int, *, sell: bool, locked: int | None = None, nonce: int = 0) -> int:
    """A LegWord: with what a Wh in each slot has locked, of an on-chain order."""
    stored = locked is not None
    return (locked or 0) << 112 | stored << 105 | sell << 104 | nonce << 64 | wh << 32 | number


def period(slots: range, kind: int, price: int) -> int:
    """A PeriodWord."""
    return price << 56 | kind << 48 | len(slots) << 32 | slots.start


def account_word(word: int) -> dict[str, int]:
    """Fields of an AccountWord."""
    fields = (
        ("free", 88),
        ("credits", 40),
        ("day", 16),
        ("deemed", 40),
        ("floor", 40),
        ("keeps", 1),
        ("next_keeps", 1),
        ("keeps_from", 16),
        ("owes", 1),
        ("may_not_buy", 1),
        ("may_not_sell", 1),
        ("by_gateway", 1),
        ("reach", 10),
    )
    found = {}
    for name, bits in fields:
        found[name] = word & (1 << bits) - 1
        word >>= bits
    return found


class SettlementMarket(RecordingMarket):
    """The model, what is locked for on-chain orders, and what closed days brought."""

    def __init__(self, rules: Rules, tariff: Tariff, credit_value: int) -> None:
        super().__init__(rules, tariff, credit_value)
        self.orders: dict[str, int] = {}
        self.closed: dict[tuple[str, int], dict[str, int]] = {}

    def _close_day(self, name: str, account: Account, day: int) -> None:
        super()._close_day(name, account, day)
        balances = [account.balances[slot] for slot in self.rules.slots(day)]
        self.closed[name, day] = brought(balances, self.brought, account.deemed)

    def rate(self, name: str, slots: range, *, sell: bool, price: int) -> int:
        """What leaves the free money for each Wh of a trade."""
        if not sell:
            return price
        tariffs = [self.tariff(self.accounts[name], slot) for slot in slots]
        left = price - tariffs[0].fees
        return max(plus(each.max_buy - plus(left)) for each in tariffs) + plus(-left)

    def lock(self, name: str, slots: range, wh: int, price: int, now: int, *, sell: bool) -> int:
        """For an on-chain order; for each Wh."""
        account = self.accounts[name]
        refuse_if(not sell and account.debt > 0, "InDebt", name, account.debt)
        rate = self.rate(name, slots, sell=sell, price=price)
        money = wh * len(slots) * rate
        self._require_no_gap(name, now)
        self._require_free(name, money, now)
        account.free -= money
        self.orders[name] = self.orders.get(name, 0) + money
        return rate

    def unlock(self, name: str, money: int) -> None:
        """What was locked."""
        self.orders[name] -= money
        self._receive(self.accounts[name], money)


class SettlementWorld(EnergyWorld):
    """All money is real on both sides."""

    market: SettlementMarket
    refusals: Counter[str]
    """How often both did it, or refused it by which error."""

    def __init__(
        self,
        tariff: Tariff,
        credit_value: int,
        *,
        slot: int,
        outflow: int = 10**15,
        allowance: int = 0,
        cap: int = 0,
        forwarder: str = _ZERO,
        token: Sequence[Any] = ("TestDollar", _ZERO),
    ) -> None:
        TariffWorld.__init__(self, tariff, credit_value, slot=slot, max_age=7200)
        self.market = SettlementMarket(self.rules, tariff, credit_value)
        chain, manager = self.chain, self.manager.address
        self.token: Deployed = chain.deploy(*token)
        addresses = [chain.address_after(number) for number in range(4)]
        settlement, energy, communities, credits = addresses
        modules = (
            *(TRADING, SPOT, METER, DAYS, GRID, energy),
            *(self.tariffs.address, credits, forwarder),
        )
        parameters = (slot, _WINDOW, _DELAY, allowance, cap)
        self.settlement: Deployed = chain.deploy(
            "Settlement", manager, self.token.address, modules, parameters, outflow
        )
        of_energy = (settlement, METER, communities, DAYS, self.tariffs.address)
        self.energy: Deployed = chain.deploy("EnergyAccounts", manager, of_energy, self.rules.grace)
        of_communities = (settlement, energy, self.tariffs.address, METER, _ZERO)
        self.communities: Deployed = chain.deploy("Communities", of_communities)
        self.credits: Deployed = chain.deploy("EnergyToken", settlement)
        self.refusals = Counter()
        self.numbers: dict[str, int] = {}
        self.community_ids: dict[str, int] = {}
        self.pay(SUPPLIER, 0)

    def both(  # type: ignore[override]
        self, of_model: Any, of_chain: Any, **only: bool
    ) -> str:
        """The same call of both: both do it, or both refuse it by the same error; its name.

        ``only`` says which errors of the chain, which the model does not know, are due.
        """
        said = expected = ""
        try:
            of_chain()
        except Reverted as refusal:
            said = refusal.name.rpartition("_")[2]
        assert said or not any(only.values()), only
        if not only.get(said):
            try:
                of_model()
            except Refused as refused_:
                expected = refused_.name
            assert said in SAID_FOR.get(expected, (expected,)), (expected, said)
        self.refusals[said] += 1
        return said

    def pay(self, payer: str, amount: int) -> None:
        """Give somebody settlement tokens, and Settlement an allowance."""
        while amount > 0:
            self.token.faucet(min(amount, 10**10), by=payer)
            amount -= 10**10
        self.token.approve(self.settlement.address, 2**256 - 1, by=payer)

    def conjure(self, token: Deployed, holder: str, amount: int) -> None:
        """Tokens out of nowhere, for a holder that never had any."""
        balance_at = keccak(bytes.fromhex(holder[2:]).rjust(32, b"\0") + bytes(32))
        self.chain.evm.insert_account_storage(
            token.address, int.from_bytes(balance_at, "big"), amount
        )

    # Accounts

    def open(self, name: str, money: int, region: str = "home") -> None:
        """An account with money, in base units."""
        self.numbers[name] = len(self.numbers) + 1
        self.market.open(name, self.now, region)
        self.deposit(name, money)

    def deposit(self, name: str, money: int) -> None:
        """In base units."""
        self.pay(self.address(name), money)
        self.market.deposit(name, money * EXACT)
        self.settlement.deposit(money, by=self.address(name))

    def attach(self, name: str, rated: int, registers: tuple[int, int], security: int = 1) -> None:
        """A meter."""
        number, region = self.numbers[name], self.regions.index(self.account(name).region) + 1
        first = self.rules.tomorrow(self.now) * self.rules.day_slots
        refusal = self.both(
            lambda: self.market.attach(name, rated, registers, security * EXACT, self.now),
            lambda: self.settlement.takeSecurity(number, security, rated, by=METER),
        )
        if not refusal:
            self.energy.attach(number, region, first, rated, by=METER)

    def release(self, name: str) -> bool:
        """Whether the meter is gone for good."""
        if not self.account(name).security:
            return False
        return not self.both(
            lambda: self.market.release_security(name, self.now),
            lambda: self.settlement.releaseSecurity(self.address(name)),
        )

    def _tell_debt(self, name: str) -> None:
        """Settlement knows."""

    def _tell_keeps(self, name: str, from_slot: int, to_slot: int) -> None:
        """Settlement knows."""

    def set_keeps(self, name: str, keeps: bool) -> None:
        """The chain refuses a choice before an earlier one has been reached."""
        refusal = self._refusal(lambda: self.settlement.setKeeps(keeps, by=self.address(name)))
        if not refusal:
            self.market.set_keeps(name, keeps, self.now)
            return
        assert refusal == "Settlement_KeepsPending"
        dated, day = self.account(name).keeps, self.account(name).day
        assert dated.at(day) != dated.at(self.rules.tomorrow(self.now))

    def withdraw(self, name: str, amount: int) -> str:
        """In base units, below the outflow limit."""
        address = self.address(name)
        return self.both(
            lambda: self.market.withdraw(name, amount * EXACT, self.now),
            lambda: self.settlement.withdraw(amount, SUPPLIER, by=address),
        )

    # Credits and the grid account

    def redeem(self, name: str, wh: int) -> str:
        """Credits for money."""
        return self.both(
            lambda: self.market.redeem(name, wh, self.now),
            lambda: self.settlement.redeem(wh, by=self.address(name)),
        )

    def withdraw_credits(self, name: str, wh: int) -> str:
        """Credits for tokens."""
        return self.both(
            lambda: self.market.withdraw_credits(name, wh, self.now),
            lambda: self.settlement.withdrawCredits(wh, by=self.address(name)),
        )

    def deposit_credits(self, name: str) -> None:
        """All tokens of a holder."""
        wh = self.market.tokens[name]
        assert self.credits.balanceOf(self.address(name)) == wh
        if wh:
            self.both(
                lambda: self.market.deposit_credits(name, name, wh, self.now),
                lambda: self.settlement.depositCredits(wh, by=self.address(name)),
            )

    def fund(self, amount: int) -> None:
        """The supplier's money, in base units."""
        self.pay(SUPPLIER, amount)
        self.market.fund_grid(amount * EXACT)
        self.settlement.fundGrid(amount, by=SUPPLIER)
        self.catch_up()

    def collect(self, amount: int, **only: bool) -> str:
        """Protocol fees first, which the model never pays out."""
        market = self.market
        fees = min(market.protocol_fees, amount * EXACT)

        def of_model() -> None:
            if amount * EXACT > fees:
                market.collect(amount * EXACT - fees, self.now)
            market.protocol_fees -= fees
            market.came_in -= fees

        return self.both(
            of_model,
            lambda: self.settlement.collect(amount, SUPPLIER, by=self.authority),
            **only,
        )

    # Trades

    def trade(  # type: ignore[override]
        self, buyer: str, seller: str, slots: range, kind: int, wh: int, price: int
    ) -> str:
        """A match of signed orders; the refusal, if any."""
        legs = [leg(self.numbers[buyer], wh, sell=False), leg(self.numbers[seller], wh, sell=True)]
        try:
            self.market.trade(buyer, seller, slots, wh, price, self.now)
            refusal = ""
        except Refused as said:
            refusal = said.name
            name = said.values[0]
        try:
            self.settlement.book(period(slots, kind, price), legs, by=TRADING)
        except Reverted as reverted:
            error = reverted.name, dict(reverted.values[0])
        else:
            assert not refusal
            self.catch_up()
            return ""
        assert error[0] == "Settlement_LegsRefused"
        assert REASONS[error[1][0 if name == buyer else 1]] == refusal
        return refusal

    def lock(self, name: str, slots: range, kind: int, wh: int, price: int, *, sell: bool) -> int:
        """Money of an on-chain order; how much, 0 if both refuse it."""
        number, word, rates = self.numbers[name], period(slots, kind, price), []

        def of_model() -> None:
            rates.append(self.market.lock(name, slots, wh, price, self.now, sell=sell))

        def of_chain() -> None:
            rates.append(self.settlement.lockOrder(number, word, sell, wh, by=TRADING))

        if self.both(of_model, of_chain):
            return 0
        assert rates[0] == rates[1]
        return wh * len(slots) * int(rates[0])

    def unlock(self, name: str, money: int) -> None:
        """What was locked."""
        self.market.unlock(name, money)
        self.settlement.unlockOrder(self.numbers[name], money, by=TRADING)
        self.catch_up()

    def consume(self, name: str, wh: int) -> None:
        """In the running slot."""
        limit = 2**32 - 1
        self.both(
            lambda: self.market.consume(name, wh, self.now),
            lambda: self.settlement.consume(self.address(name), wh, limit, by=GRID),
        )

    # Closing

    def close(self, names: Sequence[str], through: int) -> int:
        """Of accounts; how many days. The events say what each brought."""
        addresses = [self.address(name) for name in names]
        self.market.closed.clear()
        closed = self.market.close(names, through, self.now)
        if closed:
            self.settlement.closeThrough(addresses, through)
            assert self.compare_closings() == closed
            self.catch_up()
            return closed
        with refused("Settlement_NothingToClose", through):
            self.settlement.closeThrough(addresses, through)
        return 0

    def compare_closings(self) -> int:
        """What the last call's events say of closed days; how many."""
        logs = [values for _, event, values in self.chain.logs if event == "DayClosed"]
        found = {
            (values["account"].lower(), values["day"]): closed_day(
                values["closed"], values["flows"]
            )
            for values in logs
        }
        assert found == {
            (self.address(name).lower(), day): wanted
            for (name, day), wanted in self.market.closed.items()
        }
        assert len(logs) == len(found)
        return len(logs)

    def catch_up(self) -> None:
        """Anybody serves what no call before had turns for."""
        cash, _, _, _, entries = self.settlement.gridAccount()
        assert (bool(cash and entries), entries) == (
            bool(self.market.cash and self.market.queue),
            len(self.market.queue),
        )
        if cash and entries:
            self.settlement.serve(1000)
            self.market.serve(1000)

    # Comparing

    def compare_money(self, *, identities: bool = True) -> None:
        """Everything, and that the contract holds it. The model's identities take long: they look
        at all that ever was."""
        market, settlement = self.market, self.settlement
        cash, owed, fees, credits, _ = settlement.gridAccount()
        accounts = market.accounts
        assert (cash, fees, credits) == (market.cash, market.protocol_fees, market.credits)
        assert owed == sum(account.receivable for account in accounts.values())
        total = cash + fees + sum(market.orders.values()) + self.leaving()
        for name, account in accounts.items():
            total += self._compare_one(name, account)
        assert total == self.token.balanceOf(settlement.address) * EXACT
        if identities:
            market.came_in -= sum(market.orders.values())
            market.check()
            market.came_in += sum(market.orders.values())

    def leaving(self) -> int:
        """What queued withdrawals wait for."""
        return 0

    def _compare_one(self, name: str, account: Account) -> int:
        number, word, owed, security = self.settlement.accountOf(self.address(name))
        found = account_word(word)
        assert number == self.numbers[name]
        assert found["free"] == account.free, name
        assert found["credits"] == account.credits
        assert found["day"] == account.day
        assert found["deemed"] == account.deemed
        assert (owed & 2**88 - 1, owed >> 88) == (account.debt, account.receivable)
        assert found["owes"] == bool(account.debt or account.receivable)
        assert security == account.security
        pot = 0
        days = {self.rules.day_of(slot) for slot in (*account.income, *account.locked)}
        for day in range(account.day, max((*days, account.day)) + 9):
            income, cover = self.settlement.dayMoneyOf(number, day)
            slots = self.rules.slots(day)
            assert income == sum(account.income.get(slot, 0) for slot in slots), (name, day)
            assert cover == sum(account.locked.get(slot, 0) for slot in slots), (name, day)
            pot += income + cover
        day = self.today
        for each in (day - 40, day - 8, day - 1, day, day + 1):
            assert self.settlement.keepsAt(number, each) == account.keeps.at(each)
        return account.free + account.security + pot
