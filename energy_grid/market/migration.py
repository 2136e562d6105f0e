"""Succession: what accounts have in a market at a block, and how they leave it for its successor.

Contracts are immutable, so a market ends by a shutdown, after which every exit stays open, and
another one is deployed. Nobody moves anybody's money: an account leaves by itself, and pays in
where it likes.

    former market --export_holdings--> file with a root: what everybody had, for all to check
    tokens --> credits --> money --> wallet (`leave_market`) --> successor (`arrive_from`)
    file, former market, successor --audit_migration--> the same worth, to a thousandth of a unit

Each step follows from the chain's state, so it can be repeated after any interruption.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from energy_grid.chain.accounts import Account
from energy_grid.chain.multicall import ChainQuery, past_events, read_all, would_succeed
from energy_grid.chain.rpc.node import BlockId
from energy_grid.domain.account_words import account_state, owed
from energy_grid.domain.costs import EXACT
from energy_grid.domain.merkle import merkle_proof, merkle_root
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.errors import InputError
from energy_grid.market.money import Payments
from energy_grid.market.plan import Execution, Plan, Step
from energy_grid.market.trader_accounts import TraderAccounts

__all__ = ["Audit", "Export", "Holding", "Migration"]

_FORMAT = 2
_NOBODY = "0x" + 40 * "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What an address has in a market. Money is exact: thousandths of a money unit.

    Attributes:
        free, receivable, security, queued, debt: of its settlement account, exact money; queued is
            what withdrawals that wait will pay.
        credits, tokens: energy credits in the account and as EnergyToken, Wh.
        grams: carbon credits, g CO2e.
        votes: base units of the governance token.
    """

    address: str
    free: int = 0
    receivable: int = 0
    security: int = 0
    queued: int = 0
    debt: int = 0
    credits: int = 0
    tokens: int = 0
    grams: int = 0
    votes: int = 0

    @property
    def row(self) -> bytes:
        """The leaf's values: the address and the numbers, as abi.encode gives them."""
        numbers = [getattr(self, each.name) for each in fields(self)[1:]]
        words = [int(self.address, 16), *numbers]
        return b"".join(each.to_bytes(32, "big") for each in words)

    def worth(self, credit_value: int) -> int:
        """Its money, and its energy at the value of credits in exact money a Wh."""
        energy = (self.credits + self.tokens) * credit_value
        return self.free + self.receivable + self.security + self.queued + energy - self.debt


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What everybody has in a market at a block.

    Attributes:
        settlement: which market it is.
        credit_value: exact money a Wh on that day.
    """

    chain_id: int
    settlement: str
    block: int
    time: int
    credit_value: int
    holdings: tuple[Holding, ...]

    @property
    def root(self) -> bytes:
        """Of OpenZeppelin's standard tree, whose leaves are the holdings."""
        return merkle_root(each.row for each in self.holdings)

    @property
    def totals(self) -> Mapping[str, int]:
        """The sum of each number."""
        names = [each.name for each in fields(Holding)[1:]]
        return {name: sum(getattr(each, name) for each in self.holdings) for name in names}

    @property
    def worth(self) -> int:
        """Of all holdings, exact money."""
        return sum(each.worth(self.credit_value) for each in self.holdings)

    def of(self, address: str) -> Holding:
        """The holding of an address.

        Raises:
            InputError: it had nothing.
        """
        for each in self.holdings:
            if each.address == address:
                return each
        raise InputError(f"{address} had nothing in this market at block {self.block}")

    def proof(self, address: str) -> tuple[bytes, ...]:
        """What proves a holding by the root, for OpenZeppelin's `MerkleProof`.

        Raises:
            InputError: as `of`.
        """
        return merkle_proof([each.row for each in self.holdings], self.of(address).row)

    def save(self, path: Path) -> None:
        """Write it, with its root and its totals for people."""
        document = {
            "format": _FORMAT,
            "chainId": self.chain_id,
            "settlement": self.settlement,
            "block": self.block,
            "time": self.time,
            "creditValue": str(self.credit_value),
            "root": f"0x{self.root.hex()}",
            "totals": {name: str(value) for name, value in self.totals.items()},
            "holdings": [
                {name: each if name == "address" else str(each) for name, each in row.items()}
                for row in map(asdict, self.holdings)
            ],
        }
        path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Export:
        """Read a file.

        Raises:
            InputError: it is something else, or its root is not that of its holdings.
        """
        wrong = InputError(f"{path} is no export of a market: make one anew")
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            if document["format"] != _FORMAT:
                raise wrong
            found = cls(
                chain_id=int(document["chainId"]),
                settlement=str(document["settlement"]),
                block=int(document["block"]),
                time=int(document["time"]),
                credit_value=int(document["creditValue"]),
                holdings=tuple(map(_holding, document["holdings"])),
            )
            root = str(document["root"])
        except OSError:
            raise InputError(f"cannot read {path}: name the file of migrate export") from None
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
            raise wrong from None
        if root != f"0x{found.root.hex()}":
            raise InputError(f"{path} was changed: its holdings do not have its root")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """Both markets beside an export, exact money, Wh and g.

    Attributes:
        exported: what all had.
        left: what is still in the old market.
        withdrawn: what the old market has paid to wallets since.
        arrived: what the same addresses have in the successor.
        moved, staying: how many addresses have an account in the successor, or not.
        grams: before and now; carbon credits stay where they are.
    """

    exported: int
    left: int
    withdrawn: int
    arrived: int
    moved: int
    staying: int
    grams: tuple[int, int]

    @property
    def taken(self) -> int:
        """What they took out and did not pay in; below 0 where others have paid in for them."""
        return self.withdrawn - self.arrived

    @property
    def missing(self) -> int:
        """What is neither in the old market nor was paid out; below 0 for what came in."""
        return self.exported - self.left - self.withdrawn


