"""What a command would send: the exact calls, who has to sign them, and what the chain says now.

A dry run goes through the command itself, at a desk that tries every call instead of sending it.
It ends where the command looks at what became of a call, since nothing did.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

from energy_grid.chain.abi import Function, load
from energy_grid.chain.accounts import refuse_well_known
from energy_grid.chain.contract import Call
from energy_grid.chain.roles import functions_of
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.chain.tx.sender import FundsMissingError
from energy_grid.chain.tx.transactions import Transaction
from energy_grid.chain.tx.unsigned import as_request, gas_of, unsigned
from energy_grid.cli.accounts import Signers, account_of
from energy_grid.cli.answers import Answer, as_document, facts, plain_value, stacked
from energy_grid.cli.desk import NOT_THE_SAFE, Desk, View
from energy_grid.cli.hints import told
from energy_grid.cli.measures import measure
from energy_grid.cli.numbers import counted
from energy_grid.client import Account, EnergyGrid
from energy_grid.domain.units import format_duration, format_time
from energy_grid.errors import ChainError, EnergyGridError, InputError

if TYPE_CHECKING:
    from energy_grid.contracts.erc20_permit import ERC20Permit

__all__ = ["DryDesk", "Planned", "described"]

_NOTHING = "Nothing is sent: this is a dry run."
_GOES_ON = "What is sent after this depends on what becomes of it."


@dataclass(slots=True, kw_only=True)
class Planned:
    """A call that would be sent.

    Attributes:
        gas: that it uses, as the chain is now.
        refusal: why it would be refused now.
        untried: why it cannot be tried now.
    """

    call: Call
    gas: int | None = None
    refusal: str | None = None
    untried: str | None = None
    transaction: Transaction | None = None

    @property
    def outcome(self) -> str:
        """In one word."""
        if self.untried is not None:
            return "untried"
        return "succeeds" if self.refusal is None else "refused"


class _Ended(Exception):
    """Somebody has looked at what became of a call that was not sent."""


class _Unsent:
    """Stands where the receipt of a call would be."""

    def __getattr__(self, name: str) -> Any:
        raise _Ended


def _acting(market: EnergyGrid, signers: Signers) -> str:
    if signers.vote:
        return market.timelock.address
    return market.require_safe().address if signers.safe else signers.addresses[0]


@dataclass(frozen=True, slots=True)
class _Nobody:
    address: str


class DryDesk(Desk):
    """A desk at which everything is tried and nothing sent.

    Attributes:
        planned: what would be sent, in order.
        goes_on: whether more can follow that cannot be known.
    """

    dry: ClassVar[bool] = True

    def __init__(self, market: EnergyGrid, signers: Signers) -> None:
        View.__init__(self, market)
        refuse_well_known(signers.addresses, market.node.chain_id)
        self.signers = signers
        self.safe = market.require_safe() if signers.safe else None
        if self.safe is not None:
            from energy_grid.market.safe import require_owners

            require_owners(self.safe, signers.addresses)
        self.actor = _Nobody(_acting(market, signers))
        self.receipts = []
        self.planned: list[Planned] = []
        self.goes_on = False
        self._untried: str | None = None

    def key(self) -> Account:
        """As of a desk that sends; asks for a password if what is sent must hold a signature."""
        self.refuse_safe()
        return account_of(self.signers.word)

    def has_key(self) -> bool:
        """As of a desk that sends: not of the Safe, nor of an address alone."""
        return self.safe is None and self.signers.word.lower() != self.actor.address.lower()

    def refuse_safe(self) -> None:
        """As of a desk that sends, without asking for anything."""
        if self.safe is not None:
            raise InputError(NOT_THE_SAFE)

    def send_together(self, calls: Sequence[Call]) -> None:
        """Try several calls, each on the chain as it is."""
        for call in calls:
            self.send(call)

    def send(self, call: Call) -> Receipt:
        """Try a call, and note what became of it."""
        self._pass_over()
        entry = Planned(call=call, untried=self._untried)
        self.planned.append(entry)
        if self._untried is None:
            with self.explained(call), _noted(entry, self):
                entry.gas = gas_of(self.market.node, self.actor.address, call)
        return cast(Receipt, _Unsent())

    def go_to(self, timestamp: int) -> None:
        """Tell that the clock would be set."""
        if not self._is_past(timestamp):
            self._untried = f"--wait would first set the clock to {format_time(timestamp)}"

    @contextmanager
    def running(self, goes_on: bool) -> Iterator[None]:
        """A command runs; what ends it once something is planned is part of the answer.

        Raises:
            EnergyGridError: the command refuses before it would send anything.
        """
        try:
            yield
            self._pass_over()
        except _Ended:
            self.goes_on = goes_on
        except EnergyGridError as error:
            last = self.planned[-1] if self.planned else None
            if last is None:
                raise
            if last.refusal is not None:
                last.refusal = told(self, error)
            else:
                # A command reads what it has changed, and nothing was.
                self.goes_on = goes_on
        self._make_transactions()

    def _pass_over(self) -> None:
        """Forget what was refused, since the command has gone on all the same."""
        if self.planned and self.planned[-1].refusal is not None:
            self.planned.pop()

    def _spend(self, call: Call, amount: int, token: ERC20Permit, told: str) -> tuple[Receipt, str]:
        approval = self.market.approval_for(self.actor.address, call, amount, token)
        if approval is not None:
            self.send(approval)
            self._untried = "it needs the approval before it"
        return self.send(call), ""

    def _make_transactions(self) -> None:
        """What the account would sign, as long as it can pay for it."""
        if self.safe is not None or self.signers.vote:
            return
        node, sender = self.market.node, self.actor.address
        held, costs, most = node.balance(sender), 0, self.market.sender.policy.max_fee
        for ahead, entry in enumerate(self.planned):
            gas = entry.gas or entry.call.gas
            if gas is None:
                return
            entry.transaction = unsigned(node, sender, entry.call, gas, max_fee=most, ahead=ahead)
            costs += entry.transaction.most
            if costs > held:
                entry.refusal = told(self, FundsMissingError(sender, held, costs))
                return


@contextmanager
def _noted(entry: Planned, view: View) -> Iterator[None]:
    try:
        yield
    except ChainError as refusal:
        entry.refusal = told(view, refusal)
        raise


def described(desk: DryDesk, line: str | None) -> Answer:
    """What a dry run has found; exits with 1 if something would be refused.

    Args:
        line: what the command has said, where it came to its end.
    """
    refused = any(entry.refusal is not None for entry in desk.planned)
    document = {
        "dry_run": True,
        "sender": desk.actor.address,
        "signatures": _signatures(desk),
        "transactions": [_document(desk, entry) for entry in desk.planned],
        "goes_on": desk.goes_on,
    }
    if not desk.planned:
        said = f"Nothing would be sent: {line}"
        return Answer(document=document | {"said": line}, shown=said)
    parts: list[Any] = [_NOTHING]
    for number, entry in enumerate(desk.planned, 1):
        before = len(desk.planned) > 1 and number > 1 and entry.untried is None
        contract, function = _function(entry.call)
        parts += ["", f"{number}  {contract}.{function.signature}"]
        parts.append(facts(_rows(desk, entry, as_it_is=before)))
    if desk.goes_on:
        parts += ["", _GOES_ON]
    return Answer(document=document, shown=stacked(*parts), code=1 if refused else 0)


def _function(call: Call) -> tuple[str, Function]:
    """What is called; a Safe's own call is named after what it carries out."""
    function = load(call.contract).function(call.function)
    if function.selector == call.data[:4]:
        return call.contract, function
    return "Safe", load("Safe").function("execTransaction")


