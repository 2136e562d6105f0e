"""GridGovernor's own settings, what it accepts, and what can be read of it."""

from __future__ import annotations

from energy_grid.chain.contract import Contract
from energy_grid.client import errors
from scripts._walkthrough.stage import Stage
from scripts.walkthrough._governance_proposals import carry

__all__ = ["own_settings"]

NOBODY = "0x" + 40 * "0"
TOKEN = 10**18
QUARTER = 250_000 * TOKEN
TWO_WEEKS = 14 * 86_400
_BY_PARTS = "(address[],uint256[],bytes[],bytes32)"


def own_settings(stage: Stage) -> None:
    """What only a vote can change of the governor itself, and what it never accepts."""
    _settings(stage)
    _deposits(stage)
    _facts(stage)


def _settings(stage: Stage) -> None:
    market, governor = stage.market, stage.market.governor
    stranger = stage.person("a stranger")
    stage.chapter("The governor's own settings")
    stage.refuses(
        "set by anybody",
        errors.GovernorOnlyExecutor,
        stranger,
        governor.prepare("setVotingDelay", 5),
        account=stranger.address,
    )
    sent = 7 * TOKEN
    stage.does(
        "a stranger has sent votes to the governor by mistake",
        stage.voters[3],
        market.votes.transfer(governor.address, sent),
    )
    back = market.votes.transfer(stranger.address, sent)
    changes = [
        governor.prepare("setVotingDelay", 30),
        governor.prepare("setVotingPeriod", 300),
        governor.prepare("setLateQuorumVoteExtension", 60),
        governor.prepare("setProposalThreshold", 5_000 * TOKEN),
        governor.prepare("updateQuorumNumerator", 40),
        governor.prepare("relay", back.to, 0, back.data),
        governor.prepare("updateTimelock", market.timelock.address),
    ]
    made = carry(stage, changes, "Everything at once, the timelock to itself, the votes given back")
    stage.does("done, by way of the timelock", stranger, governor.execute(made.id), within=changes)
    settings = (governor.voting_delay(), governor.voting_period(), governor.quorum_numerator())
    stage.check(settings == (30, 300, 40), f"the settings are {settings}")
    stage.shows("delay, period, quorum", settings)
    stage.check(market.votes.balance_of(stranger.address) == sent, "the votes were not given back")
    for text, change, error in (
        (
            "A vote of no length",
            governor.prepare("setVotingPeriod", 0),
            errors.GovernorInvalidVotingPeriod,
        ),
        (
            "A quorum of more than all",
            governor.prepare("updateQuorumNumerator", 101),
            errors.GovernorInvalidQuorumFraction,
        ),
        (
            "An extension longer than the vote",
            governor.prepare("setLateQuorumVoteExtension", 301),
            errors.GovernorPreventLateQuorumVoteExtensionTooLarge,
        ),
    ):
        wrong = carry(stage, [change], text)
        stage.refuses(f"executing it: {text.lower()}", error, stranger, governor.execute(wrong.id))


def _deposits(stage: Stage) -> None:
    governor, stranger = stage.market.governor, stage.person("a stranger")
    stage.chapter("Nothing is kept by the governor: what governance owns is the timelock's")
    deposits = (
        ("an NFT", "onERC721Received", (NOBODY, NOBODY, 1, b"")),
        ("other tokens", "onERC1155Received", (NOBODY, NOBODY, 1, 1, b"")),
        ("several of them", "onERC1155BatchReceived", (NOBODY, NOBODY, [1], [1], b"")),
    )
    for what, function, arguments in deposits:
        stage.refuses(
            f"sending it {what}",
            errors.GovernorDisabledDeposit,
            stranger,
            governor.prepare(function, *arguments),
        )


def _facts(stage: Stage) -> None:
    governor: Contract = stage.market.governor
    stage.chapter("What else can be asked")
    stage.shows("the token that votes", stage.market.governor.token())
    stage.shows("the timelock that acts", stage.market.governor.timelock())
    stage.shows("the time, in Unix seconds", governor.call("clock"))
    stage.shows("what time is counted in", governor.call("CLOCK_MODE"))
    stage.shows(
        "whether it is a governor (ERC-165)",
        governor.call("supportsInterface", bytes.fromhex("01ffc9a7")),
    )
