"""``energy-grid govern propose``: the proposals that token holders can make."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from energy_grid.chain.roles import PERMISSIONS, Role
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.options import Address, Region, choice, day, duration, number, reading, whole
from energy_grid.cli.oracles import Which, prepare_parameters
from energy_grid.cli.session import Planned, Session, View
from energy_grid.cli.tariffs import (
    BuyPrice,
    FeedIn,
    MaxFactor,
    NetworkFee,
    ProtocolFee,
    changes_of,
)
from energy_grid.cli.times import format_time
from energy_grid.errors import ContractError, EnergyGridError, InputError
from energy_grid.market.call_words import measure

if TYPE_CHECKING:
    from energy_grid.chain.contract import Call
    from energy_grid.market.governance import Proposal

__all__ = [
    "description_of",
    "found_proposal",
    "measured",
    "propose",
    "put_to_vote",
    "refuse_own_end",
]

propose = CommandGroup("propose", "Propose a change of the market's rules.")

# Between the first day that can change now and the one that can after a vote.
_VOTE_DAYS = 14
# Ids of proposals are hashes: smaller ones are numbers.
_IDS = 2**64
_STOPPED = tuple(
    contract for contract, names in PERMISSIONS[Role.ADMIN].items() if "shutdown" in names
)


def _stoppable(text: str) -> str:
    for contract in _STOPPED:
        if text.lower() == contract.lower():
            return contract
    raise InputError(f"{text[:50]!r} is not one of {', '.join(_STOPPED)}")


def _numbers(text: str) -> list[int]:
    return [whole(1)(each) for each in text.split(",")]


Because = Annotated[
    str,
    typer.Option(
        "--because",
        metavar="TEXT",
        help="A reason for the voters; it also distinguishes equal proposals.",
    ),
]
After = Annotated[
    list[int] | None,
    typer.Option(
        "--after",
        parser=_numbers,
        metavar="PROPOSALS",
        help="Those that must be executed first, such as 3 or 3,4.",
        show_default=False,
    ),
]
RoleName = Annotated[Role, choice(Role, "ROLE")]


@propose.does("tariff")
def tariff(
    session: Session,
    region: Region,
    buy: BuyPrice = None,
    feed_in: FeedIn = None,
    network_fee: NetworkFee = None,
    protocol_fee: ProtocolFee = None,
    max_factor: MaxFactor = None,
    first: Annotated[
        int | None, day("--from", "The first day; by default 30 days ahead, to outlast the vote")
    ] = None,
    because: Because = "",
    after: After = None,
) -> Planned[Any]:
    """Propose another tariff of a region: prices, fees, and the highest dynamic factor."""
    market = session.market
    changes = changes_of(session, buy, feed_in, network_fee, protocol_fee, max_factor)
    begin = market.first_changeable_day() + _VOTE_DAYS if first is None else first
    return put_to_vote(
        session, [market.prepare_tariff(region, day=begin, **changes)], because, after
    )


@propose.does("credit-value")
def credit_value(
    session: Session,
    value: Annotated[str, typer.Argument(metavar="MONEY", help="Of a kWh, such as 0.05.")],
    first: Annotated[
        int | None, day("--from", "The first day; by default 30 days ahead, to outlast the vote")
    ] = None,
    because: Because = "",
    after: After = None,
) -> Planned[Any]:
    """Propose a lower value of energy credits; it never rises."""
    market = session.market
    begin = market.first_changeable_day() + _VOTE_DAYS if first is None else first
    call = market.tariffs.set_credit_value(session.parse_price(value), begin)
    return put_to_vote(session, [call], because, after)


@propose.does("base-price")
def base_price(
    session: Session,
    price: Annotated[str, typer.Argument(metavar="MONEY", help="Per kWh, such as 0.31.")],
    because: Because = "",
    after: After = None,
) -> Planned[Any]:
    """Propose another buy price of the home region, from the first possible day on."""
    call = session.market.grid.set_base_price(session.parse_money(price))
    return put_to_vote(session, [call], because, after)


@propose.does("emission-factor")
def emission_factor(
    session: Session,
    factor: Annotated[int, number("GRAMS", "The CO2e that a clean kWh avoids, in g.")],
    because: Because = "",
    after: After = None,
) -> Planned[Any]:
    """Propose another emission factor: the carbon credit that a clean kWh earns."""
    return put_to_vote(session, [session.market.carbon.set_emission_factor(factor)], because, after)


@propose.does("outflow-limit")
def outflow_limit(
    session: Session,
    limit: Annotated[str, typer.Argument(metavar="MONEY", help="Such as 10000.")],
    because: Because = "",
    after: After = None,
) -> Planned[Any]:
    """Propose another limit of withdrawals per window; beyond it, withdrawals are queued."""
    call = session.market.settlement.set_outflow_limit(session.parse_money(limit))
    return put_to_vote(session, [call], because, after)


@propose.does("oracle")
def oracle(
    session: Session,
    which: Which,
    quorum: Annotated[
        int | None,
        typer.Option(
            "--quorum", parser=whole(1), metavar="REPORTS", help="The reports that close a round."
        ),
    ] = None,
    max_age: Annotated[
        int | None,
        duration("How long an answer is valid (a report counts for half of it)", "--max-age"),
    ] = None,
    because: Because = "",
    after: After = None,
) -> Planned[Any]:
    """Propose another quorum, or another maximum age, of an oracle."""
    call = prepare_parameters(session, which, quorum, max_age)
    return put_to_vote(session, [call], because, after)


@propose.does("mint")
def mint(
    session: Session,
    to: Address,
    tokens: Annotated[
        str, typer.Argument(metavar="TOKENS", help="Governance tokens, such as 1000.")
    ],
    because: Because = "",
    after: After = None,
) -> Planned[Any]:
    """Propose to mint governance tokens for an account, within the cap."""
    call = session.market.votes.mint(session.address_of(to), session.parse_votes(tokens))
    return put_to_vote(session, [call], because, after)


@propose.does("grant")
def grant(
    session: Session,
    role: RoleName,
    to: Address,
    because: Because = "",
    after: After = None,
) -> Planned[Any]:
    """Propose to grant a role to an account."""
    market = session.market
    call = market.access.grant_role(role, session.address_of(to), market.delay_of(role))
    return put_to_vote(session, [call], because, after)


@propose.does("revoke")
def revoke(
    session: Session,
    role: RoleName,
    holder: Address,
    because: Because = "",
    after: After = None,
) -> Planned[Any]:
    """Propose to revoke a role of an account."""
    address = session.address_of(holder)
    refuse_own_end(session, role, address)
    return put_to_vote(session, [session.market.access.revoke_role(role, address)], because, after)


@propose.does("shutdown")
def shutdown(
    session: Session,
    contract: Annotated[
        str,
        typer.Argument(
            parser=reading(_stoppable), metavar="CONTRACT", help=f"{', '.join(_STOPPED)}."
        ),
    ],
    because: Because = "",
    after: After = None,
) -> Planned[Any]:
    """Propose the permanent shutdown of a contract; only its exits stay open."""
    return put_to_vote(session, [session.market.shutdown_of(contract)], because, after)


def put_to_vote(
    session: Session, calls: Sequence[Call], because: str, after: Sequence[int] | None = None
) -> Planned[Any]:
    """Propose calls, after a simulation of each one; `after` names what they depend on."""
    from energy_grid.contracts import errors

    def explain(refusal: ContractError) -> EnergyGridError | None:
        if isinstance(refusal, errors.GovernorInsufficientProposerVotes):
            return EnergyGridError(
                f"{refusal.proposer} has {session.votes(refusal.votes)} of votes, and a proposer"
                f" needs {session.votes(refusal.threshold)}: activate own tokens with energy-grid"
                " govern delegate"
            )
        if isinstance(refusal, errors.GovernorUnexpectedProposalState):
            return EnergyGridError("the same proposal exists: give another reason with --because")
        return None

    predecessors = [found_proposal(session, number) for number in sorted({*(after or ())})]
    bound = "".join(f" Not before proposal {each.number} is executed." for each in predecessors)

    def message(made: Proposal) -> str:
        return (
            f"Proposed {made.number}: {_sentence(measured(session, calls))}{bound} Voting starts at"
            f" {format_time(made.vote_start)} and ends at {format_time(made.vote_end)}"
        )

    text = description_of(session, calls, because)
    plan = session.market.propose(session.who, calls, text, after=predecessors)
    return Planned(plan, message, explain=explain)


def description_of(view: View, calls: Sequence[Call], because: str) -> str:
    """What a proposal says: the effect of its calls, and the reason."""
    return " ".join(_sentence(text) for text in (measured(view, calls), because) if text)


def found_proposal(view: View, number: int) -> Proposal:
    """A proposal by its number or its id.

    Raises:
        EnergyGridError: there is none.
    """
    count = view.market.governor.proposal_count()
    if number >= _IDS:
        number = view.market.proposal_number(number)
    elif number > count:
        has = f"the newest is {count}" if count else "nothing has been proposed"
        raise EnergyGridError(f"there is no proposal {number}: {has}")
    return view.market.proposal(number)


def refuse_own_end(view: View, role: Role, holder: str) -> None:
    """Accept all revocations but that of governance's own ADMIN role.

    Raises:
        InputError: governance would revoke its own role.
    """
    if role is Role.ADMIN and holder == view.market.timelock.address:
        raise InputError(
            "governance cannot revoke its own role ADMIN: no rule could change afterwards"
        )


def measured(view: View, calls: Sequence[Call]) -> str:
    """The effect of calls, in words."""
    from energy_grid.market.governance import ProposedCall

    made = [ProposedCall(target=call.to, value=call.value, data=call.data) for call in calls]
    return "; ".join(measure(view, call) for call in made)


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"
