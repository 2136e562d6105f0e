"""What users can do next when a command fails: the only place that holds these hints.

An error message is one line: what is wrong, with its values in readable units, and what to do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from energy_grid.chain.networks import NETWORKS, NoDeploymentError, WrongChainError, native_coin
from energy_grid.chain.roles import Role, functions_of
from energy_grid.errors import (
    ChainError,
    DeploymentError,
    EnergyGridError,
    InputError,
    NodeUnreachableError,
    TransactionPendingError,
)

if TYPE_CHECKING:
    from energy_grid.chain.contract import Call
    from energy_grid.cli.session import View

__all__ = [
    "HINTS",
    "about_places",
    "error_document",
    "explained",
    "missing_role",
    "readable",
]

# By the name of the error; what is in angle brackets is a value of it.
HINTS: Mapping[str, str] = {
    "AlreadyParticipating": "energy-grid dr participations shows all parts of a consumer",
    "AssetShares_BuyoutDue": "first end it: energy-grid asset shares conclude",
    "BalancingCoordination_NoCapacity": "energy-grid grid capacity set sets what a region has",
    "BalancingCoordination_NoSuchAction": "energy-grid grid balance list lists the actions",
    "CarbonCredits_NoSuchRetirement": "energy-grid carbon retirements lists the retirements",
    "CarbonCredits_NotProducer": "energy-grid participant register-producer registers it",
    "CarbonCredits_NotRegistered": "the registrar registers it with energy-grid carbon register",
    "BalancingCoordination_ShareUsed": "energy-grid grid balance complete closes one",
    "Communities_CoefficientAbove": "offer less",
    "Communities_CoefficientPending": "energy-grid day close closes the days before it",
    "Communities_CoefficientsFull": "its manager lowers another one with energy-grid community"
    " coefficient",
    "Communities_Expelled": "its manager readmits it with energy-grid community readmit",
    "Communities_InDebt": "energy-grid money repay pays it",
    "Communities_IsMember": "energy-grid community leave ends the membership",
    "Communities_NoGateway": "energy-grid community create --gateway founds one that has",
    "Communities_NotManager": "energy-grid community show shows its manager",
    "Communities_NotMember": "energy-grid community member shows it",
    "Communities_NotStatic": "energy-grid community create --gateway --static founds one that has",
    "Communities_OtherOffer": "energy-grid community member shows the offer",
    "Communities_OtherRegion": "energy-grid meter show shows where its meter is",
    "Communities_Unknown": "energy-grid community list lists the communities",
    "Communities_UnknownAccount": "energy-grid money deposit opens one",
    "Communities_WithinHorizon": "choose a later day with --from",
    "Communities_WrongSignature": "sign anew with energy-grid community sign-join",
    "CommunityDays_BadLeaf": "energy-grid gateway day build writes leaves that are well formed",
    "CommunityDays_BadRange": "choose slots of the day with --slots",
    "CommunityDays_Challengeable": "do it after that time",
    "CommunityDays_ClosedTogether": "energy-grid day show shows what it brought",
    "CommunityDays_Contradicted": "publish the device's own readings with energy-grid meter relay",
    "CommunityDays_DayNotFinal": "energy-grid day due shows when days are final",
    "CommunityDays_DayNotOver": "anchor it once the day is over",
    "CommunityDays_DaysOpen": "energy-grid day close closes the days before it",
    "CommunityDays_NetsNotBelievable": "publish the device's own readings with energy-grid meter"
    " relay",
    "CommunityDays_NoContradiction": "choose a reading of this account at a slot's end of the day"
    " that differs",
    "CommunityDays_NoLeaves": "energy-grid gateway day build writes them",
    "CommunityDays_NotAMember": "energy-grid community member shows its membership",
    "CommunityDays_NotAnchored": "its gateway anchors it with energy-grid gateway day anchor",
    "CommunityDays_NotClosedTogether": "energy-grid gateway day show shows whether it is"
    " settled, and who was passed over",
    "CommunityDays_NotGateway": "energy-grid community show shows its gateway",
    "CommunityDays_NotHandedOver": "energy-grid gateway day hand-over proves it",
    "CommunityDays_NotMeasured": "a sealed leaf needs its opening, which the gateway has",
    "CommunityDays_NotNewest": "prove the leaf of the day before that one",
    "CommunityDays_OtherRegisters": "publish the device's own readings with energy-grid meter"
    " relay",
    "CommunityDays_RegistersNotContinued": "energy-grid gateway day build takes them from the day"
    " before; then anchor it anew",
    "CommunityDays_Settled": "energy-grid gateway day show shows what became of it",
    "CommunityDays_Skipped": "its holder alone does before that; read the days before first",
    "CommunityDays_WrongLeaves": "energy-grid gateway day settle takes the anchored ones from the"
    " store",
    "CommunityDays_WrongProof": "the root was anchored anew: prove the leaf from the newest leaves",
    "ConsumerNotRegistered": "energy-grid dr register-consumer registers it",
    "DemandResponse_NoSuchProgram": "energy-grid dr program list lists the programs",
    "ERC721NonexistentToken": "energy-grid asset list lists the assets",
    "EmergencyStop_Stopped": "a pause ends when the guardian lifts it, a shutdown never ends",
    "EnergyAccounts_HasMeter": "its holder ends it with energy-grid meter detach, and"
    " energy-grid day close closes its days",
    "EnergyAccounts_MembershipPending": "energy-grid day close closes the days before it",
    "EnergyAccounts_RegistersMissing": "publish the last reading with energy-grid meter relay",
    "EnergyTrading_GateClosed": "choose a later period with --start",
    "EnergyTrading_NoSuchBatch": "energy-grid batch list lists the batches",
    "EnergyTrading_NoSuchOrder": "energy-grid book list --all lists the orders",
    "EnergyTrading_NoSuchTransaction": "energy-grid trade list --all lists the trades",
    "EnergyTrading_NotOwner": "only its trader can cancel it until it expires",
    "EventNotFound": "energy-grid dr event list lists the events",
    "GovernorNonexistentProposal": "energy-grid govern list lists the proposals",
    "GridManagement_NotRegistered": "energy-grid participant register-producer registers it;"
    " so do register-consumer and register-storage",
    "GridOperatorNotRegistered": "the grid authority does it with energy-grid operator verify, and"
    " then energy-grid dr register-operator",
    "GridOperatorVerification_NotAuthorized": "energy-grid operator show shows its status; the grid"
    " authority can verify or authorize it",
    "GridOperatorVerification_WrongStatus": "energy-grid operator show shows its status",
    "LoadMonitoring_NoReport": "energy-grid grid load report adds one",
    "MedianOracle_Held": "the guardian releases it with energy-grid oracle confirm",
    "MedianOracle_NoAnswer": "reporters submit one with energy-grid oracle submit",
    "PeerToPeerTrading_Inactive": "energy-grid participant show shows what is missing",
    "PeerToPeerTrading_BorderClosed": "energy-grid grid emergency shows until when",
    "PeerToPeerTrading_RegionClosed": "energy-grid grid emergency shows until when",
    "PeerToPeerTrading_NoSuchOffer": "energy-grid offer list lists the offers",
    "PeerToPeerTrading_NoSuchTrade": "energy-grid offer spot-trades lists the spot trades",
    "Settlement_CollectAbove": "the rest backs credits, receivables and the payments of a week",
    "Settlement_CreditsMissing": "energy-grid credit show shows them",
    "Settlement_DaysOpen": "energy-grid day close closes them once they are final",
    "Settlement_GapOpen": "publish the meter's readings with energy-grid meter relay",
    "Settlement_GridAccountShort": "energy-grid grid account show shows what it has",
    "Settlement_InDebt": "energy-grid money repay pays it",
    "Settlement_InsufficientBalance": "energy-grid money deposit adds to it",
    "Settlement_KeepsPending": "energy-grid day close closes the days before it",
    "Settlement_NothingToClose": "energy-grid day due shows the first open day",
    "Settlement_UnknownAccount": "energy-grid money deposit opens one",
    "SmartMeter_NoConsent": "the holder agrees with energy-grid meter consent or sign-consent",
    "SmartMeter_ReadByGateway": "wait until the gateway's day is settled or past its deadline, then"
    " energy-grid gateway day hand-over lets own readings go on",
    "SmartMeter_Skipped": "submit the missing readings first, or skip them with energy-grid"
    " meter submit-with-consent",
    "SmartMeter_UnknownMeter": "the registrar registers it with energy-grid meter register",
    "StabilityMaintenance_NothingConfigured": "energy-grid grid stability configure critical-load"
    " adds one (operator with 80 points)",
    "StabilityMaintenance_NoFreshState": "reporters submit one with energy-grid oracle submit grid",
    "StabilityMaintenance_NoReport": "energy-grid grid stability report adds one",
    "StabilityMaintenance_NoSuchEvent": "energy-grid grid stability events lists the events of a"
    " region",
    "Tariffs_UnknownRegion": "energy-grid tariff list lists the regions",
    "Tariffs_WithinHorizon": "choose a later day with --from",
}
# Errors whose money is what the token itself counts.
_OF_TOKEN = ("AssetShares_", "DemandResponse_", "ERC20", "RewardDistribution", "TestDollar_")
_FAUCET = "energy-grid money faucet gives test money"


def _message(view: View, error: EnergyGridError) -> str:
    """An error in one line, with what to do next."""
    from energy_grid.chain.custom_errors import DecodedError
    from energy_grid.chain.tx.sender import FundsMissingError

    if isinstance(error, FundsMissingError):
        return _funds(view, error.account, error.held, error.needed)
    if not isinstance(error, DecodedError):
        return str(error)
    is_of_token = error.name.startswith(_OF_TOKEN)
    coin = view.market.token_coin if is_of_token else view.market.coin
    line, hint = error.message(coin), HINTS.get(error.name)
    if error.name == "ERC20InsufficientBalance" and error.contract in ("TestDollar", "Settlement"):
        hint = _FAUCET
    return line if hint is None else f"{line}: {hint}"


def readable(view: View, error: EnergyGridError) -> EnergyGridError:
    """The error as one line with what to do next; the original is its cause."""
    message = _message(view, error)
    if message == str(error):
        return error
    found = EnergyGridError(message)
    found.__cause__ = error
    return found


def error_document(error: BaseException, message: str | None = None) -> dict[str, Any]:
    """An error as JSON has it: its name, its values and its message.

    The name is that of the contract's custom error, or of the exception's class.
    """
    from energy_grid.chain.custom_errors import DecodedError

    cause = error.__cause__ or error
    name, contract = type(error).__name__, None
    arguments: dict[str, Any] = {}
    if isinstance(cause, TransactionPendingError):
        arguments = {"transactions": cause.transactions}
    elif isinstance(cause, DecodedError):
        name, contract, arguments = cause.name, cause.contract, dict(cause.arguments)
    return {
        "error": name,
        "contract": contract,
        "arguments": arguments,
        "message": message or str(error),
    }


@contextmanager
def about_places(network: str | None) -> Iterator[None]:
    """Errors about a node or a deployment say how to make it, or how to name another.

    Args:
        network: the name that the user gave, if any.
    """
    known = NETWORKS[network or "local"]
    deploy = f"deploy the market with ape run deploy --network {known.ape}"
    try:
        yield
    except NodeUnreachableError as error:
        start = "start one with anvil --accounts 30, or " if known.explorer is None else ""
        raise NodeUnreachableError(f"{error}: {start}name another with --rpc") from None
    except NoDeploymentError as error:
        raise DeploymentError(f"{error}: {deploy}, or name its file with --deployment") from None
    except WrongChainError as error:
        raise DeploymentError(
            f"{error}: name a node of that chain with --rpc, or the network with --network"
        ) from None
    except DeploymentError as error:
        raise DeploymentError(f"{error}: {deploy}") from None


@contextmanager
def explained(view: View) -> Iterator[None]:
    """Errors of the chain become `readable`."""
    try:
        yield
    except InputError:
        raise
    except ChainError as error:
        found = readable(view, error)
        if found is error:
            raise
        raise found from error


def missing_role(view: View, address: str, call: Call) -> EnergyGridError | None:
    """Why an address may not make a call that is for a role; None where no role is known."""
    role = functions_of(call.contract).get(call.function.partition("(")[0])
    if role is None:
        return None
    return EnergyGridError(
        f"{address} may not do this: it is for the role {role.name}{_way(view, role)}"
    )


def _way(view: View, role: Role) -> str:
    """How the holders of a role make its calls."""
    deployment = view.market.deployment
    holders = deployment.roles.get(role, ())
    for name, safe in deployment.safes.items():
        if safe.address in holders:
            return f" (the {name}'s Safe: --account safe:OWNER,OWNER)"
    if deployment.address("TimelockController") in holders:
        return ", which governance has (energy-grid govern propose)"
    return f", which {', '.join(map(view.named, holders))} has" if holders else ""


def _funds(view: View, account: str, held: int, needed: int) -> str:
    from energy_grid.domain.units import format_decimal

    coin = native_coin(view.market.node.chain_id)
    return (
        f"{account} has {format_decimal(held, 18)} {coin}, and this can take up to"
        f" {format_decimal(needed, 18)} {coin} of gas: send it some"
    )
