"""GridGovernor: a decision from its proposal to its effect, and the governor's own settings."""

from __future__ import annotations

from dataclasses import replace

from eth_hash.auto import keccak

from energy_grid.chain.contract import Call
from energy_grid.client import Account, errors
from energy_grid.domain.enums import ProposalState, Support
from energy_grid.domain.typed_data import Domain, digest
from energy_grid.market.governance import Proposal
from scripts._walkthrough.houses import HOME
from scripts._walkthrough.run import START
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import CENT, dollars
from scripts.walkthrough._governance_proposals import carry, parts, propose

__all__ = ["a_decision"]

NOBODY = "0x" + 40 * "0"
TOKEN = 10**18
QUARTER = 250_000 * TOKEN
TWO_WEEKS = 14 * 86_400
_DAY = START // 86_400 + 300
_BALLOT = "Ballot(uint256 proposalId,uint8 support,address voter,uint256 nonce)"
_EXTENDED = (
    "ExtendedBallot(uint256 proposalId,uint8 support,address voter,uint256 nonce,"
    "string reason,bytes params)"
)
_BY_PARTS = "(address[],uint256[],bytes[],bytes32)"


def a_decision(stage: Stage) -> None:
    """A tariff by vote, everything that can go wrong on the way, and what can be read of it."""
    number = _proposing(stage)
    _voting(stage, number)
    _carrying_out(stage, number)
    _by_signature(stage)
    _taking_back(stage)
    _too_late(stage)


