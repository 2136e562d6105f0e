"""Plans: what a use case is going to do, before anything is done.

A plan holds the calls, who makes them, and how to read what became of them. The SDK executes it;
the command line executes it, tries it (dry run) or writes it as transactions of a Safe. It is data:
making a plan changes nothing.

    plan = market.place_order(buyer, OrderType.BUY, energy=..., price=...)
    plan.trials()            # each call as the chain is now: its gas, or why it would revert
    order_id = plan.execute()

Steps are independent of each other, except where one needs the step before it: a step
that fails does not stop later ones that do not need it. The steps of an account are a transaction
each. Those of a Safe are joined to as few transactions as the gas limit of a transaction permits;
of those that need each other, all take effect or none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, TypeVar

from energy_grid.chain.accounts import LOCAL_CHAINS, refuse_well_known
from energy_grid.chain.contract import Call
from energy_grid.chain.multicall import next_time
from energy_grid.chain.rpc.node import DevNode, RpcError
from energy_grid.chain.tx.fees import with_room
from energy_grid.chain.tx.multisig import Actor, Multisig, address_of
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.chain.tx.safe_file import SafeFile
from energy_grid.chain.tx.sender import FundsMissingError, Sender
from energy_grid.chain.tx.transactions import Transaction
from energy_grid.chain.tx.unsigned import estimated_gas, unsigned
from energy_grid.contracts.safe import Safe
from energy_grid.domain.units import format_time
from energy_grid.errors import (
    ChainError,
    EnergyGridError,
    InputError,
    TransactionFailedError,
    TransactionPendingError,
)

__all__ = [
    "Execution",
    "Outcome",
    "Plan",
    "Step",
    "StepsFailedError",
    "Trial",
    "split_by_gas",
]

Result = TypeVar("Result")
Other = TypeVar("Other")

# EIP-7825 caps a transaction at 2**24 gas, which counts the room for growing state (`with_room`)
# and what the Safe itself needs.
_TRANSACTION_GAS = 11_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One call of a plan.

    Attributes:
        needs_previous: it is worth nothing unless the step before it succeeds.
        prepares: it serves the step after it alone, such as an approval.
        not_before: Unix seconds; the block that it is in must not be earlier.
        before_sending: called right before it is sent, never in a dry run. It makes durable what
            must not be lost once the call is on the chain.
        key: the call takes effect once for all plans with this key (`Sender.send_many`).
    """

    call: Call
    needs_previous: bool = False
    prepares: bool = False
    not_before: int = 0
    before_sending: Callable[[], object] | None = field(default=None, compare=False)
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a step: a receipt, or the error why it has no effect, or none yet.

    With a `TransactionPendingError` it may still take effect.
    """

    step: Step
    receipt: Receipt | None = None
    error: EnergyGridError | None = None

    @property
    def is_pending(self) -> bool:
        """Whether it was sent and may still take effect."""
        return isinstance(self.error, TransactionPendingError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The outcome of a step if it were sent now.

    Attributes:
        gas: gas that it would use.
        error: why it would revert.
        untried: why it cannot be tried.
        transaction: what the account would sign; None for a Safe, and where gas is unknown.
    """

    step: Step
    gas: int | None = None
    error: EnergyGridError | None = None
    untried: str | None = None
    transaction: Transaction | None = None


class StepsFailedError(TransactionFailedError):
    """Some steps of a plan failed, or are not final yet; the others took effect.

    Attributes:
        outcomes: of all steps, in their order.
    """

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        self.outcomes = tuple(outcomes)
        super().__init__(outcomes)

    def __str__(self) -> str:
        bad = [each for each in self.outcomes if each.error is not None]
        failed = [each.error for each in bad if not each.is_pending]
        pending = [each.error for each in bad if each.is_pending]
        return "; ".join(
            f"{len(errors)} of {len(self.outcomes)} calls {are}, the first one: {errors[0]}"
            for are, errors in (("failed", failed), ("are not final yet", pending))
            if errors
        )


