"""Rules 1 to 5: accounts, metering points, registers."""

from __future__ import annotations

from tests.model.market.missing import Missing
from tests.model.market.terms import DAY, FOREVER, Account, moved, refuse_if, shareable, up

__all__ = ["Registers"]


class Registers(Missing):
    """Money in and out, meters, boundary readings, outages."""

    def open(self, name: str, now: int, region: str = "home") -> Account:
        """An account without a meter."""
        self.accounts[name] = Account(region=region, day=now // self.rules.day_seconds)
        return self.accounts[name]

    def attach(
        self, name: str, rated: int, registers: tuple[int, int], security: int, now: int
    ) -> None:
        """Tie a settlement meter to an account, from the next day on."""
        account, first = self.accounts[name], self.rules.tomorrow(now) * self.rules.day_slots
        refuse_if(account.metered != (0, 0), "HasMeter", name)
        self._require_free(name, security, now)
        account.free -= security
        account.security, account.rated = security, rated
        account.registers = account.registered = registers
        account.metered = (first, FOREVER)
        account.read_to = account.own_to = now // self.rules.slot_seconds
        account.exchanged = (0, 0)
        # Until the meter has spoken.
        account.deemed = self._first_deemed(account)

    def exchange(
        self, name: str, rated: int, final: tuple[int, int], initial: tuple[int, int]
    ) -> None:
        """Another device at the same connection: it goes on where the old one ended."""
        account = self.accounts[name]
        refuse_if(account.metered[1] != FOREVER, "NoMeter", name)
        refuse_if(rated > account.rated, "PowerAbove", rated, account.rated)
        rise = moved(final, account.registers, (0, 0))
        refuse_if(min(rise) < 0, "RegisterDecreased", final)
        account.registers = moved(account.registers, final, initial)
        account.registered = moved(account.registered, final, initial)
        account.exchanged = moved(account.exchanged, final, initial)
        account.rated = rated

    def detach(self, name: str, now: int) -> None:
        """The meter speaks for no slot from the next day on."""
        account, end = self.accounts[name], self.rules.tomorrow(now) * self.rules.day_slots
        refuse_if(account.metered[1] != FOREVER, "NoMeter", name)
        account.metered = (min(account.metered[0], end), end)

    def release_security(self, name: str, now: int) -> None:
        """The deposit of a meter that is gone, when all its days are closed.

        Its last register must be there, or 30 days have passed without it.
        """
        account, (first, end) = self.accounts[name], self.accounts[name].metered
        closed = account.day * self.rules.day_slots
        refuse_if(closed < end, "DaysOpen", name, account.day)
        open_from = end * self.rules.slot_seconds + self.rules.gap
        is_missing = first < end and end - 1 not in account.read
        refuse_if(is_missing and now < open_from, "RegistersMissing", name, open_from)
        security, account.security = account.security, 0
        account.metered, account.registered = (0, 0), account.registers
        account.deemed = account.deemed_money = account.late_net = 0
        self._receive(account, security)

    def deposit(self, name: str, amount: int) -> None:
        """Money from outside, in thousandths; it pays a debt first."""
        self.came_in += amount
        self._receive(self.accounts[name], amount)

    def withdraw(self, name: str, amount: int, now: int) -> None:
        """Money to outside: what open days may cost stays."""
        account = self.accounts[name]
        self._require_no_gap(name, now)
        self._require_free(name, amount, now)
        account.free -= amount
        self.came_in -= amount

    def prolong(self, first: int, end: int, seconds: int, now: int) -> None:
        """An outage: the slots from ``first`` to before ``end`` are final later."""
        rules = self.rules
        refuse_if(seconds <= 0, "NothingProlonged")
        refuse_if(seconds > rules.max_extension, "TooLong", seconds)
        latest = (now + DAY) // rules.slot_seconds
        refuse_if(first > latest, "TooFarAhead", first, latest)
        is_range = 0 < end - first <= rules.max_extension // rules.slot_seconds
        refuse_if(not is_range, "BadRange", first, end)
        old = self.outage[1] - 1
        refuse_if(old >= 0 and not self.is_final(old, now), "OutageOpen", old)
        refuse_if(self.is_final(first, now), "SlotFinal", first)
        self.outage = (first, end, seconds)

    def read(
        self, name: str, end: int, registers: tuple[int, int], now: int, *, consent: bool = False
    ) -> None:
        """A boundary reading: import and export registers when slot ``end`` begins.

        What the slot before was is known by it; a reading that skips others needs the holder's
        consent, or 30 days.
        """
        account, rules = self.accounts[name], self.rules
        refuse_if(end > account.metered[1], "NoMeter", name, end)
        refuse_if(end * rules.slot_seconds > now, "FromFuture", end)
        refuse_if(end <= account.own_to, "NotNewer", end, account.own_to)
        refuse_if(not self._is_readable(account, end), "ReadByGateway", name, end)
        due = max(account.read_to + 1, account.metered[0])
        anyone = due * rules.slot_seconds + rules.gap
        refuse_if(end > due and not consent and now < anyone, "Skipped", end, anyone)
        self._follow(account, end, registers, now)
        account.own_to = end

    def _is_readable(self, account: Account, end: int) -> bool:
        """Whether boundary readings count: not in a day that was closed as a gateway has read it,
        nor in one that may still be."""
        day_slots, first = self.rules.day_slots, max(account.own_to, account.metered[0])
        if first < min(end, account.settled_to * day_slots):
            return False
        open_days = range(max(first // day_slots, account.day), up(end, day_slots))
        return end <= first or not any(self.is_by_gateway(account, day) for day in open_days)

    def _follow(
        self,
        account: Account,
        end: int,
        registers: tuple[int, int],
        now: int,
        *,
        spans: bool = False,
    ) -> None:
        """Newer registers, when slot ``end`` begins, of one slot or of a span."""
        rules, first = self.rules, account.metered[0]
        imported, exported = moved(registers, account.registers, (0, 0))
        refuse_if(min(imported, exported) < 0, "RegisterDecreased", registers)
        most = account.rated * rules.slot_seconds * (end - account.read_to) // 3600
        refuse_if(imported + exported > most, "Implausible", imported + exported, most)
        span = range(max(account.read_to, first), end)
        in_order = end == account.read_to + 1
        account.read_to, account.registers = end, registers
        account.read.add(end - 1)
        if end <= first:
            account.registered = registers
            return
        if spans or not in_order:
            self._charge_span(account, span, imported, exported)
        elif self.is_final(span[0], now):
            self._charge_late(account, span[0], exported - imported)
        else:
            self._meter(account, span[0], exported - imported)
        self._catch_up(account, end)

    def _catch_up(self, account: Account, end: int) -> None:
        """What was deemed is given back once registers have reached the closed days."""
        if end >= min(account.day * self.rules.day_slots, account.metered[1]):
            account.pending -= account.deemed_money
            account.deemed_money = account.gap = account.unread_days = 0

    def _meter(self, account: Account, slot: int, net: int) -> None:
        account.net[slot] = net
        if community := self.community_of(account, slot):
            surplus, deficit = shareable(net, account.position[slot])
            community.surplus[slot] += surplus
            community.deficit[slot] += deficit