def _tariff(stage: Stage, hundredths: int) -> Call:
    """A network fee in hundredths of a cent, for a day that is far enough away."""
    tariffs = stage.market.tariffs
    tariff = replace(tariffs.tariff_of(HOME, _DAY), network_fee=hundredths * CENT // 100)
    return tariffs.set_tariff(HOME, tariff, _DAY)


def _proposing(stage: Stage) -> Proposal:
    governor = stage.market.governor
    first_voter, second_voter = stage.voters[:2]
    poor = stage.person("somebody without votes")
    change, text = _tariff(stage, 25), "A network fee of 0.25 cents"
    stage.chapter("A proposal")
    stage.shows("votes that a proposer needs", governor.proposal_threshold())
    stage.refuses(
        "a proposal of an account without votes",
        errors.GovernorInsufficientProposerVotes,
        poor,
        governor.propose(*parts([change]), text),
        proposer=poor.address,
        votes=0,
    )
    stage.refuses(
        "a proposal of nothing",
        errors.GovernorInvalidProposalLength,
        first_voter,
        governor.propose([], [], [], text),
        targets=0,
    )
    stage.refuses(
        "the second voter sends what the first voter has put its name on",
        errors.GovernorRestrictedProposer,
        second_voter,
        governor.propose(*parts([change]), f"{text}#proposer={first_voter.address}"),
        proposer=second_voter.address,
    )
    made = propose(stage, [change], text)
    stage.shows("how many there are", governor.proposal_count())
    stage.shows("where it stands", governor.state(made.id))
    stage.shows("who proposed it", governor.call("proposalProposer", made.id))
    stage.shows("when votes are weighed", governor.call("proposalSnapshot", made.id))
    stage.shows("the last second of the vote", governor.call("proposalDeadline", made.id))
    stage.shows("its calls", governor.call("proposalDetails", made.id)[0])
    stage.shows("the same, as the first of all", governor.call("proposalDetailsAt", 0)[1])
    hashed = (*parts([change]), keccak(text.encode()))
    stage.check(governor.call("hashProposal", *hashed) == made.id, "its number is not its hash")
    stage.shows("its number is a hash of it", governor.call("getProposalId", *hashed))
    stage.refuses_to_answer(
        "where a proposal stands that there is not",
        errors.GovernorNonexistentProposal,
        lambda: governor.state(1),
        proposal_id=1,
    )
    stage.refuses(
        "a vote before it begins",
        errors.GovernorUnexpectedProposalState,
        first_voter,
        governor.cast_vote(made.id, Support.FOR),
        current=ProposalState.PENDING,
    )
    return made


def _voting(stage: Stage, made: Proposal) -> None:
    governor = stage.market.governor
    first_voter, second_voter, third_voter, fourth_voter = stage.voters
    stage.chapter("A vote")
    stage.shows("seconds from proposal to vote", governor.voting_delay())
    stage.shows("seconds of the vote", governor.voting_period())
    stage.wait_until(made.vote_start + 1)
    stage.refuses(
        "a vote that is neither for, against nor an abstention",
        errors.GovernorInvalidVoteType,
        first_voter,
        governor.prepare("castVote", made.id, 3),
    )
    stage.does(
        "the first voter is for it",
        first_voter,
        governor.cast_vote(made.id, Support.FOR),
        "VoteCast",
    )
    stage.refuses(
        "the first voter votes again",
        errors.GovernorAlreadyCastVote,
        first_voter,
        governor.cast_vote(made.id, Support.AGAINST),
        voter=first_voter.address,
    )
    stage.does(
        "the second voter is for it, and says why",
        second_voter,
        governor.cast_vote_with_reason(made.id, Support.FOR, "the grid needs it"),
    )
    stage.does(
        "the third voter is against it, with data for programs",
        third_voter,
        governor.prepare("castVoteWithReasonAndParams", made.id, Support.AGAINST, "dear", b"\x01"),
        "VoteCastWithParams",
    )
    stage.shows(
        "whether the fourth voter has voted", governor.has_voted(made.id, fourth_voter.address)
    )
    stage.shows("the votes", governor.proposal_votes(made.id))
    stage.check(governor.proposal_votes(made.id).for_votes == 2 * QUARTER, "votes are missing")
    stage.shows("how they are counted", governor.call("COUNTING_MODE"))
    stage.shows("votes for and abstaining that it needs", governor.quorum(made.vote_start))
    then = made.vote_start
    stage.shows("what percentage that is", governor.quorum_numerator())
    stage.shows("of", governor.call("quorumDenominator"))
    stage.shows("and what it was then", governor.call("quorumNumerator(uint256)", then))
    stage.shows(
        "what the fourth voter could vote with", governor.get_votes(fourth_voter.address, then)
    )
    with_data = governor.call("getVotesWithParams", fourth_voter.address, then, b"\x01")
    stage.shows("data for programs change nothing of that", with_data)


def _carrying_out(stage: Stage, made: Proposal) -> None:
    market, governor = stage.market, stage.market.governor
    anybody, operation = stage.person("anybody"), _tariff(stage, 25)
    terms = (*parts([operation]), keccak(b"A network fee of 0.25 cents"))
    stage.chapter("From the vote to its effect")
    stage.refuses(
        "queueing it before the vote is over",
        errors.GovernorUnexpectedProposalState,
        anybody,
        governor.queue(made.id),
        current=ProposalState.ACTIVE,
    )
    stage.wait_until(made.vote_end + 1)
    stage.shows(
        "whether it must wait in the timelock", governor.call("proposalNeedsQueuing", made.id)
    )
    stage.does(
        "anybody queues it, here by its calls instead of its number",
        anybody,
        governor.prepare(f"queue{_BY_PARTS}", *terms),
        "ProposalQueued",
    )
    eta = governor.call("proposalEta", made.id)
    stage.shows("when it can be executed", eta)
    stage.refuses(
        "executing it at once",
        errors.TimelockUnexpectedOperationState,
        anybody,
        governor.execute(made.id),
    )
    stage.wait_until(eta)
    stage.does(
        "anybody executes it",
        anybody,
        governor.prepare(f"execute{_BY_PARTS}", *terms),
        "ProposalExecuted",
    )
    fee = market.tariffs.tariff_of(HOME, _DAY).network_fee
    stage.check(fee == CENT // 4, "the fee has not changed")
    stage.shows("the network fee of that day", dollars(fee))
    nonsense = Call(
        contract="EnergyToken", function="?", to=market.energy_token.address, data=b"????"
    )
    refused = carry(stage, [nonsense], "A call of no function")
    stage.refuses(
        "a decision that cannot be carried out",
        errors.FailedCall,
        anybody,
        governor.execute(refused.id),
    )


def _by_signature(stage: Stage) -> None:
    market, governor = stage.market, stage.market.governor
    relay, (first_voter, second_voter, *_) = stage.person("a relay"), stage.voters
    domain = Domain(
        name=governor.call("name"),
        version=governor.call("version"),
        chain_id=market.node.chain_id,
        verifying_contract=governor.address,
    )
    stage.chapter("Votes by signature")
    stage.shows("what is signed for (EIP-712)", governor.call("eip712Domain")[1:5])
    stage.shows("the type of a ballot", governor.call("BALLOT_TYPEHASH"))
    stage.shows("of one with a reason", governor.call("EXTENDED_BALLOT_TYPEHASH"))
    made = propose(stage, [_tariff(stage, 30)], "A network fee of 0.30 cents")
    stage.wait_until(made.vote_start + 1)
    plain = _ballot(first_voter, _BALLOT, (made.id, Support.FOR, first_voter.address, 0), domain)
    stage.refuses(
        "the second voter's vote with the first voter's signature",
        errors.GovernorInvalidSignature,
        relay,
        governor.prepare("castVoteBySig", made.id, Support.FOR, second_voter.address, plain),
        voter=second_voter.address,
    )
    stage.does(
        "a relay hands in the first voter's vote",
        relay,
        governor.prepare("castVoteBySig", made.id, Support.FOR, first_voter.address, plain),
        "VoteCast",
    )
    stage.shows("the number of its next signature", governor.call("nonces", first_voter.address))
    reason = "cheaper"
    words = (made.id, Support.FOR, second_voter.address, 0, keccak(reason.encode()), keccak(b""))
    stage.does(
        "and the second voter's, with a reason",
        relay,
        governor.prepare(
            "castVoteWithReasonAndParamsBySig",
            *(made.id, Support.FOR, second_voter.address, reason, b""),
            _ballot(second_voter, _EXTENDED, words, domain),
        ),
        "VoteCast",
    )


def _ballot(
    voter: Account, kind: str, words: tuple[int | str | bytes, ...], domain: Domain
) -> bytes:
    return voter.sign(digest(kind, words, domain)).long


def _taking_back(stage: Stage) -> None:
    governor, (first_voter, second_voter, *_) = stage.market.governor, stage.voters
    text = "A network fee of 0.40 cents"
    change = _tariff(stage, 40)
    stage.chapter("Taking a proposal back")
    made = propose(stage, [change], text)
    stage.refuses(
        "the second voter takes back the first voter's",
        errors.GovernorUnableToCancel,
        second_voter,
        governor.cancel(made.id),
        account=second_voter.address,
    )
    stage.does(
        "the first voter does, before the vote",
        first_voter,
        governor.cancel(made.id),
        "ProposalCanceled",
    )
    again = propose(stage, [change], f"{text}, once more")
    terms = (*parts([change]), keccak(f"{text}, once more".encode()))
    stage.does("the same by its calls", first_voter, governor.prepare(f"cancel{_BY_PARTS}", *terms))
    stage.shows("where it stands", governor.state(again.id))


def _too_late(stage: Stage) -> None:
    governor = stage.market.governor
    stage.chapter("A decision cannot be kept until it undoes a later one")
    made = carry(stage, [_tariff(stage, 50)], "A network fee of 0.50 cents")
    stage.wait_until(stage.market.proposal(made.number).eta + TWO_WEEKS + 1)
    stage.refuses(
        "executing it two weeks after its time",
        errors.GovernorUnexpectedProposalState,
        stage.voters[0],
        governor.execute(made.id),
        current=ProposalState.EXPIRED,
    )
