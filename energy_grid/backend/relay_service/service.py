"""The relay's service: sends what was taken in, each account by itself.

    RECEIVED -- its turn, within the budget, not reverting --> SENT --> DONE, FAILED
        |                                                        ^          |
        +--> EXPIRED, REFUSED                                    +----------+ a reorganisation

Anybody can send a signed call. One that somebody else brought to the chain first is DONE (or
FAILED) as well, by their transaction; this account's part of the day's gas pays nothing for it.

A call is SENT in the store before it is signed, and is sent under its id as a key of the journal,
which has the signed bytes before they leave. So after a crash the store never knows less gas than
was spent, and the same bytes are sent again: they take effect once. A SENT call without bytes was
never signed, and waits again.

At most one call of an account is on its way: so each is tried on the state in which its account has
made all before, and one that fails pays of its own account's gas and holds up nobody else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import RowMapping, delete, select, update

from energy_grid.backend.relay_service.budget import LEAST_GAS, RelayBudget, RelayLimits
from energy_grid.backend.relay_service.calls import ENDS, RelayState, change, signed_in, waiting
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.journal import DatabaseJournal, resumed
from energy_grid.backend.store.relays import RELAYED_CALLS
from energy_grid.chain.contract import Call
from energy_grid.chain.tx.multisig import Actor, address_of
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.client import EnergyGrid
from energy_grid.contracts.erc2771_forwarder import ERC2771Forwarder_ExecutedForwardRequest
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.errors import (
    ChainError,
    ContractError,
    InputError,
    TransactionFailedError,
    TransactionPendingError,
)

__all__ = ["RelayService"]

_POLL_SECONDS = 1.0
# Accounts whose calls are sent at once.
_AT_ONCE = 20
_KEPT_SECONDS, _FORGET_SECONDS = 30 * DAY_SECONDS, 3600
# Whoever is before the relay is so by seconds; nodes answer for so many blocks at once.
_BLOCKS_BACK = 1000
_MINED = (RelayState.DONE, RelayState.FAILED)
_T = RELAYED_CALLS.c


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A call whose turn it is, with its gas limit."""

    row: RowMapping
    call: Call
    is_stranger: bool


