"""Where a story takes place: a market on a fresh chain, its actors, and a line for every step.

    stage.chapter("Money comes in")
    buyer = stage.person("the buyer", money="50")
    stage.does("the buyer deposits it", buyer, market.settlement.deposit(50_000_000))
    stage.shows("its balance", market.settlement.balance_of(buyer.address))
    stage.refuses(
        "a deposit of nothing", errors.Settlement_ZeroAmount, buyer, market.settlement.deposit(0)
    )

Each of these prints a line and says which functions of the contracts were called. A step that does
not go as written ends the story (`CheckFailedError`): it is a test as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_hash.auto import keccak

from energy_grid.chain.abi import checksum, load
from energy_grid.chain.contract import Call, Contract, EventLog
from energy_grid.chain.deployments import Deployment
from energy_grid.chain.reverts import from_rpc
from energy_grid.chain.rpc.node import DevNode, RpcError, call_parameter
from energy_grid.cli.numbers import counted
from energy_grid.client import Account, Actor, EnergyGrid, Multisig
from energy_grid.domain.units import parse_money
from energy_grid.errors import CheckFailedError, ContractError
from scripts._walkthrough.coverage import Coverage
from scripts._walkthrough.creation import Compiled, compiled
from scripts._walkthrough.operators import LOCAL_ACCOUNTS, Operators
from scripts._walkthrough.words import shown, with_names

__all__ = ["Impersonated", "Stage", "Story"]

Say = Callable[[str], object]

_WEI = 10**21
_KEEPER = 7
_REPORTERS = (4, 12, 13, 14)
_VOTERS = (5, 8, 9, 10)
_FAUCET = 10_000  # whole coins that the test dollar gives at once
_SECONDS_PER_BLOCK = 1
_WIDTH = 120
_NOBODY = "0x" + "0" * 40


@dataclass(frozen=True, slots=True)
class Impersonated:
    """An address that acts without a key, which only a local chain allows.

    Stories let contracts act so where how they come to it is another story: the timelock, which
    carries out what was voted on, or Settlement that calls a meter.
    """

    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One walkthrough.

    Attributes:
        name: of its concept, and of its command.
        contracts: those of the deployment whose whole interface it shows.
        tell: tells it on a stage.
    """

    name: str
    contracts: tuple[str, ...]
    tell: Callable[[Stage], None]

    @property
    def summary(self) -> str:
        """The first line of its documentation."""
        return str(self.tell.__doc__).splitlines()[0]


@dataclass(frozen=True, slots=True)
class _Done:
    transaction: str
    gas_used: int
    logs: Sequence[Mapping[str, Any]]