@dataclass(frozen=True)
class Execution(Generic[Result]):
    """A plan that was carried out, as far as that was possible.

    Attributes:
        outcomes: of all steps, in their order.
    """

    outcomes: tuple[Outcome, ...]
    _read: Callable[[Sequence[Receipt]], Result]

    @property
    def receipts(self) -> list[Receipt]:
        """Of what took effect, each transaction once."""
        found = [each.receipt for each in self.outcomes if each.receipt and each.error is None]
        return list({receipt.transaction: receipt for receipt in found}.values())

    @property
    def failures(self) -> list[Outcome]:
        """The steps without effect."""
        return [each for each in self.outcomes if each.error and not each.is_pending]

    @property
    def pending(self) -> list[Outcome]:
        """The steps that were sent and may still take effect."""
        return [each for each in self.outcomes if each.is_pending]

    @property
    def is_idle(self) -> bool:
        """Whether nothing took effect but what prepares other steps."""
        return all(each.error is not None or each.step.prepares for each in self.outcomes)

    @cached_property
    def result(self) -> Result:
        """What the use case gives, read from what took effect."""
        return self._read(self.receipts)

    def require(self) -> Result:
        """The result, if every step took effect.

        Raises:
            ContractError: the only step reverted.
            TransactionPendingError: the only step is not final in time.
            StepsFailedError: some of several steps failed, or are not final in time.
        """
        if len(self.outcomes) == 1 and self.outcomes[0].error is not None:
            raise self.outcomes[0].error
        if self.failures or self.pending:
            raise StepsFailedError(self.outcomes)
        return self.result


