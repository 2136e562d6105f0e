"""Energy accounts and communities on a chain beside the model.

Settlement and SmartMeter are played. What SmartMeter checks of devices and registers is the model's
here: a reading that the model takes is handed on as SmartMeter would, one that it refuses is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from tests.model.market import FOREVER, Account, Balance, Market, Refused, Tariff, moved
from tests.support.core.chain import Deployed, Reverted
from tests.support.core.tariff_suite import DAY, TariffWorld
from tests.support.core.tariff_suite import name as bytes32

__all__ = [
    "DAY",
    "DAYS",
    "METER",
    "EnergyWorld",
    "RecordingMarket",
    "boundary",
    "brought",
    "closed_day",
    "closing",
    "leg",
    "period",
]

METER = "0x" + 40 * "7"
DAYS = "0x" + 40 * "8"
"""SmartMeter and CommunityDays, which are played."""
AGREED, GAP_OPEN = 0, 1
_ZERO = "0x" + 40 * "0"


def boundary(slot: int, number: int, net: int) -> int:
    """A BoundaryWord."""
    return slot << 64 | number << 32 | net + 2**31


def closing(credits: int, deemed: int, keeps: bool) -> int:
    """An AccountWord's credits, mean and choice."""
    return 3 * keeps << 224 | deemed << 144 | credits << 88


def closed_day(closed: int, flows: int) -> dict[str, int]:
    """A ClosedDayWord and a DayFlowsWord."""
    fields = (
        (closed, ("money", 100), ("net", 40), ("position", 44), ("deemed", 40)),
        (flows, ("given", 40), ("kept", 40), ("fed_in", 40), ("", 8)),
        (flows >> 128, ("taken", 40), ("drawn", 40), ("from_grid", 40)),
    )
    found = {}
    for word, *parts in fields:
        for name, bits in parts:
            value, word = word & (1 << bits) - 1, word >> bits
            is_negative = name in ("money", "net", "position") and value >> bits - 1
            found[name] = value - (1 << bits) if is_negative else value
    assert not found.pop("")
    return found


def brought(balances: Sequence[Balance], money: int, deemed: int) -> dict[str, int]:
    """The same of the model's slots."""
    names = ("net", "position", "taken", "given", "drawn", "kept", "from_grid", "fed_in")
    sums = {name: sum(getattr(each, name) for each in balances) for name in names}
    return {"money": money, "deemed": deemed, **sums}


def leg(number: int, wh: int, *, sell: bool) -> int:
    """A LegWord."""
    return sell << 104 | wh << 32 | number


def period(slots: range, kind: int) -> int:
    """A PeriodWord."""
    return kind << 48 | len(slots) << 32 | slots.start


class RecordingMarket(Market):
    """It keeps what the last closing of a day brought."""

    brought = 0

    def _pay(self, name: str, money: int, day: int) -> None:
        self.brought = money
        super()._pay(name, money, day)

    def _charge(self, account: Account, money: int) -> None:
        self.brought = -money
        super()._charge(account, money)