class Stage:
    """A market on a local chain, and a log of what happens.

    Blocks are a second apart, and begin at the same second in every run: a story prints the same
    lines each time.

    Args:
        node: of a chain that nobody else uses.
        say: prints a line.
    """

    def __init__(self, node: DevNode, deployment: Deployment, story: Story, say: Say) -> None:
        self.node = node
        self.market = EnergyGrid(node, deployment)
        self.coverage = Coverage(story.contracts)
        self._say = say
        self._since: list[str] = []
        self._names = {shown(_NOBODY): "nobody"}
        self._chapters = 0
        for name, deployed in deployment.contracts.items():
            self.watch(name, deployed.address)
        for safe in self.market.safes.values():
            self.watch("Safe", safe.address)
        for number in range(LOCAL_ACCOUNTS):
            node.set_balance(Account.local(number).address, _WEI)
        node.hooks.append(self._record_call)
        node.set_automine(True)
        node.rpc("anvil_setBlockTimestampInterval", _SECONDS_PER_BLOCK)

    def close(self) -> None:
        """Stop listening to the node."""
        self.node.hooks.remove(self._record_call)

    # Who acts

    def person(self, name: str, money: str = "0") -> Account:
        """An account with its own key, gas, and money (whole coins) in its wallet.

        Args:
            name: the role that lines print in place of the address.

        The money is approved to be taken by Settlement.
        """
        account = Account(keccak(f"energy-grid walkthrough {name}".encode()))
        self._names[shown(account.address)] = name
        self.node.set_balance(account.address, _WEI)
        if money != "0":
            self._give(account, money)
        return account

    @property
    def safe(self) -> Operators:
        """The operators: each call is made by the Safe that has its role."""
        return Operators(self.market)

    @property
    def guardian(self) -> Multisig:
        """The guardian's Safe, of which two owners sign."""
        return self.safe.named("guardian")

    @property
    def keeper(self) -> Account:
        """The account that sends batches."""
        return Account.local(_KEEPER)

    @property
    def reporters(self) -> list[Account]:
        """The accounts that submit values to the oracles."""
        return [Account.local(number) for number in _REPORTERS]

    @property
    def voters(self) -> list[Account]:
        """The accounts that hold the governance token."""
        return [Account.local(number) for number in _VOTERS]

    @property
    def governance(self) -> Impersonated:
        """The timelock, as when it carries out a vote: `governance` tells how it comes to that."""
        return Impersonated(self.market.timelock.address)

    # What happens

    def chapter(self, title: str) -> None:
        """Begin a part of the story."""
        self._chapters += 1
        self._say("")
        self._say(f"{self._chapters}. {title}")
        self._since.clear()

    def says(self, text: str) -> None:
        """Explain something."""
        self._say(f"   {text}")

    def does(
        self,
        what: str,
        actor: Actor | Impersonated | Operators,
        call: Call,
        *events: str,
        within: Sequence[Call] = (),
    ) -> list[EventLog]:
        """Carry out a call that must succeed.

        Args:
            events: names of events that it must emit, whichever of the contracts does.
            within: calls that contracts must make on its way, which then count as called: those of
                a decision that is carried out, or of a Safe.

        Returns:
            All events of the story's contracts, in their order.

        Raises:
            CheckFailedError: it is refused, or an event or a call is missing.
        """
        try:
            done = self._carry_out(actor, call)
        except ContractError as error:
            raise CheckFailedError(f"{what}: reverted: {error}") from error
        happened = self._events(done.logs)
        emitted = [one.event for one in happened]
        for event in events:
            self.check(event in emitted, f"{what}: no event {event} among {emitted}")
        if within:
            self._count_within(what, done.transaction, within)
        signature = f"{call.contract}.{call.function.partition('(')[0]}"
        self._line("done", what, f"{signature}, {done.gas_used:,} gas")
        return happened

    def repeats(self, what: str, steps: Iterable[tuple[Actor | Operators, Call]]) -> None:
        """Carry out calls that are much the same, in one line.

        Args:
            steps: each is taken when the one before is done, so that time can pass between them.

        Raises:
            CheckFailedError: one is refused.
        """
        gas: list[int] = []
        name = ""
        for actor, call in steps:
            try:
                gas.append(self._carry_out(actor, call).gas_used)
            except ContractError as error:
                raise CheckFailedError(f"{what}: reverted: {error}") from error
            name = f"{call.contract}.{call.function.partition('(')[0]}"
        self._line("done", what, f"{len(gas)} times {name}, {sum(gas):,} gas")

    def shows(self, what: str, value: object) -> None:
        """Say what was read: the functions that were called since the last line are named."""
        self._line("read", f"{what}: {shown(value)}", ", ".join(dict.fromkeys(self._since)))

    def refuses(
        self,
        what: str,
        error: type[ContractError],
        actor: Actor | Impersonated | Operators,
        call: Call,
        /,
        **values: object,
    ) -> None:
        """Try what must be refused.

        Args:
            error: the class of the refusal; ``values`` are attributes that it must have.

        Raises:
            CheckFailedError: it is carried out, or refused for another reason.
        """
        self._refuses(what, error, lambda: self._carry_out(actor, call), values)

    def refuses_to_answer(
        self,
        what: str,
        error: type[ContractError],
        read: Callable[[], object],
        /,
        **values: object,
    ) -> None:
        """As `refuses` of a view."""
        self._refuses(what, error, read, values)

    def attempts(self, sender: str, call: Call, *, gas: int) -> None:
        """Try a call with this gas, as a node does before a transaction.

        Raises:
            ContractError: it is refused.
        """
        request = call_parameter(call.to, call.data, sender=sender)
        try:
            self.node.rpc("eth_call", {**request, "gas": hex(gas)}, "latest")
        except RpcError as error:
            raise from_rpc(error, call.contract) from None

    def check(self, holds: bool, otherwise: str) -> None:
        """Make sure of something.

        Raises:
            CheckFailedError: it does not hold.
        """
        if not holds:
            raise CheckFailedError(otherwise)

    # More contracts than the market has

    def watch(self, name: str, address: str) -> None:
        """Let calls of another contract count, such as of the shares of an asset."""
        self._names[shown(checksum(address))] = name
        self.coverage.watch(load(name), address)

    def deploy(self, what: str, name: str, *arguments: Any) -> Contract:
        """Deploy a contract of the project, mocks included, which then counts under its name.

        A fitting wrapper can be made of its ``address``; `Contract.call` and `Contract.prepare`
        reach all functions by their names.
        """
        artifact = compiled(name)
        gas, address = self._create(artifact, arguments)
        contract = Contract(self.node, address, name, artifact.interface)
        self._names[shown(contract.address)] = name
        self.coverage.watch(contract.abi, address)
        self._line("done", what, f"deploying {name}, {gas:,} gas")
        return contract

    def refuses_to_deploy(
        self,
        what: str,
        error: type[ContractError],
        name: str,
        /,
        *arguments: Any,
        **values: object,
    ) -> None:
        """As `refuses` of a constructor."""
        self._refuses(what, error, lambda: self._create(compiled(name), arguments), values)

    # Time

    @property
    def now(self) -> int:
        """Unix seconds of the newest block."""
        return self.node.time

    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.node.set_time(self.now + seconds)

    def wait_until(self, timestamp: int) -> None:
        """Let time pass up to a moment, if it is not over."""
        if self.now < timestamp:
            self.node.set_time(timestamp)

    # The end

    def finish(self) -> str:
        """What was shown, in a line.

        Raises:
            CheckFailedError: that is not everything, with a line for each thing that is missing.
        """
        missing = self.coverage.missing()
        if missing:
            raise CheckFailedError(
                f"the story leaves out {len(missing)}:\n  " + "\n  ".join(missing)
            )
        functions, _, errors, _ = self.coverage.counts
        self._say("")
        for name, why in self.coverage.unreachable.items():
            self._say(f"   cannot be raised: {name} ({why})")
        contracts = counted(len(self.coverage.contracts), "contract")
        line = f"{functions} functions of {contracts} called, {errors} errors provoked"
        self._say(f"All of it: {line}.")
        return line

    def _refuses(
        self,
        what: str,
        kind: type[ContractError],
        act: Callable[[], object],
        values: Mapping[str, object],
    ) -> None:
        before = list(self._since)
        try:
            act()
        except ContractError as error:
            if not isinstance(error, kind):
                raise CheckFailedError(f"{what}: refused by {error!r}, not {kind}") from error
            for name, value in values.items():
                found = _value(error, name)
                self.check(found == value, f"{what}: {name} is {found!r}, not {value!r}")
            self.coverage.refuses(error.name)
            self._since = before
            self._line("reverted", what, f"{error.name}; {error}")
            return
        raise CheckFailedError(f"{what}: did not revert")

    def _line(self, kind: str, what: str, detail: str) -> None:
        self._since.clear()
        what, detail = (with_names(text, self._names) for text in (what, detail))
        line = f"   {kind:<8} {what}"
        if detail and len(line) + len(detail) < _WIDTH:
            line += f"  [{detail}]"
        elif detail:
            line += f"\n{'':12}[{detail}]"
        self._say(line)

    def _give(self, account: Account, money: str) -> None:
        token = self.market.money
        wanted, most = parse_money(money, token.decimals()), _FAUCET * 10 ** token.decimals()
        for first in range(0, wanted, most):
            self._quietly(account, token.faucet(min(most, wanted - first)))
        self._quietly(account, token.approve(self.market.settlement.address, wanted))

    def _quietly(self, actor: Actor, call: Call) -> None:
        self.market.sender.send(actor, call)
        self._since.clear()

    def _carry_out(self, actor: Actor | Impersonated | Operators, call: Call) -> _Done:
        if isinstance(actor, Impersonated):
            return self._impersonate(actor.address, call)
        if isinstance(actor, Operators):
            actor = actor.of(call)
        receipt = self.market.sender.send(actor, call)
        # A Safe's own transaction carries the call: what it calls is not seen from outside.
        for part in call.parts or (call,):
            self.coverage.calls(part.to, part.data[:4])
        return _Done(receipt.transaction, receipt.gas_used, receipt.logs)

    def _impersonate(self, sender: str, call: Call) -> _Done:
        request = call_parameter(call.to, call.data, sender=sender, value=call.value)
        self.node.set_balance(sender, _WEI)
        try:
            self.node.rpc("eth_estimateGas", request)
        except RpcError as error:
            raise from_rpc(error, call.contract) from None
        receipt = self.node.execute_as(sender, call.to, call.data, value=call.value)
        self.check(receipt["status"] == "0x1", f"{call.function} failed after its estimate")
        return _Done(receipt["transactionHash"], int(receipt["gasUsed"], 16), receipt["logs"])

    def _count_within(self, what: str, transaction: str, calls: Sequence[Call]) -> None:
        trace = self.node.rpc("debug_traceTransaction", transaction, {"tracer": "callTracer"})
        made = set(_calls_of(trace))
        for call in calls:
            found = (call.to.lower(), call.data[:4]) in made
            self.check(found, f"{what}: no call of {call.contract}.{call.function} on its way")
            self.coverage.calls(call.to, call.data[:4])

    def _create(self, artifact: Compiled, arguments: tuple[Any, ...]) -> tuple[int, str]:
        deployer = self.person("deployer").address
        request = {"from": deployer, "data": "0x" + artifact.creation_code(arguments).hex()}
        try:
            self.node.rpc("eth_estimateGas", request)
        except RpcError as error:
            raise from_rpc(error, artifact.name) from None
        self.node.rpc("anvil_impersonateAccount", deployer)
        receipt = self.node.rpc("eth_sendTransactionSync", request)
        self.check(receipt["status"] == "0x1", f"{artifact.name} was not deployed")
        return int(receipt["gasUsed"], 16), receipt["contractAddress"]

    def _events(self, logs: Sequence[Mapping[str, Any]]) -> list[EventLog]:
        happened = []
        for log in logs:
            abi = self.coverage.abi_at(log["address"])
            if abi is not None:
                happened += Contract(self.node, log["address"], abi.name, abi).events([log])
        return happened

    def _record_call(self, address: str, selector: bytes, revert: bytes | None) -> None:
        refused = revert is not None
        name = self.coverage.calls(address, selector, refused=refused)
        if name is not None and not refused:
            self._since.append(name)


def _calls_of(frame: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Address and selector of every call in a trace that did not revert."""
    if "error" in frame:
        return
    yield str(frame.get("to", "")).lower(), bytes.fromhex(frame["input"][2:10])
    for inner in frame.get("calls", ()):
        yield from _calls_of(inner)


def _value(error: ContractError, name: str) -> object:
    # Some errors have a value that is called as an attribute of every exception is.
    return error.arguments.get(name, getattr(error, name, None))