class RelayService:
    """Sends calls of accounts, and pays; a `Service`.

    Args:
        market: of this service alone; its sender is exchanged for one with a journal in the
            database.
        who: sends and pays the gas; no other service's account, and without a role.
        finality: a block with so many on top of it stays.
        log: gets lines that somebody should read.
    """

    name = "relay"

    def __init__(
        self,
        market: EnergyGrid,
        database: Database,
        who: Actor,
        *,
        limits: RelayLimits,
        finality: int,
        log: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._market, self._database, self._who = market, database, who
        self._limits, self._finality, self._log = limits, finality, log
        self._journal: DatabaseJournal
        self._ended: Counter[str] = Counter()
        self._said_on = self._forgot_at = -_FORGET_SECONDS
        self._waiting = self._gas = 0

    def step(self) -> float:
        """Follow what was sent, and send what is due; gives 0 if there was any.

        Raises:
            FundsMissingError, TransactionPendingError, OtherLeaderError, NodeUnreachableError,
            DatabaseGoneError: take the step again after a while.
        """
        self._journal, did = resumed(self._market, self._database, self.name, self._who)
        self._recover()
        now, ended = self._market.node.time, self._ended.total()
        did |= self._send(self._due(now), now)
        self._forget(now)
        return 0.0 if did or self._ended.total() > ended else _POLL_SECONDS

    def describe(self) -> str:
        """What was made of calls, what waits, and the gas of the day."""
        ended = ", ".join(f"{count:,} {state.lower()}" for state, count in self._ended.items())
        limit = f" of {self._limits.gas:,}" if self._limits.gas else ""
        done = ended or "nothing relayed yet"
        return f"{done}; {self._waiting:,} wait; {self._gas:,}{limit} gas today"

    def metrics(self) -> Mapping[str, float]:
        """What waits, the gas of the chain's day, and counts since the start."""
        return {
            "waiting": self._waiting,
            "gas_today": self._gas,
            **({"gas_per_day": self._limits.gas} if self._limits.gas else {}),
            **{f"{state.lower()}_total": self._ended[state] for state in ENDS},
        }

    # What was sent

    def _recover(self) -> None:
        """Find what an earlier process has sent, and what blocks have lost again."""
        keys = [*self._journal.by_key]
        with self._database.reading() as connection:
            old = self._market.node.block_number - self._finality
            young = _T.state.in_(_MINED) & (_T.block > old)
            is_open = _T.id.in_(keys) | (_T.state == RelayState.SENT) | young
            rows = connection.execute(select(RELAYED_CALLS).where(is_open)).mappings().all()
        mined = [row for row in rows if row["transaction"] is not None]
        moved = self._moved(mined)
        # Never signed here, or sent by somebody else in a block that is gone.
        again = [
            row
            for row in rows
            if row["id"] not in self._journal.by_key
            and (row["transaction"] is None or row["id"] in moved)
        ]
        if again:
            fresh = {"transaction": None, "block": None, "detail": None, "counted_at": None}
            with self._database.writing() as connection:
                for row in again:
                    connection.execute(change(row, state=RelayState.RECEIVED, **fresh))
        signed = [row for row in rows if row["id"] in self._journal.by_key]
        for row in signed:
            if row["transaction"] is None or row["id"] in moved:
                self._follow(row)
        final = [row for row in mined if row["id"] not in moved and row["block"] <= old]
        self._journal.release([row["id"] for row in final if row["id"] in self._journal.by_key])

    def _moved(self, mined: Sequence[RowMapping]) -> set[str]:
        """Those that a reorganisation has taken out of their blocks."""
        receipts = self._market.node.rpc_batch(
            [("eth_getTransactionReceipt", [row["transaction"]]) for row in mined]
        )
        found = set()
        for row, receipt in zip(mined, receipts, strict=True):
            if isinstance(receipt, ChainError):
                raise receipt
            if receipt is None or int(receipt["blockNumber"], 16) != row["block"]:
                found.add(row["id"])
        return found

    def _follow(self, row: RowMapping) -> None:
        """Wait for what was signed; what is in no block any more is sent again."""
        with self._database.writing() as connection:
            gone = {"transaction": None, "block": None, "detail": None}
            connection.execute(
                update(RELAYED_CALLS)
                .where(_T.number == row["number"])
                .values(state=RelayState.SENT, **gone)
            )
        try:
            receipt = self._market.sender.follow(row["id"], self._who)
        except TransactionFailedError as error:
            self._lose(row, error)
            return
        if receipt is not None:
            self._book(row, receipt)

    def _book(self, row: RowMapping, receipt: Receipt) -> None:
        others = None if receipt.ok else self._others(row)
        values = others or {
            "state": RelayState.DONE if receipt.ok else RelayState.FAILED,
            "detail": None if receipt.error is None else self._why(row, receipt.error),
            "transaction": receipt.transaction,
            "block": receipt.block,
        }
        with self._database.writing() as connection:
            is_it = _T.number == row["number"]
            connection.execute(
                update(RELAYED_CALLS).where(is_it).values(gas=receipt.gas_used, **values)
            )
        self._ended[values["state"]] += 1

    def _why(self, row: RowMapping, error: ChainError) -> str:
        """Why a call failed in its block; the forwarder itself does not tell."""
        signed = signed_in(row)
        found: ChainError | None = error
        if not signed.is_permit and isinstance(error, ContractError) and error.name == "FailedCall":
            try:
                found = self._market.why_not([signed])
            except ChainError:
                found = None
        if isinstance(found, ContractError):
            return str(found)
        return "its contract refused it in that block, and no longer does: sign it again"

    def _others(self, row: RowMapping) -> dict[str, Any] | None:
        """What became of a call that somebody else brought to the chain, if anybody did.

        The forwarder tells the account and the nonce. That it was this call and no other with the
        same nonce, its signature tells, which is in their transaction. A permit has no such event.
        """
        signed, market = signed_in(row), self._market
        if signed.is_permit:
            return None
        first = max(market.deployment.first_block, market.node.block_number - _BLOCKS_BACK)
        found = market.events(
            ERC2771Forwarder_ExecutedForwardRequest, from_block=first, signer=row["account"]
        )
        made = next((each for each in found if each.nonce == signed.nonce), None)
        if made is None:
            return None
        transaction = market.node.rpc("eth_getTransactionByHash", made.transaction)
        if transaction is None or row["signature"].hex() not in transaction["input"]:
            return None
        why = None if made.success else "its contract refused it in that block: sign it again"
        return {
            "state": RelayState.DONE if made.success else RelayState.FAILED,
            "detail": why,
            "transaction": made.transaction,
            "block": made.block,
        }

    def _lose(self, row: RowMapping, error: ChainError) -> None:
        """Note that what was signed never takes effect."""
        self._log(f"{self.name}: {row['id']} was not sent: {error}")
        why = "the node did not take it: send the same call again"
        self._end({**row, "state": RelayState.SENT}, state=RelayState.REFUSED, detail=why)

    def _end(self, row: RowMapping | Mapping[str, Any], **values: Any) -> None:
        """Note what became of a call that is not sent; it has taken no gas."""
        values |= {"gas": LEAST_GAS, "counted_at": self._market.node.time}
        with self._database.writing() as connection:
            if connection.execute(change(row, **values)).rowcount:
                self._ended[values["state"]] += 1

    # What is to be sent

    def _due(self, now: int) -> list[_Attempt]:
        """The calls that are sent next, one of an account at most, those that came first before."""
        with self._database.reading() as connection:
            rows = waiting(connection)
            budget = RelayBudget.read(connection, self._limits, now, with_received=False)
        self._waiting, self._gas = len(rows), budget.total
        found: list[_Attempt] = []
        spent: str | None = None
        for row in _firsts(rows):
            if len(found) == _AT_ONCE:
                break
            if row["deadline"] <= now:
                over = "its deadline is over: sign it again"
                self._end(row, state=RelayState.EXPIRED, detail=over)
                continue
            # What waits for gas is not tried again and again.
            why = budget.why_not(row["account"], row["is_stranger"], 1)
            attempt = None if why else self._tried(row, budget)
            if attempt is not None:
                gas = attempt.call.gas or 0
                why = budget.why_not(row["account"], attempt.is_stranger, gas)
                if why is None:
                    budget.take(row["account"], attempt.is_stranger, gas)
                    found.append(attempt)
            spent = spent or why
        if spent is not None and self._said_on != now // DAY_SECONDS:
            self._said_on = now // DAY_SECONDS
            self._log(f"{self.name}: {spent}: what came after it waits for tomorrow")
        return found

    def _tried(self, row: RowMapping, budget: RelayBudget) -> _Attempt | None:
        """A call as it would be sent now; None if it cannot be made, which is noted."""
        signed, market = signed_in(row), self._market
        due = market.nonce_of(signed)
        if signed.nonce > due:
            gap = f"the call with the nonce {due} was not made: send it first, then this one again"
            self._end(row, state=RelayState.REFUSED, detail=gap)
            return None
        if signed.nonce < due:
            used = (
                f"the nonce {signed.nonce} was used in a way that the relay does not see: look"
                " whether this call took effect before you sign it again"
            )
            refused = {"state": RelayState.REFUSED, "detail": used}
            self._end(row, **(self._others(row) or refused))
            return None
        try:
            gas = market.gas_to_relay(address_of(self._who), signed)
        except (ContractError, InputError) as error:
            self._end(row, state=RelayState.REFUSED, detail=str(error))
            return None
        call = replace(market.call_of(signed), gas=gas)
        is_stranger = not market.meters.get_meters(row["account"])
        never = budget.never(row["account"], is_stranger, gas)
        if never is not None:
            self._end(row, state=RelayState.REFUSED, detail=f"{never}: send it yourself")
            return None
        return _Attempt(row=row, call=call, is_stranger=is_stranger)

    def _send(self, attempts: Sequence[_Attempt], now: int) -> bool:
        """Send calls, and wait until they have ended; gives whether there were any."""
        if not attempts:
            return False
        with self._database.writing() as connection:
            taken = [
                each
                for each in attempts
                if connection.execute(
                    change(
                        each.row,
                        state=RelayState.SENT,
                        gas=each.call.gas,
                        is_stranger=each.is_stranger,
                        counted_at=now,
                    )
                ).rowcount
            ]
        if not taken:
            return False
        sender = self._market.sender
        pending = sender.submit_many(
            [(self._who, each.call) for each in taken], keys=[each.row["id"] for each in taken]
        )
        stuck: TransactionPendingError | None = None
        for each, result in zip(taken, sender.results(pending), strict=True):
            if isinstance(result, Receipt):
                self._book(each.row, result)
            elif isinstance(result, TransactionPendingError):
                stuck = result
            else:
                self._lose(each.row, result)
        if stuck is not None:
            raise stuck
        return True

    def _forget(self, now: int) -> None:
        """Delete what has ended long ago, now and then."""
        if now < self._forgot_at + _FORGET_SECONDS:
            return
        self._forgot_at = now
        ended = _T.state.in_(ENDS)
        old = (_T.received_at < now - _KEPT_SECONDS) & _T.id.not_in([*self._journal.by_key])
        with self._database.writing() as connection:
            connection.execute(delete(RELAYED_CALLS).where(ended & old))


def _firsts(rows: Sequence[RowMapping]) -> list[RowMapping]:
    """Each account's next call: its permits first, then by nonces; none while one is on its way."""
    firsts: dict[str, RowMapping] = {}
    for row in rows:
        known = firsts.get(row["account"])
        if known is None or _turn(row) < _turn(known):
            firsts[row["account"]] = row
    # Those whose call came first come first.
    order = sorted(firsts.values(), key=lambda row: row["number"])
    return [row for row in order if row["state"] == RelayState.RECEIVED]


def _turn(row: RowMapping) -> tuple[bool, bool, int]:
    return row["state"] != RelayState.SENT, bool(row["signature"]), row["nonce"]
