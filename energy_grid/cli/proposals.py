"""``energy-grid govern propose``: what holders of governance tokens can put to the vote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from energy_grid.chain.roles import PERMISSIONS, Role
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.desk import Desk, View, event_of, short
from energy_grid.cli.measures import measure
from energy_grid.cli.options import Address, choice, number, reading
from energy_grid.domain.units import format_time, parse_percent
from energy_grid.errors import ContractError, EnergyGridError, InputError

if TYPE_CHECKING:
    from energy_grid.chain.contract import Call
    from energy_grid.market.governance import ProposedCall

__all__ = ["measured", "proposal_of", "propose", "put_to_vote", "refuse_own_end"]

propose = CommandGroup("propose", "Put a change of the market's rules to the vote.")

_BPS_DECIMALS, _TOKEN_DECIMALS = 2, 18
_STOPPED = tuple(
    contract for contract, names in PERMISSIONS[Role.ADMIN].items() if "shutdown" in names
)


def _stoppable(text: str) -> str:
    for contract in _STOPPED:
        if text.lower() == contract.lower():
            return contract
    raise InputError(f"{text[:50]!r} is none of {', '.join(_STOPPED)}")


Because = Annotated[
    str,
    typer.Option(
        "--because", metavar="TEXT", help="Why: for the voters, and to tell like proposals apart."
    ),
]
RoleName = Annotated[Role, choice(Role, "ROLE")]


@propose.does("fees")
def fees(
    desk: Desk,
    protocol: Annotated[
        int | None,
        typer.Option(
            "--protocol",
            parser=reading(lambda text: parse_percent(text, _BPS_DECIMALS)),
            metavar="PERCENT",
            help="Share of what sellers are paid, at most 1 %; else as it is.",
        ),
    ] = None,
    grid_fee: Annotated[
        str | None,
        typer.Option("--grid-fee", metavar="MONEY", help="Network charge per kWh; else as it is."),
    ] = None,
    because: Because = "",
) -> str:
    """Change the fees: their share of a payment, the charge per kWh, or both."""
    settlement = desk.market.settlement
    if protocol is None and grid_fee is None:
        raise InputError("say --protocol, --grid-fee, or both")
    share = settlement.protocol_fee_bps() if protocol is None else protocol
    charge = settlement.grid_fee_per_kwh() if grid_fee is None else desk.parse_money(grid_fee)
    return put_to_vote(desk, [settlement.set_fees(share, charge)], because)


@propose.does("base-price")
def base_price(
    desk: Desk,
    price: Annotated[str, typer.Argument(metavar="MONEY", help="Per kWh, such as 0.31.")],
    because: Because = "",
) -> str:
    """Change the base price of grid energy."""
    call = desk.market.grid.set_base_price(desk.parse_money(price))
    return put_to_vote(desk, [call], because)


@propose.does("emission-factor")
def emission_factor(
    desk: Desk,
    factor: Annotated[int, number("GRAMS", "CO2e that a clean kWh avoids, in g.")],
    because: Because = "",
) -> str:
    """Change how much carbon credit a clean kWh earns."""
    return put_to_vote(desk, [desk.market.carbon.set_emission_factor(factor)], because)


@propose.does("outflow-limit")
def outflow_limit(
    desk: Desk,
    limit: Annotated[str, typer.Argument(metavar="MONEY", help="Such as 10000.")],
    because: Because = "",
) -> str:
    """Change how much money may leave the vault per window before withdrawals wait."""
    call = desk.market.settlement.set_outflow_limit(desk.parse_money(limit))
    return put_to_vote(desk, [call], because)


@propose.does("mint")
def mint(
    desk: Desk,
    to: Address,
    tokens: Annotated[
        str, typer.Argument(metavar="TOKENS", help="Governance tokens, such as 1000.")
    ],
    because: Because = "",
) -> str:
    """Make new governance tokens for somebody, within the cap."""
    call = desk.market.votes.mint(desk.address(to), desk.parse_votes(tokens))
    return put_to_vote(desk, [call], because)


@propose.does("grant")
def grant(desk: Desk, role: RoleName, to: Address, because: Because = "") -> str:
    """Give a role to somebody."""
    call = desk.market.access.grant_role(role, desk.address(to), 0)
    return put_to_vote(desk, [call], because)


@propose.does("revoke")
def revoke(desk: Desk, role: RoleName, holder: Address, because: Because = "") -> str:
    """Take a role from somebody."""
    address = desk.address(holder)
    refuse_own_end(desk, role, address)
    return put_to_vote(desk, [desk.market.access.revoke_role(role, address)], because)


@propose.does("shutdown")
def shutdown(
    desk: Desk,
    contract: Annotated[
        str,
        typer.Argument(
            parser=reading(_stoppable), metavar="CONTRACT", help=f"{', '.join(_STOPPED)}."
        ),
    ],
    because: Because = "",
) -> str:
    """Shut a contract down for good: only its exits stay open."""
    return put_to_vote(desk, [desk.market.shutdown_of(contract)], because)


def proposal_of(view: View, calls: Sequence[Call], because: str, proposer: str) -> Call:
    """The call that proposes calls, once it is certain that they would not be refused now.

    Raises:
        EnergyGridError: a vote could not change this.
    """
    from energy_grid.chain.contract import Contract

    market = view.market
    for call in calls:
        try:
            Contract(market.node, call.to, call.contract).simulate(call, market.timelock.address)
        except ContractError as refusal:
            raise EnergyGridError(f"a vote could not change this: {refusal}") from None
    # With its proposer in it, nobody else can be first with the same proposal, and cancel it.
    reason = f" {_sentence(because)}" if because else ""
    description = f"{_sentence(measured(view, calls))}{reason} #proposer={proposer}"
    from energy_grid.market import governance

    return governance.propose(market.governor, calls, description)


def put_to_vote(desk: Desk, calls: Sequence[Call], because: str) -> str:
    """Propose calls, once it is certain that the contracts would not refuse them now."""
    from energy_grid.contracts import errors
    from energy_grid.market import governance

    market, words = desk.market, _sentence(measured(desk, calls))
    proposal = proposal_of(desk, calls, because, desk.actor.address)
    try:
        receipt = desk.send(proposal)
    except errors.GovernorInsufficientProposerVotes as refusal:
        raise EnergyGridError(
            f"{short(refusal.proposer)} can vote with {desk.votes(refusal.votes)}, and who proposes"
            f" needs {desk.votes(refusal.threshold)}: energy-grid govern delegate makes its own"
            " tokens count"
        ) from None
    except errors.GovernorUnexpectedProposalState:
        raise EnergyGridError(
            "the same has been proposed before: give another reason (--because)"
        ) from None
    created = event_of(market.governor, receipt, "ProposalCreated")
    number = governance.number_of(market.governor, created["proposal_id"])
    return (
        f"Proposed {number}: {words} Votes are weighed as they are at"
        f" {format_time(created['vote_start'])}, and cast from then to"
        f" {format_time(created['vote_end'])}"
    )


def refuse_own_end(view: View, role: Role, holder: str) -> None:
    """Pass if governance keeps the role by which it can change anything.

    Raises:
        InputError: it would take it from itself.
    """
    if role is Role.ADMIN and holder == view.market.timelock.address:
        raise InputError("governance would take its own role: nobody could change anything again")


def measured(view: View, calls: Sequence[Call]) -> str:
    """What calls do, in words."""
    from energy_grid.market.governance import ProposedCall

    made = [ProposedCall(target=call.to, value=call.value, data=call.data) for call in calls]
    return "; ".join(measure(view, call) for call in made)


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"