def _arguments(call: Call) -> dict[str, Any]:
    function = _function(call)[1]
    return function.inputs.named(function.inputs.decode(call.data[4:]))


def _role(desk: DryDesk, call: Call) -> tuple[str, list[str]] | None:
    """The role that a function is for, and who has it of those that the deployment names."""
    contract, function = _function(call)
    role = functions_of(contract).get(function.name)
    if role is None:
        return None
    named = desk.market.deployment.roles.get(role, ())
    known = dict.fromkeys((*named, desk.actor.address))
    return role.name, [each for each in known if desk.market.access.has_role(role, each).is_member]


def _signatures(desk: DryDesk) -> dict[str, Any]:
    if desk.signers.vote:
        governor, votes = desk.market.governor, desk.market.votes
        return {
            "vote": {
                "proposer_needs": governor.proposal_threshold(),
                "quorum": votes.total_supply() * governor.quorum_numerator() // 100,
                "timelock": desk.actor.address,
                "delay": desk.market.timelock.get_min_delay(),
            }
        }
    if desk.safe is None:
        return {"needed": 1, "of": [desk.actor.address], "safe_nonce": None}
    return {
        "needed": desk.safe.get_threshold(),
        "of": list(desk.safe.get_owners()),
        "safe_nonce": desk.safe.nonce(),
    }


def _document(desk: DryDesk, entry: Planned) -> dict[str, Any]:
    call, role = entry.call, _role(desk, entry.call)
    contract, function = _function(call)
    return {
        "contract": contract,
        "function": function.signature,
        "arguments": as_document(_arguments(call)),
        "to": call.to,
        "value": call.value,
        "data": f"0x{call.data.hex()}",
        "role": None if role is None else {"name": role[0], "held_by": role[1]},
        "outcome": entry.outcome,
        "gas": entry.gas,
        "why": entry.refusal or entry.untried,
        "unsigned": None if entry.transaction is None else as_request(entry.transaction),
    }


def _rows(desk: DryDesk, entry: Planned, *, as_it_is: bool) -> dict[str, str]:
    from energy_grid.market.governance import ProposedCall

    call, role = entry.call, _role(desk, entry.call)
    does = ProposedCall(target=call.to, value=call.value, data=call.data)
    rows = {"does": measure(desk, does), "to": desk.named(call.to)}
    # Indented, since an argument can have the name of another line.
    rows |= {f"  {name}": plain_value(value) for name, value in _arguments(call).items()}
    if call.value:
        rows["value"] = f"{call.value} wei"
    rows["call data"] = f"0x{call.data.hex()}"
    rows["signed by"] = _who(desk)
    if role is not None:
        holders = ", ".join(map(desk.named, role[1])) or "nobody that the deployment names"
        rows["for the role"] = f"{role[0]}, held by {holders}"
    rows["now"] = _now(entry)
    if as_it_is:
        rows["now"] += "; as the chain is before all of this"
    return rows


def _who(desk: DryDesk) -> str:
    found = _signatures(desk)
    if desk.signers.vote:
        vote = found["vote"]
        return (
            f"a vote, proposed with {desk.votes(vote['proposer_needs'])}, that"
            f" {desk.votes(vote['quorum'])} take part in; the timelock {vote['timelock']} acts"
            f" {format_duration(vote['delay'])} after it is queued"
        )
    if desk.safe is None:
        return desk.actor.address
    owners = ", ".join(found["of"])
    return (
        f"{counted(found['needed'], 'owner')} of the Safe {desk.safe.address} (nonce"
        f" {found['safe_nonce']}): {owners}"
    )


def _now(entry: Planned) -> str:
    if entry.untried is not None:
        return f"cannot be tried: {entry.untried}"
    if entry.refusal is not None:
        return f"would be refused: {entry.refusal}"
    return f"would succeed, with {entry.gas:,} gas"
