"""The token whose holders vote: delegation, votes at a moment, and how many there can be."""

from __future__ import annotations

from energy_grid.client import Account, errors
from energy_grid.contracts.governance_token import GovernanceToken
from energy_grid.domain.typed_data import Domain, digest
from scripts._walkthrough.common import show_authority
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import show_erc20, show_permits

__all__ = ["the_token"]

NOBODY = "0x" + 40 * "0"
TOKEN = 10**18
MOST_VOTES = 2**208 - 1
_DELEGATION = "Delegation(address delegatee,uint256 nonce,uint256 expiry)"


def the_token(stage: Stage) -> None:
    """Everything of GovernanceToken; at its end each voter votes with its own."""
    _delegating(stage)
    _by_signature(stage)
    _at_a_moment(stage)
    _how_many(stage)
    show_erc20(stage, stage.market.votes, stage.voters[0], 5 * TOKEN)
    show_permits(stage, stage.market.votes, stage.voters[0], 5 * TOKEN)


def _delegating(stage: Stage) -> None:
    token, (first_voter, second_voter, *_) = stage.market.votes, stage.voters
    stage.chapter("Votes count once they are delegated")
    stage.shows("what the first voter holds", token.balance_of(first_voter.address))
    stage.says("The first holders have delegated to themselves: they can vote from the beginning.")
    stage.shows("what it can vote with", token.get_votes(first_voter.address))
    stage.does(
        "the first voter delegates to the second voter",
        first_voter,
        token.delegate(second_voter.address),
        "DelegateChanged",
    )
    stage.shows("who votes with the first voter's tokens", token.delegates(first_voter.address))
    stage.check(
        token.get_votes(second_voter.address) == 2 * 250_000 * TOKEN,
        "the second voter cannot vote for the first voter",
    )
    stage.does("and to itself again", first_voter, token.delegate(first_voter.address))
    heir = stage.person("an heir")
    stage.does(
        "the fourth voter gives some to an heir",
        stage.voters[3],
        token.transfer(heir.address, 5 * TOKEN),
    )
    stage.shows("what the heir can vote with before it delegates", token.get_votes(heir.address))
    stage.does("the heir gives them back", heir, token.transfer(stage.voters[3].address, 5 * TOKEN))


def _by_signature(stage: Stage) -> None:
    market, token = stage.market, stage.market.votes
    first_voter, relay = stage.voters[0], stage.person("a relay")
    domain = Domain(
        name=token.call("name"),
        version="1",
        chain_id=market.node.chain_id,
        verifying_contract=token.address,
    )
    expiry = stage.now + 600

    def signed(by: Account, nonce: int, last: int) -> tuple[int, int, int, bytes, bytes]:
        signature = by.sign(digest(_DELEGATION, (first_voter.address, nonce, last), domain))
        return nonce, last, signature.v, signature.r.to_bytes(32), signature.s.to_bytes(32)

    stage.chapter("Delegating without gas, by a signature that another account sends")
    stage.shows("the number of the first voter's next signature", token.nonces(first_voter.address))
    given = signed(first_voter, 0, expiry)
    stage.does(
        "a relay hands in what the first voter has signed",
        relay,
        token.delegate_by_sig(first_voter.address, *given),
    )
    stage.refuses(
        "the same once more",
        errors.InvalidAccountNonce,
        relay,
        token.delegate_by_sig(first_voter.address, *given),
        account=first_voter.address,
        current_nonce=1,
    )
    stage.refuses(
        "one that is too old",
        errors.VotesExpiredSignature,
        relay,
        token.delegate_by_sig(first_voter.address, *signed(first_voter, 1, stage.now - 1)),
    )


def _at_a_moment(stage: Stage) -> None:
    token, first_voter = stage.market.votes, stage.voters[0]
    now = stage.now
    stage.chapter("Votes are counted as they were at a moment")
    stage.shows("what time is counted in", token.clock_mode())
    stage.shows("the time, in Unix seconds", token.clock())
    stage.shows(
        "the first voter's votes a second ago", token.get_past_votes(first_voter.address, now - 1)
    )
    stage.shows("all tokens a second ago", token.get_past_total_supply(now - 1))
    stage.refuses_to_answer(
        "the votes of this very second, which may still change",
        errors.ERC5805FutureLookup,
        lambda: token.get_past_votes(first_voter.address, now),
        timepoint=now,
        clock=now,
    )
    stage.shows(
        "how often the first voter's votes have changed", token.num_checkpoints(first_voter.address)
    )
    stage.shows(
        "the second time, and what they were then", token.checkpoints(first_voter.address, 1)
    )


def _how_many(stage: Stage) -> None:
    market, token = stage.market, stage.market.votes
    heir, manager = stage.person("an heir"), stage.market.access.address
    stage.chapter("How many there can be")
    stage.shows("tokens that there are", token.total_supply())
    stage.shows("that there can ever be", token.cap())
    stage.does("governance makes five more", stage.governance, token.mint(heir.address, 5 * TOKEN))
    stage.refuses(
        "more than the cap",
        errors.ERC20ExceededCap,
        stage.governance,
        token.mint(heir.address, token.cap()),
        cap=token.cap(),
    )
    stage.refuses_to_deploy(
        "a token of which there can be none",
        errors.ERC20InvalidCap,
        "GovernanceToken",
        manager,
        0,
        [],
        [],
    )
    stage.refuses_to_deploy(
        "a token with two holders and one amount",
        errors.GovernanceToken_LengthMismatch,
        "GovernanceToken",
        manager,
        10,
        [heir.address, manager],
        [1],
        holders=2,
        amounts=1,
    )
    deployed = stage.deploy(
        "a token with as many as votes can count",
        "GovernanceToken",
        manager,
        2**256 - 1,
        [heir.address],
        [MOST_VOTES],
    )
    endless = GovernanceToken(market.node, deployed.address)
    stage.refuses(
        "one more of those",
        errors.ERC20ExceededSafeSupply,
        stage.governance,
        endless.mint(heir.address, 1),
        cap=MOST_VOTES,
    )
    show_authority(stage, [token], token.mint(heir.address, 1))