class EnergyWorld(TariffWorld):
    """Accounts are numbered from 1 in the order in which they are opened."""

    def __init__(
        self, tariff: Tariff, credit_value: int, *, slot: int, max_age: int = 7200
    ) -> None:
        super().__init__(tariff, credit_value, slot=slot, max_age=max_age)
        self.market: RecordingMarket = RecordingMarket(self.rules, tariff, credit_value)
        chain = self.chain
        self.settlement: Deployed = chain.deploy("AccountDaysDouble")
        communities = chain.address_after(1)
        modules = (self.settlement.address, METER, communities, DAYS, self.tariffs.address)
        self.energy: Deployed = chain.deploy(
            "EnergyAccounts", self.manager.address, modules, self.rules.grace
        )
        self.settlement.setTarget(self.energy)
        self.as_settlement = Deployed(
            chain, "EnergyAccounts", self.settlement.address, self.energy.abi
        )
        others = (
            *(self.settlement.address, self.energy.address, self.tariffs.address),
            *(chain.address_after(1), _ZERO),
        )
        self.communities: Deployed = chain.deploy("Communities", others)
        self.meter: Deployed = chain.deploy("MeterDouble")
        self.numbers: dict[str, int] = {}
        self.community_ids: dict[str, int] = {}
        self._keeps: dict[tuple[int, int], bool] = {}

    def address(self, name: str) -> str:
        """Of an account."""
        return f"0x{0xACC000 + self.numbers[name]:040x}"

    def account(self, name: str) -> Account:
        """The model's."""
        return self.market.accounts[name]

    @property
    def slot(self) -> int:
        """The running one."""
        return self.now // self.rules.slot_seconds

    def open(self, name: str, money: int, region: str = "home") -> None:
        """An account with money."""
        self.numbers[name] = len(self.numbers) + 1
        self.market.open(name, self.now, region)
        self.market.deposit(name, money)
        self.settlement.setNumber(self.address(name), self.numbers[name])
        self.settlement.setCursor(self.numbers[name], self.account(name).day)

    def attach(self, name: str, rated: int, registers: tuple[int, int]) -> None:
        """A meter."""
        number, region = self.numbers[name], self.regions.index(self.account(name).region) + 1
        first = self.rules.tomorrow(self.now) * self.rules.day_slots
        try:
            self.market.attach(name, rated, registers, 0, self.now)
        except Refused as refusal:
            # Settlement refuses the security.
            if refusal.name != "InsufficientBalance":
                raise
            return
        self.energy.attach(number, region, first, rated, by=METER)

    def exchange(self, name: str, rated: int, new: tuple[int, int]) -> bool:
        """Another device; whether a meter is there."""
        number = self.numbers[name]
        try:
            self.market.exchange(name, rated, self.account(name).registers, new)
        except Refused:
            return False
        self.energy.setRatedPower(number, rated, by=METER)
        return True

    def detach(self, name: str) -> None:
        """The meter's end."""
        end = self.rules.tomorrow(self.now) * self.rules.day_slots
        self.both(
            lambda: self.market.detach(name, self.now),
            lambda: self.energy.detach(self.numbers[name], end, by=METER),
        )

    def release(self, name: str) -> bool:
        """Whether the meter is gone for good."""
        try:
            self.market.release_security(name, self.now)
        except Refused as refusal:
            self._compare_release(name, refusal.name)
            return False
        self.as_settlement.release(self.numbers[name])
        return True

    def _compare_release(self, name: str, refusal: str) -> None:
        """Days are Settlement's to check."""
        if refusal == "RegistersMissing":
            number = self.numbers[name]
            assert self._refusal(lambda: self.as_settlement.release(number)) == refusal

    def read(
        self, readings: Sequence[tuple[str, int, tuple[int, int]]], *, consent: bool = False
    ) -> int:
        """Boundary readings; how many the model has taken."""
        words: list[int] = []
        taken = 0
        for name, end, registers in readings:
            account, number = self.account(name), self.numbers[name]
            rise = moved(registers, account.registers, (0, 0))
            first, read_to = account.metered[0], account.read_to
            # Words go to the chain before the model's prices, keeps and cursor can change.
            try:
                self.market.read(name, end, registers, self.now, consent=consent)
            except Refused:
                continue
            taken += 1
            if end <= first:
                continue
            self._tell_keeps(name, max(read_to, first), end)
            if end == read_to + 1:
                words.append(boundary(end - 1, number, rise[1] - rise[0]))
                continue
            self._record(words)
            span = max(read_to, first), end
            self.energy.recordSpan(number, *span, *rise, by=METER)
        self._record(words)
        return taken

    def _record(self, words: list[int]) -> None:
        if words:
            self.energy.record(words, by=METER)
            words.clear()

    def _tell_debt(self, name: str) -> None:
        self.settlement.setDebt(self.address(name), self.account(name).debt)

    def _tell_keeps(self, name: str, from_slot: int, to_slot: int) -> None:
        number, dated = self.numbers[name], self.account(name).keeps
        for day in range(self.rules.day_of(from_slot), self.rules.day_of(to_slot - 1) + 1):
            keeps = dated.at(day)
            if self._keeps.get((number, day), False) != keeps:
                self._keeps[number, day] = keeps
                self.settlement.setKeeps(number, day, keeps)

    def trade(self, buyer: str, seller: str, slots: range, kind: int, wh: int, price: int) -> bool:
        """A match, unless the model refuses it."""
        words = [leg(self.numbers[buyer], wh, sell=False), leg(self.numbers[seller], wh, sell=True)]
        gaps = [self.market.gap_of(name, self.now) is not None for name in (buyer, seller)]
        try:
            self.market.trade(buyer, seller, slots, wh, price, self.now)
        except Refused as refusal:
            if refusal.name == "GapOpen":
                assert any(gaps)
            return False
        answers = self.as_settlement.book(period(slots, kind), words)
        for name, answer in zip((buyer, seller), answers, strict=True):
            self.compare_answer(name, answer)
        return True

    def consume(self, name: str, wh: int) -> None:
        """In the running slot."""
        try:
            self.market.consume(name, wh, self.now)
        except Refused:
            return
        self.as_settlement.declare(self.numbers[name], self.slot, wh)

    def metered(self, name: str, *, rated: int = 16_000, region: str = "home") -> int:
        """The number of a new account, whose meter speaks from tomorrow on."""
        self.open(name, 10**12, region)
        self.attach(name, rated, (0, 0))
        return self.numbers[name]

    def found(self, name: str, theta: int, region: str = "home") -> None:
        """A community, whose manager is the account authority."""
        self.market.found(name, theta, region)
        self.community_ids[name] = len(self.community_ids) + 1
        self.communities.create(bytes32(region), theta, self.authority)

    def join(self, name: str, community: str) -> str:
        """The refusal, if any.

        Only the chain refuses changes before an earlier one is closed, and accounts that never had
        a meter.
        """
        self._tell_debt(name)
        refusal = self._refusal(
            lambda: self.communities.join(self.community_ids[community], by=self.address(name))
        )
        if refusal == "OtherRegion" and not self.energy.regionOf(self.numbers[name])[0]:
            return refusal
        if refusal in ("", "IsMember", "OtherRegion", "NoMeter", "InDebt"):
            self.both(lambda: self.market.join(name, community, self.now), lambda: _refuse(refusal))
        return refusal

    def leave(self, name: str, *, suspended: bool = False) -> str:
        """The refusal, if any."""
        account = self.account(name)
        self._tell_debt(name)
        if suspended:
            refusal = self._refusal(lambda: self.communities.suspend(self.address(name)))
        else:
            refusal = self._refusal(lambda: self.communities.leave(by=self.address(name)))
        if refusal == "NotMember":
            day = self.rules.beyond_horizon(self.now)
            assert account.community.at(day) is None
        if refusal in ("", "NoDebt"):
            end = self.market.suspend if suspended else self.market.leave
            self.both(lambda: end(name, self.now), lambda: _refuse(refusal))
        return refusal

    def set_theta(self, community: str, theta: int, day: int) -> None:
        """From a day on."""
        number = self.community_ids[community]
        refusal = self._refusal(
            lambda: self.communities.setTheta(number, theta, day, by=self.authority)
        )
        self.both(
            lambda: self.market.set_theta(community, theta, day, self.now),
            lambda: _refuse(refusal),
        )

    def prolong(self, slots: range, seconds: int) -> None:
        """An outage."""
        refusal = self._refusal(
            lambda: self.energy.prolong(slots.start, slots.stop, seconds, by=self.authority)
        )
        self.both(
            lambda: self.market.prolong(slots.start, slots.stop, seconds, self.now),
            lambda: _refuse(refusal),
        )

    @staticmethod
    def _refusal(call: Any) -> str:
        try:
            call()
        except Reverted as refusal:
            return refusal.name.removeprefix("Communities_").removeprefix("EnergyAccounts_")
        return ""

    def close_day(self, names: Sequence[str], day: int) -> None:
        """Of accounts whose cursors stand there; the day is final."""
        expected = []
        assert self.energy.isDayFinal(day)
        for name in names:
            account = self.account(name)
            assert account.day == day
            keeps = account.keeps.at(day)
            word = closing(account.credits, account.deemed, keeps)
            self.settlement.setWord(self.numbers[name], word)
        for name in names:
            account = self.account(name)
            self.market.brought = 0
            self.market.close([name], day, self.now)
            balances = [account.balances[slot] for slot in self.rules.slots(day)]
            expected.append(brought(balances, self.market.brought, account.deemed))
        results = self.close_numbers([self.numbers[name] for name in names], day)
        for name, wanted in zip(names, expected, strict=True):
            assert results.pop(self.numbers[name]) == wanted, (name, day)
        assert not results

    def close_numbers(self, numbers: Sequence[int], day: int) -> dict[int, dict[str, int]]:
        """What a day brought, by account number."""
        self.as_settlement.closeThrough(numbers, day)
        told = [values["words"] for _, event, values in self.chain.logs if event == "DayClosed"]
        words = [word for each in told for word in each]
        rows = zip(words[::2], words[1::2], strict=True)
        return {closed >> 224: closed_day(closed, flows) for closed, flows in rows}

    def close_all(self, draws: Random) -> int:
        """All that is final, in one call a day; how many days of accounts."""
        closed = 0
        day = min(account.day for account in self.market.accounts.values())
        while all(self.market.is_final(slot, self.now) for slot in self.rules.slots(day)):
            names = [name for name in self.numbers if self.account(name).day == day]
            draws.shuffle(names)
            self.close_day(names, day)
            closed += len(names)
            day += 1
        assert not self.energy.isDayFinal(day)
        return closed

    # Comparing

    def compare_answer(self, name: str, answer: int) -> None:
        """An AgreedWord."""
        account = self.account(name)
        gap = self.market.gap_of(name, self.now)
        assert answer >> 48 & 0xFF == (AGREED if gap is None else GAP_OPEN)
        first, end = account.metered
        days = first // self.rules.day_slots, min(end // self.rules.day_slots, 2**16 - 1)
        assert (answer >> 16 & 0xFFFF, answer >> 32 & 0xFFFF) == days
        region = answer & 0xFFFF
        assert region in (0, self.regions.index(account.region) + 1)
        assert region or account.metered == (0, 0)
        assert answer >> 56 == max(0, account.pending)

    def compare_account(self, name: str, draws: Random) -> None:
        """All that is known of an account, and some of its slots."""
        account, number, energy = self.account(name), self.numbers[name], self.energy
        assert energy.pendingOf(number) == account.pending
        assert energy.unreadOf(number) == (account.unread_days, account.gap, account.deemed_money)
        assert energy.meteredOf(number) == account.metered
        gap = self.market.gap_of(name, self.now)
        is_open, newest = energy.gapOf(number)
        assert is_open == (gap is not None)
        is_last = newest + 1 == account.metered[1]
        assert is_last or self.market.is_final(newest, self.now)
        is_newest = not self.market.is_final(newest + 1, self.now)
        assert is_last or is_newest or self.market.outage[1] > newest
        assert not is_open or newest == gap
        self.compare_answer(name, energy.stateOf(number))
        for back in (draws.randint(-3, 3), draws.randint(0, 60), draws.randint(-200, 3000)):
            self.compare_slot(name, max(self.slot - back, account.metered[0] - 3))

    def compare_slot(self, name: str, slot: int) -> None:
        """One slot of an account and of its community."""
        account, number, market = self.account(name), self.numbers[name], self.market
        assert self.energy.isFinal(slot) == market.is_final(slot, self.now)
        assert self.energy.positionOf(number, slot) == account.position.get(slot, 0)
        read, net = self.energy.netOf(number, slot)
        assert net == account.net.get(slot, 0)
        if account.is_metered(slot):
            assert read == (slot in account.read)
        for community, identity in self.community_ids.items():
            sums = market.communities[community]
            wanted = sums.surplus.get(slot, 0), sums.deficit.get(slot, 0)
            assert self.energy.sumsOf(identity, slot) == wanted
        if account.day <= self.rules.day_of(slot):
            taken, given = market.shared(account, slot) if slot in account.net else (0, 0)
            wanted_energy = (read, net, account.position.get(slot, 0), taken, given)
            assert tuple(self.energy.energyOf(self.address(name), slot)) == wanted_energy

    def speaks(self, name: str) -> bool:
        """Whether a meter is attached."""
        return self.account(name).metered[1] == FOREVER


def _refuse(name: str) -> None:
    if name:
        raise Reverted(name, ())
