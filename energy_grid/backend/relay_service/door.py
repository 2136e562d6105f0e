"""The door of the relay: which calls it takes from anybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, insert, select, update

from energy_grid.backend.relay_service.budget import LEAST_GAS, RelayBudget, RelayLimits
from energy_grid.backend.relay_service.calls import (
    RelayState,
    id_of,
    lock,
    values_of,
    waiting,
)
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.relays import RELAYED_CALLS
from energy_grid.client import EnergyGrid
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.errors import EnergyGridError, InputError
from energy_grid.market.relays import SignedCall

__all__ = ["RelayDoor", "RelayOrderError", "RelayQuotaError"]

# Calls of one account without an end.
_MOST_WAITING = 8
# What is signed for longer would lie in the store for as long.
_LONGEST_SECONDS = 7 * DAY_SECONDS
_SOON_SECONDS = 60
_NEVER_SENT = (RelayState.EXPIRED, RelayState.REFUSED)


class RelayOrderError(EnergyGridError):
    """A call has another nonce than the next one of its account; the message says what to do."""


class RelayQuotaError(EnergyGridError):
    """The relay takes no more of this account, or of all, for now.

    Attributes:
        seconds: when to try again.
    """

    def __init__(self, why: str, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(why)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What the chain says of a call.

    Attributes:
        now: its time.
        due: the nonce of the account's next call.
        gas: the limit that it needs; the least of all if its turn is to come.
    """

    now: int
    due: int
    gas: int
    is_stranger: bool


class RelayDoor:
    """Takes calls into the store, for the relay's service.

    Args:
        market: may be shared; nothing is sent.
    """

    def __init__(self, market: EnergyGrid, database: Database, limits: RelayLimits) -> None:
        self._market, self._database, self._limits = market, database, limits
        # The gas of strangers by who brought them, today. Not in the store: who asks from where is
        # nobody's business for longer.
        self._day, self._asked = 0, Counter[str]()

    def submit(self, signed: SignedCall, asker: str) -> RowMapping:
        """Take a call. The same one again changes nothing, unless it was never sent: then its
        turn comes again.

        Args:
            asker: the network address that brings it.

        Returns:
            its row of `RELAYED_CALLS`.

        Raises:
            InputError: it is no call for a relay.
            ContractError: it would revert.
            RelayOrderError: the account has to make or sign another one first.
            RelayQuotaError: its gas is used up, or too many wait.
        """
        self._market.check_signed(signed)
        name, account = id_of(signed), signed.request.from_
        with self._database.reading() as connection:
            found = self._row(connection, name)
            before = waiting(connection, account)
        if found is not None and found["state"] not in _NEVER_SENT:
            return found
        seen = self._look(signed, before)
        with self._database.writing() as connection:
            lock(connection)
            found = self._row(connection, name)
            if found is not None and found["state"] not in _NEVER_SENT:
                return found
            self._require_turn(connection, signed, seen.due)
            self._require_gas(connection, account, seen, asker)
            values = {
                **values_of(signed),
                "received_at": seen.now,
                "state": RelayState.RECEIVED,
                "detail": None,
                "gas": seen.gas,
                "is_stranger": seen.is_stranger,
                "counted_at": None,
            }
            if found is None:
                connection.execute(insert(RELAYED_CALLS).values(values))
            else:
                again = update(RELAYED_CALLS).where(RELAYED_CALLS.c.id == name)
                connection.execute(again.values(values))
            found = self._row(connection, name)
        assert found is not None
        return found

    def find(self, name: str) -> RowMapping | None:
        """The row of a call, by its id."""
        with self._database.reading() as connection:
            return self._row(connection, name)

    def _look(self, signed: SignedCall, before: Sequence[RowMapping]) -> _Seen:
        market, request = self._market, signed.request
        now, due = market.node.time, market.nonce_of(signed)
        if request.deadline <= now:
            raise InputError("the deadline of the call is over: sign it again")
        if request.deadline > now + _LONGEST_SECONDS:
            raise InputError("the deadline of the call is more than 7 days away: sign a nearer one")
        # What a permit allows is there only once it is in a block.
        has_permit = any(not row["signature"] for row in before)
        is_next = signed.nonce == due and (signed.is_permit or not has_permit)
        gas = market.gas_to_relay(request.from_, signed) if is_next else LEAST_GAS
        is_stranger = not market.meters.get_meters(request.from_)
        return _Seen(now=now, due=due, gas=gas, is_stranger=is_stranger)

    def _require_turn(self, connection: Connection, signed: SignedCall, due: int) -> None:
        rows = waiting(connection, signed.request.from_)
        if len(rows) >= _MOST_WAITING:
            raise RelayQuotaError(
                f"{len(rows)} calls of {signed.request.from_} wait, as many as may: send this one"
                " when some are done",
                _SOON_SECONDS,
            )
        if signed.nonce < due:
            raise RelayOrderError(
                f"the nonce {signed.nonce} is used, perhaps for this very call, which anybody can"
                f" send: look before you sign it with the nonce {due}"
            )
        same_kind = [row for row in rows if (not row["signature"]) == signed.is_permit]
        taken = {row["nonce"]: row["id"] for row in same_kind}
        if signed.nonce in taken:
            raise RelayOrderError(
                f"another call waits with the nonce {signed.nonce}: {taken[signed.nonce]}"
            )
        # The signature of a permit whose turn has not come nobody here can check.
        free = due if signed.is_permit else next(n for n in range(due, due + 99) if n not in taken)
        if signed.nonce > free:
            raise RelayOrderError(f"send the call with the nonce {free} first")

    def _require_gas(self, connection: Connection, account: str, seen: _Seen, asker: str) -> None:
        budget = RelayBudget.read(connection, self._limits, seen.now, with_received=True)
        never = budget.never(account, seen.is_stranger, seen.gas)
        if never is not None:
            raise InputError(f"{never}: send it yourself, or make less in one call")
        why = budget.why_not(account, seen.is_stranger, seen.gas)
        day, limit = seen.now // DAY_SECONDS, self._limits.asker_gas
        if day != self._day:
            self._day, self._asked = day, Counter()
        asked = self._asked[asker] if seen.is_stranger and limit else 0
        # The first one always has its turn, however small the day is.
        if why is None and asked and asked + seen.gas > limit:
            why = (
                f"the gas of today for accounts without a meter that {asker} brings is used up:"
                f" {asked:,} of {limit:,}"
            )
        if why is not None:
            raise RelayQuotaError(why, DAY_SECONDS - seen.now % DAY_SECONDS)
        if seen.is_stranger:
            self._asked[asker] += seen.gas

    @staticmethod
    def _row(connection: Connection, name: str) -> RowMapping | None:
        wanted = select(RELAYED_CALLS).where(RELAYED_CALLS.c.id == name)
        return connection.execute(wanted).mappings().one_or_none()