class Migration(Payments):
    """Leaving a market, and arriving in its successor."""

    def export_holdings(self, block: BlockId = "latest") -> Export:
        """What every address has at a block; one without anything is left out.

        Raises:
            InputError: nobody has anything.
        """
        found = self.node.block(block)
        number, time = int(found["number"], 16), int(found["timestamp"], 16)
        addresses = self._addresses(number)
        holdings = [each for each in self.holdings(addresses, number) if any(each.row[32:])]
        if not holdings:
            raise InputError(f"nobody has anything in this market at block {number}")
        return Export(
            chain_id=self.node.chain_id,
            settlement=self.settlement.address,
            block=number,
            time=time,
            credit_value=self._credit_value(number, time),
            holdings=tuple(holdings),
        )

    def holdings(self, addresses: Sequence[str], block: BlockId = "latest") -> list[Holding]:
        """What addresses have, in their order."""
        tokens = (self.energy_token, self.carbon, self.votes)
        queries = [
            query
            for address in addresses
            for query in (
                ChainQuery(self.settlement, "accountOf", (address,)),
                *(ChainQuery(each, "balanceOf", (address,)) for each in tokens),
            )
        ]
        answers = iter(read_all(self.node, queries, block=block))
        queued = self._queued(block)
        found = []
        for address in addresses:
            (_, word, owed_word, security), energy, grams, votes = (next(answers) for _ in range(4))
            state, owes = account_state(word), owed(owed_word)
            found.append(
                Holding(
                    address=address,
                    free=state.free,
                    receivable=owes.receivable,
                    security=security,
                    queued=queued[address],
                    debt=owes.debt,
                    credits=state.credits,
                    tokens=energy,
                    grams=grams,
                    votes=votes,
                )
            )
        return found

    def _queued(self, block: BlockId) -> Counter[str]:
        """Exact money of the withdrawals that wait, by their accounts."""
        count = self.settlement.withdrawal_count(block_identifier=block)
        queries = [
            ChainQuery(self.settlement, "queuedWithdrawal", (number,), otherwise=True)
            for number in range(1, count + 1)
        ]
        waiting: Counter[str] = Counter()
        for found in read_all(self.node, queries, block=block):
            if found is not None:
                account, _, amount, *_ = found
                waiting[account] += amount * EXACT
        return waiting

    def leave_market(self, who: Account) -> Plan[int]:
        """Take out all that an account can take now: tokens become credits, credits money, money
        goes to its wallet, at once or by the queue. The result is how much that is, in base units.

        What open days may cost and a security stay until they are settled: leave again then.
        """
        (held,) = self.holdings([who.address])
        steps: list[Step] = []
        if held.tokens:
            steps.append(Step(call=self.settlement.deposit_credits(held.tokens)))
        if energy := held.credits + held.tokens:
            call = self.settlement.redeem(energy)
            steps.append(Step(call=call, needs_previous=bool(held.tokens)))
        release = self.settlement.release_security(who.address)
        if held.security and would_succeed(self.node, [release])[0]:
            steps.append(Step(call=release))
        if not steps:
            return self._withdraw_all(who)

        def rest(_: Execution[Any]) -> Plan[int]:
            # What there is depends on what became of the others.
            return self._withdraw_all(who)

        return Plan(self.sender, who, steps, lambda _: 0, following=rest)

    def _withdraw_all(self, who: Account) -> Plan[int]:
        found = TraderAccounts(self.settlement).read([who.address])[who.address]
        amount = found.available if found.number else 0
        if not amount:
            return self.plan(who).then(lambda _: 0)
        call = self.settlement.withdraw(amount, who.address)
        return self.plan(who, call).then(lambda _: amount)

    def arrive_from(self, who: Account, exported: Export) -> Plan[int]:
        """Pay into this market, the successor, what an account had in the former one, less what it
        has paid in here already, as far as its wallet has it. The result is the amount.

        Raises:
            InputError: the account had nothing in the former market.
        """
        held = exported.of(who.address)
        wanted = max(held.worth(exported.credit_value), 0) // EXACT
        # Its own deposits alone: anybody can pay something in for it.
        first, own = self.deployment.first_block, who.address
        paid = past_events(self.settlement, "Deposited", first, payer=own, account=own)
        wanted -= sum(event["amount"] for event in paid)
        amount = min(wanted, self.money.balance_of(who.address) // self.token_units)
        if amount <= 0:
            return self.plan(who).then(lambda _: 0)
        return self.deposit_with_permit(who, amount).then(lambda _: amount)

    def audit_migration(self, exported: Export, successor: Migration) -> Audit:
        """Hold an export against this market and its successor.

        Raises:
            InputError: it is of another market.
        """
        if (exported.chain_id, exported.settlement) != (
            self.node.chain_id,
            self.settlement.address,
        ):
            raise InputError(
                f"the export is of {exported.settlement} on chain {exported.chain_id}, not of this"
                f" market, {self.settlement.address}"
            )
        addresses = [each.address for each in exported.holdings]
        now, there = self.holdings(addresses), successor.holdings(addresses)
        value = exported.credit_value
        queries = [ChainQuery(successor.settlement, "numberOf", (each,)) for each in addresses]
        moved = sum(map(bool, read_all(self.node, queries)))
        known = set(addresses)
        withdrawn = [
            event["amount"]
            for event in past_events(self.settlement, "Withdrawn", exported.block + 1)
            if event["account"] in known
        ]
        return Audit(
            exported=exported.worth,
            left=sum(each.worth(value) for each in now),
            withdrawn=sum(withdrawn) * EXACT,
            arrived=sum(each.worth(value) for each in there),
            moved=moved,
            staying=len(addresses) - moved,
            grams=(exported.totals["grams"], sum(each.grams for each in now)),
        )

    def _addresses(self, block: int) -> list[str]:
        """All with an account, and all that ever got a token."""
        count = self.settlement.account_count(block_identifier=block)
        queries = [
            ChainQuery(self.settlement, "accountAt", (each,)) for each in range(1, count + 1)
        ]
        accounts: Iterable[str] = read_all(self.node, queries, block=block)
        holders = (
            log["to"]
            for token in (self.energy_token, self.carbon, self.votes)
            for log in past_events(token, "Transfer", self.deployment.first_block)
            if log.block <= block
        )
        return [each for each in dict.fromkeys((*accounts, *holders)) if each != _NOBODY]

    def _credit_value(self, block: int, time: int) -> int:
        return self.tariffs.credit_value_at(time // DAY_SECONDS, block_identifier=block)


def _holding(row: Mapping[str, str]) -> Holding:
    numbers = {name: int(value) for name, value in row.items() if name != "address"}
    return Holding(address=str(row["address"]), **numbers)