class Plan(Generic[Result]):
    """Calls that an actor is going to make.

    Args:
        sender: who brings them to the chain.
        who: an account; the Safe by its owners; or an address alone, whose key is elsewhere: its
            plans can be tried, not executed.
        steps: the calls, in their order.
        read: gives the result from the receipts, each transaction once, in order.
        following: gives the rest of a plan whose later calls depend on what became of these. The
            result is then read by the last part, from all receipts.
    """

    def __init__(
        self,
        sender: Sender,
        who: Actor | str,
        steps: Iterable[Step],
        read: Callable[[Sequence[Receipt]], Result],
        *,
        following: Callable[[Execution[Any]], Plan[Result] | None] | None = None,
    ) -> None:
        self._sender = sender
        self.who = who
        self.steps = tuple(steps)
        self._read = read
        self.following = following

    @property
    def address(self) -> str:
        """In whose name contracts are called."""
        return address_of(self.who)

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls, in their order."""
        return tuple(step.call for step in self.steps)

    @property
    def not_before(self) -> int | None:
        """The time before which one of its calls reverts, if that is still to come."""
        latest = max((step.not_before for step in self.steps), default=0)
        return latest if latest > next_time(self._sender.node) else None

    def then(self, read: Callable[[Result], Other]) -> Plan[Other]:
        """The same plan with another result, made of this one's."""
        rest = self.following
        return Plan(
            self._sender,
            self.who,
            self.steps,
            lambda receipts: read(self._read(receipts)),
            following=None if rest is None else lambda done: _mapped(rest(done), read),
        )

    def execute(self) -> Result:
        """Carry everything out.

        Raises:
            ContractError: the only step reverted; nothing has changed.
            TransactionPendingError, StepsFailedError: as `Execution.require`.
            FundsMissingError: the account cannot pay the gas.
            InputError: no key here can sign it, or the key is well known.
        """
        return self.carry_out().require()

    def carry_out(self) -> Execution[Result]:
        """As `execute`, with the failures among the outcomes instead of raised."""
        if not self.steps:
            return Execution((), self._read)
        actor = self._actor()
        outcomes: list[Outcome] = []
        for group in _groups(self.steps, joined=isinstance(actor, Multisig)):
            if any(each.is_pending for each in outcomes):
                # Its transaction would wait behind that one, and nobody knows for how long.
                unsent = TransactionFailedError("it was not sent: the one before is not final yet")
                outcomes += [Outcome(step=step, error=unsent) for step in group]
                continue
            try:
                if len(group) == 1:
                    last = outcomes[-1] if outcomes else None
                    outcomes.append(self._alone(actor, group[0], last))
                elif isinstance(actor, Multisig) and group[1].needs_previous:
                    outcomes += self._joined(actor, group)
                else:
                    outcomes += self._together(actor, group)
            except ChainError as error:
                # What was sent before is to be reported.
                if not any(each.receipt for each in outcomes):
                    raise
                outcomes += [Outcome(step=step, error=error) for step in group]
        done = Execution(tuple(outcomes), self._read)
        if self.following is None:
            return done
        try:
            rest = self.following(done)
        except ChainError as error:
            # A rest that cannot go on after a failure ends the plan; that is among the outcomes.
            if all(each.error is not error for each in outcomes):
                raise
            return done
        # The rest was planned with the failures in view: they need no second report.
        effective = tuple(each for each in outcomes if each.error is None)
        if rest is None:
            return Execution(effective, self._read)
        more = rest.carry_out()
        return Execution((*effective, *more.outcomes), more._read)

    def trials(self) -> list[Trial]:
        """Each call as the chain is now; nothing is sent.

        A step is tried by itself, as if the others were not there, except where it needs the one
        before it: such a step cannot be tried.
        """
        refuse_well_known([self.address], self._sender.node.chain_id)
        found = []
        now = next_time(self._sender.node)
        answers = estimated_gas(self._sender.node, self.address, self.calls)
        for step, answer in zip(self.steps, answers, strict=True):
            if step.not_before > now:
                time = format_time(step.not_before)
                found.append(Trial(step=step, untried=f"the clock must first be at {time}"))
            elif step.needs_previous:
                found.append(Trial(step=step, untried="it needs the call before it"))
            elif isinstance(answer, ChainError):
                found.append(Trial(step=step, error=answer))
            else:
                found.append(Trial(step=step, gas=answer))
        return found

    def unsigned(self, trials: Sequence[Trial]) -> list[Trial]:
        """Trials with the transactions that an account would sign, as far as it can pay for them.

        They end with the first call of unknown gas, since its sender has to know that.
        """
        node, max_fee, costs = self._sender.node, self._sender.policy.max_fee, 0
        held, found = node.balance(self.address), list(trials)
        for ahead, trial in enumerate(trials):
            gas = trial.gas or trial.step.call.gas
            if gas is None:
                break
            made = unsigned(node, self.address, trial.step.call, gas, max_fee=max_fee, ahead=ahead)
            found[ahead] = replace(trial, transaction=made)
            costs += made.max_cost
            if costs > held:
                missing = FundsMissingError(self.address, held, costs)
                found[ahead] = replace(found[ahead], error=missing)
                break
        return found

    def safe_files(self) -> list[SafeFile]:
        """The plan as transactions of the Safe that more owners are to sign, with the signatures of
        those whose keys are here, for its next nonces.

        Raises:
            InputError: it is not the plan of a Safe (`acting_safe`).
            ContractError: a call would revert now, and not because it is early or needs another.
        """
        safe, node = self.who, self._sender.node
        if not isinstance(safe, Multisig):
            raise InputError(f"{self.address} is not a Safe here: plan with `acting_safe`")
        gas, now = [], next_time(node)
        for step, answer in zip(
            self.steps, estimated_gas(node, self.address, self.calls), strict=True
        ):
            can_be_tried = not step.needs_previous and step.not_before <= now
            if isinstance(answer, ChainError) and can_be_tried:
                raise answer
            gas.append(answer if isinstance(answer, int) else 0)
        files = []
        for nonce, (first, end) in enumerate(split_by_gas(gas), Safe(node, safe.address).nonce()):
            calls = self.calls[first:end]
            call = calls[0] if len(calls) == 1 else safe.batch(calls)
            file = SafeFile(
                chain_id=node.chain_id,
                safe=safe.address,
                transaction=safe.transaction(call, nonce),
            )
            for owner in safe.owners:
                file = file.signed_by(owner)
            files.append(file)
        return files

    def save_safe_files(self, folder: Path) -> list[Path]:
        """Write `safe_files` as ``safe-NONCE.json``.

        What steps make durable before they are sent is made so here, since files can be sent by
        anybody.

        Raises:
            InputError: one of the files is there already, or a step has a key, which no file can
                hold; then none is written.
            and as `safe_files`.
        """
        if any(step.key is not None for step in self.steps):
            raise InputError("a key needs as many owners as the Safe does: nothing is written")
        files = self.safe_files()
        paths = [folder / f"safe-{file.transaction.nonce}.json" for file in files]
        for path in paths:
            if path.exists():
                raise InputError(
                    f"{path} is there: sign or send it first, or delete it if it is not wanted"
                )
        for step in self.steps:
            if step.before_sending is not None:
                step.before_sending()
        for file, path in zip(files, paths, strict=True):
            file.save(path, fresh=True)
        return paths

    def _actor(self) -> Actor:
        if isinstance(self.who, str):
            raise InputError(
                f"{self.who} is an address, and its key is elsewhere: have what `unsigned` gives"
                " signed there"
            )
        return self.who

    def _alone(self, actor: Actor, step: Step, previous: Outcome | None) -> Outcome:
        """Carry out a step by itself."""
        if step.needs_previous and (previous is None or previous.error is not None):
            return Outcome(step=step, error=TransactionFailedError("the call before it failed"))
        self._wait_for(step)
        if step.before_sending is not None:
            step.before_sending()
        try:
            receipt = self._sender.send(actor, step.call, key=step.key)
        except FundsMissingError:
            raise
        except ChainError as error:
            return Outcome(step=step, error=error)
        return Outcome(step=step, receipt=receipt)

    def _joined(self, safe: Multisig, steps: Sequence[Step]) -> list[Outcome]:
        """Carry out steps of a Safe that need each other: all or none, if one transaction has the
        gas for it."""
        call, node = safe.batch(step.call for step in steps), self._sender.node
        # By itself, a call that needs another one cannot be tried.
        whole = safe.signed(call, Safe(node, safe.address).nonce(), node.chain_id)
        (gas,) = estimated_gas(node, safe.payer.address, [whole])
        # What a node cannot try is not sent in parts, unless it says that the gas is not enough.
        no_gas = isinstance(gas, RpcError) and "gas" in gas.message.lower()
        if isinstance(gas, ChainError) and not no_gas:
            return [Outcome(step=step, error=gas) for step in steps]
        if isinstance(gas, ChainError) or gas > _TRANSACTION_GAS:
            outcomes: list[Outcome] = []
            for step in steps:
                outcomes.append(self._alone(safe, step, outcomes[-1] if outcomes else None))
            return outcomes
        done = self._alone(safe, Step(call=replace(call, gas=with_room(gas))), None)
        return [replace(done, step=step) for step in steps]

    def _together(self, actor: Actor, steps: Sequence[Step]) -> list[Outcome]:
        """Carry out independent steps; those that would revert are left out."""
        answers = estimated_gas(self._sender.node, self.address, [step.call for step in steps])
        found = {
            at: Outcome(step=steps[at], error=answer)
            for at, answer in enumerate(answers)
            if isinstance(answer, ChainError)
        }
        passing = [(at, gas) for at, gas in enumerate(answers) if isinstance(gas, int)]
        if isinstance(actor, Multisig):
            parts = [
                [at for at, _ in passing[first:end]]
                for first, end in split_by_gas([gas for _, gas in passing])
            ]
        else:
            parts = [[at] for at, _ in passing]
        limits = dict(passing)
        items = []
        for part in parts:
            calls = [steps[at].call for at in part]
            joined = calls[0] if len(calls) == 1 else actor.batch(calls)  # type: ignore[union-attr]
            gas = joined.gas or with_room(sum(limits[at] for at in part))
            items.append((actor, replace(joined, gas=gas)))
        keys = [steps[part[0]].key if len(part) == 1 else None for part in parts]
        results = self._sender.results(self._sender.submit_many(items, keys=keys)) if items else []
        for part, result in zip(parts, results, strict=True):
            for at in part:
                found[at] = (
                    Outcome(step=steps[at], receipt=result, error=result.error)
                    if isinstance(result, Receipt)
                    else Outcome(step=steps[at], error=result)
                )
        return [found[at] for at in range(len(steps))]

    def _wait_for(self, step: Step) -> None:
        """Set the clock of a local chain to the time that a step needs.

        Raises:
            InputError: this is not a local chain, so its clock cannot be set.
        """
        node = self._sender.node
        if step.not_before <= 0 or next_time(node) >= step.not_before:
            return
        if node.chain_id not in LOCAL_CHAINS:
            raise InputError(
                f"--wait sets the clock of a local chain, and this is chain {node.chain_id}: come"
                f" back at {format_time(step.not_before)}"
            )
        DevNode(node.transport, hooks=node.hooks).set_time(step.not_before)


def _mapped(plan: Plan[Result] | None, read: Callable[[Result], Other]) -> Plan[Other] | None:
    return None if plan is None else plan.then(read)


def _groups(steps: Sequence[Step], *, joined: bool) -> Iterator[Sequence[Step]]:
    """Steps that can be sent at once, and the others one by one.

    Args:
        joined: whether those that need each other are sent at once too.
    """
    chains: list[list[Step]] = []
    for step in steps:
        if step.needs_previous and chains:
            chains[-1].append(step)
        else:
            chains.append([step])
    bulk: list[Step] = []
    for chain in chains:
        is_apart = any(step.not_before or step.before_sending or step.key for step in chain)
        if len(chain) == 1 and not is_apart:
            bulk += chain
            continue
        if bulk:
            yield bulk
        bulk = []
        yield from [chain] if joined and not is_apart else ([step] for step in chain)
    if bulk:
        yield bulk


def split_by_gas(gas: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Ranges of consecutive calls: first and end of each, small enough for one transaction."""
    first = total = 0
    for at, each in enumerate(gas):
        if at > first and total + each > _TRANSACTION_GAS:
            yield first, at
            first, total = at, 0
        total += each
    if first < len(gas):
        yield first, len(gas)
