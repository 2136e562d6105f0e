"""The commands of governance on a deployed market, each as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.units import format_time
from tests.integration.terminal import GUARDIAN, STRANGER, Terminal, address
from tests.support.market import MONDAY

VOTERS = ("local:5", "local:8", "local:9", "local:10")
FIRST, SECOND, THIRD, FOURTH = VOTERS
TOKEN = 10**18
# Of the deployment to a local chain.
SHARE, QUORUM, THRESHOLD = 250_000, 300_000, 10_000
DELAY, PERIOD, EXTENSION, TIMELOCK = 60, 600, 120, 600
NOBODY = "0x" + "1" * 40
UNDELEGATE = "delegate", "0x" + "0" * 40


@pytest.fixture
def voters(terminal: Terminal) -> Terminal:
    """A terminal; four voters of 250,000 each can vote from the deployment on."""
    return terminal


def _queue(terminal: Terminal, proposal: int = 1) -> None:
    """Have a proposal voted for, and queued."""
    terminal.does(FIRST, f"govern vote {proposal} for --wait")
    terminal.does(SECOND, f"govern vote {proposal} for")
    terminal.does(STRANGER, f"govern queue {proposal} --wait")


def _carry(terminal: Terminal) -> str:
    """Bring the newest proposal into effect; what was done."""
    _queue(terminal)
    return terminal.does(STRANGER, "govern execute 1 --wait")


def test_status__rules_holders_and_roles(terminal: Terminal) -> None:
    found = terminal.answers("govern status")
    rules = {name: found[name] for name in list(found) if name not in ("holders", "roles")}
    assert rules == {
        "voting_delay": DELAY,
        "voting_period": PERIOD,
        "vote_extension": EXTENSION,
        "timelock_delay": TIMELOCK,
        "proposal_threshold": str(THRESHOLD * TOKEN),
        "quorum_percent": 30,
        "quorum": str(QUORUM * TOKEN),
        "total_supply": str(4 * SHARE * TOKEN),
        "delegated": str(4 * SHARE * TOKEN),
        "cap": str(10_000_000 * TOKEN),
        "proposals": 0,
    }
    assert {each["holder"]: each["tokens"] for each in found["holders"]} == {
        address(who): str(SHARE * TOKEN) for who in VOTERS
    }
    assert {each["votes"] for each in found["holders"]} == {str(SHARE * TOKEN)}
    market = terminal.market
    assert found["roles"]["ADMIN"] == [market.roles[Role.ADMIN]]
    assert found["roles"]["GUARDIAN"] == [market.roles[Role.GUARDIAN]]
    shown = terminal.shows("govern status")
    for fact in (
        "to propose 10000 GGT",
        "voting starts 1 min after the proposal",
        "voting lasts 10 min, and at least 2 min after the quorum is reached",
        "quorum 30 % of all tokens: 300000 GGT",
        "execution 10 min after the queue call, or later",
        "tokens 1000000 GGT of at most 10000000 GGT; 1000000 GGT are delegated",
        f"{address(FIRST)} 250000 GGT {address(FIRST)} 250000 GGT",
        f"ADMIN {market.roles[Role.ADMIN]} (governance)",
        f"GUARDIAN {market.roles[Role.GUARDIAN]} (the guardian's Safe)",
    ):
        assert fact in shown


def test_status__too_few_delegated__says_so(terminal: Terminal) -> None:
    for who in VOTERS[1:]:
        terminal.does(who, f"govern delegate {NOBODY}")
        terminal.market.do(address(who), terminal.market.contracts["GovernanceToken"], *UNDELEGATE)
    shown = terminal.shows("govern status")
    assert "1000000 GGT of at most 10000000 GGT; 250000 GGT are delegated, fewer than the" in shown
    assert f"{address(SECOND)} 250000 GGT nobody; has no votes 0 GGT" in shown


def test_delegate__to_oneself_and_to_somebody_else(terminal: Terminal) -> None:
    own = terminal.does(FIRST, "govern delegate")
    assert own == f"{address(FIRST)} votes with its own 250000 GGT"
    other = terminal.does(SECOND, f"govern delegate {FIRST}")
    assert other == f"{address(FIRST)} votes with those of {address(SECOND)}, 250000 GGT"
    votes = {each["holder"]: each["votes"] for each in terminal.answers("govern status")["holders"]}
    assert votes[address(FIRST)] == str(2 * SHARE * TOKEN)
    assert votes[address(SECOND)] == 0


def test_a_tariff__from_proposal_to_effect_and_what_is_refused_on_the_way(
    voters: Terminal,
) -> None:
    assert voters.shows("govern list") == "Nothing has been proposed."
    none = voters.refuses("govern show 1")
    assert none == "there is no proposal 1: nothing has been proposed"
    fees = "govern propose tariff home --protocol-fee 0.005 --network-fee 0.01"
    line = voters.does(FIRST, f"{fees} --because 'The grid is old'")
    words = (
        "set the tariff of home from 2024-01-31 on: buy 0.3 tUSD/kWh, feed-in 0.08 tUSD/kWh,"
        " network fee 0.01 tUSD/kWh, protocol fee 0.005 tUSD/kWh, dynamic factor up to 3"
    )
    weighed = voters.answers("govern show 1")["vote_start"]
    ends = weighed + PERIOD
    assert line == (
        f"Proposed 1: S{words[1:]}. Voting starts at {format_time(weighed)} and"
        f" ends at {format_time(ends)}"
    )
    begins = f"voting begins after {format_time(weighed)}"
    early = voters.refuses(f"govern vote 1 for --account {FIRST}")
    assert early == f"proposal 1 cannot be voted on now: {begins}"
    early = voters.refuses(f"govern queue 1 --account {FIRST}")
    assert early == f"proposal 1 cannot be queued now: {begins}"
    shown = voters.shows("govern show 1")
    for fact in (
        "state pending",
        f"description S{words[1:]}. The grid is old.",
        f"calls {words}",
        f"proposer {address(FIRST)}",
        "quorum not known before the vote starts",
        f"next {begins}",
    ):
        assert fact in shown

    voted = voters.does(FIRST, "govern vote 1 for --wait")
    assert voted == (
        "Voted for on proposal 1 with 250000 GGT: now 250000 GGT for, 0 GGT against, 0 GGT abstain;"
        " the quorum needs 50000 GGT more"
    )
    again = voters.refuses(f"govern vote 1 against --account {FIRST}")
    assert again == f"{address(FIRST)} has voted on proposal 1 already"
    stranger = voters.refuses(f"govern vote 1 for --account {STRANGER}")
    assert stranger == (
        f"{address(STRANGER)} had no votes at {format_time(weighed)}, the start of the"
        " vote: delegate with energy-grid govern delegate before the next proposal"
    )
    early = voters.refuses(f"govern queue 1 --account {FIRST}")
    assert early == (
        f"proposal 1 cannot be queued now: voting is open until {format_time(ends)}:"
        " the quorum needs 50000 GGT more"
    )
    voters.does(SECOND, "govern vote 1 against --reason 'It is dear enough'")
    voted = voters.does(THIRD, "govern vote 1 for")
    assert voted.endswith(
        "now 500000 GGT for, 250000 GGT against, 0 GGT abstain; the quorum is reached"
    )

    early = voters.refuses(f"govern execute 1 --account {FIRST}")
    assert early == (
        f"proposal 1 cannot be executed now: voting is open until {format_time(ends)}:"
        " the quorum is reached"
    )
    voters.market.go_to(ends + 1)
    assert "it has succeeded: energy-grid govern queue 1" in voters.shows("govern show 1")
    queued = voters.does(STRANGER, "govern queue 1")
    eta = voters.answers("govern show 1")["eta"]
    assert queued == f"Queued proposal 1: it can be executed from {format_time(eta)} on"
    early = voters.refuses(f"govern execute 1 --account {FIRST}")
    assert early == (
        f"proposal 1 cannot be executed now: it can be executed from {format_time(eta)} on:"
        " energy-grid govern execute 1"
    )
    later = "tariff show home --day 2024-01-31"
    assert voters.answers(later)["network_fee"] == 0
    done = voters.does(STRANGER, "govern execute 1 --wait")
    assert done == f"Executed proposal 1: {words}"
    tariff = voters.answers(later)
    assert (tariff["protocol_fee"], tariff["network_fee"]) == (5_000, 10_000)
    found = voters.answers("govern show 1")
    assert voters.answers(f"govern show {found['proposal_id']}") == found
    unknown = voters.refuses(f"govern show {2**255}")
    assert unknown == f"there is no proposal {2**255}"
    late = voters.refuses(f"govern execute 1 --account {FIRST}")
    assert late == "proposal 1 cannot be executed now: it is done"


@pytest.mark.parametrize(
    ("command", "words", "view", "after"),
    [
        (
            "govern propose outflow-limit 12500",
            "limit withdrawals to 12500 tUSD per window; larger ones are queued",
            ("Settlement", "outflowLimit"),
            12_500_000_000,
        ),
        (
            "govern propose oracle weather --quorum 4 --max-age 3h",
            "let 4 reports close a round of WeatherOracle, valid for 3 h",
            ("WeatherOracle", "maxAge"),
            10_800,
        ),
        (
            "govern propose oracle grid --quorum 5",
            "let 5 reports close a round of GridOracle, valid for 2 h",
            ("GridOracle", "quorum"),
            5,
        ),
        (
            f"govern propose mint {NOBODY} 2.5",
            f"mint 2.5 GGT for {NOBODY}",
            ("GovernanceToken", "totalSupply"),
            4 * SHARE * TOKEN + 25 * TOKEN // 10,
        ),
        (
            "govern propose shutdown demandresponse",
            "shut down DemandResponse permanently; only its exits stay open",
            ("DemandResponse", "stopLevel"),
            2,
        ),
    ],
)
def test_propose__what_it_says_comes_into_effect(
    voters: Terminal, command: str, words: str, view: tuple[str, str], after: int
) -> None:
    line = voters.does(FIRST, command)
    assert line.startswith(f"Proposed 1: {words[0].upper()}{words[1:]}. Voting starts")
    assert _carry(voters) == f"Executed proposal 1: {words}"
    contract, function = view
    assert voters.market.contracts[contract].call(function) == after


@pytest.mark.parametrize(
    ("command", "words", "field", "after"),
    [
        ("govern propose base-price 0.31", "set the base price to 0.31 tUSD/kWh", "buy", 310_000),
        (
            "govern propose credit-value 0.05",
            "set the value of energy credits to 0.05 tUSD/kWh from 2024-01-31 on",
            "credit_value",
            50_000,
        ),
    ],
)
def test_propose__a_price__comes_into_effect_beyond_the_horizon(
    voters: Terminal, command: str, words: str, field: str, after: int
) -> None:
    voters.does(FIRST, command)
    assert _carry(voters) == f"Executed proposal 1: {words}"
    assert voters.answers("tariff show home")[field] != after
    assert voters.answers("tariff show home --day 2024-01-31")[field] == after


def test_propose_emission_factor__counts_from_the_next_day(voters: Terminal) -> None:
    voters.does(FIRST, "govern propose emission-factor 420")
    assert _carry(voters) == "Executed proposal 1: set the emission factor to 420 g CO2e per kWh"
    market = voters.market
    today = market.now // 86_400
    assert market.carbon.call("emissionFactorOf", today) == 380
    assert market.carbon.call("emissionFactorOf", today + 1) == 420


def test_propose_grant_and_revoke__change_who_may(voters: Terminal) -> None:
    access, safe = voters.market.access, voters.market.roles[Role.GUARDIAN]
    voters.does(FIRST, f"govern propose grant keeper {NOBODY}")
    assert _carry(voters) == f"Executed proposal 1: grant the role KEEPER to {NOBODY}"
    assert access.call("hasRole", Role.KEEPER, NOBODY) == (True, 0)
    line = voters.does(FIRST, f"govern propose revoke GUARDIAN {safe}")
    assert line.startswith(f"Proposed 2: Revoke the role GUARDIAN of {safe} (the guardian's Safe).")
    timelock = voters.market.roles[Role.ADMIN]
    last = voters.refuses(f"govern propose revoke admin {timelock} --account {FIRST}", code=2)
    assert last == "governance cannot revoke its own role ADMIN: no rule could change afterwards"


def test_propose__too_few_votes__says_how_to_get_them(terminal: Terminal) -> None:
    command = f"govern propose base-price 0.31 --account {FIRST}"
    token = terminal.market.contracts["GovernanceToken"]
    terminal.market.do(address(FIRST), token, *UNDELEGATE)
    assert terminal.refuses(command) == (
        f"{address(FIRST)} has 0 GGT of votes, and a proposer needs 10000 GGT:"
        " activate own tokens with energy-grid govern delegate"
    )
    terminal.does(FIRST, "govern delegate")
    terminal.does(FIRST, "govern propose base-price 0.31")
    assert terminal.refuses(command) == (
        "the same proposal exists: give another reason with --because"
    )
    terminal.does(FIRST, "govern propose base-price 0.31 --because again")
    assert [each["number"] for each in terminal.answers("govern list --limit 1")] == [2]
    assert [each["number"] for each in terminal.answers("govern list --offset 1")] == [1]
    assert terminal.refuses("govern show 3") == "there is no proposal 3: the newest is 2"


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (
            "tariff home --protocol-fee 1.01",
            "this call would revert even after a vote: Tariffs: fee above",
        ),
        ("base-price 0", "this call would revert even after a vote: Tariffs: feed in above"),
        ("emission-factor 2001", "this call would revert even after a vote: CarbonCredits: "),
        (
            "oracle price --max-age 59s",
            "this call would revert even after a vote: MedianOracle: bad parameter",
        ),
        (
            f"mint {NOBODY} 9000000.5",
            "this call would revert even after a vote: GovernanceToken: t",
        ),
    ],
)
def test_propose__what_the_contract_refuses__is_not_proposed(
    voters: Terminal, command: str, says: str
) -> None:
    assert says in voters.refuses(f"govern propose {command} --account {FIRST}")
    assert voters.answers("govern list") == []


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("tariff home", "name a change: --buy, --feed-in"),
        ("oracle price", "name a change: --quorum or --max-age"),
        ("base-price dear", "'dear' is not an amount of money"),
        ("shutdown SmartMeter", "'SmartMeter' is not one of EnergyTrading, PeerToPeerTrading"),
        (f"grant owner {NOBODY}", "'owner' is not one of admin, grid-authority"),
    ],
)
def test_propose__wrong_words__are_refused(terminal: Terminal, command: str, says: str) -> None:
    assert says in terminal.refuses(f"govern propose {command} --account {FIRST}", code=2)


def test_cancel__by_its_proposer_before_the_vote(voters: Terminal) -> None:
    voters.does(FIRST, "govern propose base-price 0.31")
    other = voters.refuses(f"govern cancel 1 --account {SECOND}")
    assert other == (f"proposal 1 cannot be cancelled now: only its proposer {address(FIRST)} can")
    gone = voters.does(FIRST, "govern cancel 1")
    assert gone == "Cancelled proposal 1: set the base price to 0.31 tUSD/kWh"
    assert voters.refuses(f"govern vote 1 for --account {FIRST}").endswith("it was cancelled")
    assert voters.refuses(f"govern cancel 1 --account {FIRST}").endswith("it was cancelled")
    voters.does(FIRST, "govern propose base-price 0.32")
    voters.does(SECOND, "govern vote 2 abstain --wait")
    late = voters.refuses(f"govern cancel 2 --account {FIRST}")
    begun = "its vote has begun; a guardian can once it is queued"
    assert late == f"proposal 2 cannot be cancelled now: {begun}"


def test_cancel__by_the_guardian_within_the_delay(voters: Terminal) -> None:
    voters.does(FIRST, "govern propose base-price 0.31")
    early = voters.refuses(f"govern cancel 1 --account {GUARDIAN}")
    assert early == f"proposal 1 cannot be cancelled now: only its proposer {address(FIRST)} can"
    _queue(voters)
    safe = voters.market.roles[Role.GUARDIAN]
    other = voters.refuses(f"govern cancel 1 --account {FIRST}")
    assert (
        other
        == f"proposal 1 cannot be cancelled now: only a guardian can: {safe} (the guardian's Safe)"
    )
    gone = voters.does(GUARDIAN, "govern cancel 1")
    assert gone == "Cancelled proposal 1: set the base price to 0.31 tUSD/kWh"
    assert voters.refuses(f"govern execute 1 --account {FIRST}").endswith("it was cancelled")


def test_cancel__by_the_guardian_too_late_or_of_its_dismissal__is_refused(voters: Terminal) -> None:
    safe = voters.market.roles[Role.GUARDIAN]
    voters.does(FIRST, f"govern propose revoke guardian {safe}")
    _queue(voters)
    own = voters.refuses(f"govern cancel 1 --account {GUARDIAN}")
    assert own == (
        "proposal 1 cannot be cancelled now: no guardian can cancel a proposal that only revokes"
        " the role GUARDIAN"
    )
    voters.does(FIRST, "govern propose base-price 0.31")
    _queue(voters, 2)
    voters.market.go_to(voters.answers("govern show 2")["eta"])
    late = voters.refuses(f"govern cancel 2 --account {GUARDIAN}")
    assert late == "proposal 2 cannot be cancelled now: its delay is over"


def test_propose__after_another__is_executed_in_that_order(voters: Terminal) -> None:
    """The second one's call works only once the first is executed: it is proposed all the same."""
    voters.does(FIRST, f"govern propose mint {NOBODY} 9000000")
    line = voters.does(FIRST, f"govern propose revoke guardian {NOBODY} --after 1")
    assert " Not before proposal 1 is executed. Voting starts at " in line
    shown = voters.shows("govern show 2")
    assert "depends on proposal 1 (pending)" in shown
    assert "calls only after proposal 1 is executed; revoke the role GUARDIAN of" in shown
    (predecessor,) = voters.answers("govern show 2")["predecessors"]
    first = voters.answers("govern show 1")["proposal_id"]
    assert predecessor == {"proposal_id": first, "number": 1, "state": "PENDING"}
    assert "depends on no other proposal" in voters.shows("govern show 1")

    for proposal in (1, 2):
        voters.does(FIRST, f"govern vote {proposal} for{' --wait' * (proposal == 1)}")
    voters.does(SECOND, "govern vote 1 for")
    voters.does(SECOND, "govern vote 2 for")
    for proposal in (1, 2):
        voters.does(STRANGER, f"govern queue {proposal}{' --wait' * (proposal == 1)}")
    early = voters.refuses(f"govern execute 2 --wait --account {FIRST}")
    assert early == "proposal 2 cannot be executed now: it depends on proposal 1 (queued)"
    assert ", depends on proposal 1 (queued): energy-grid govern execute 2" in voters.shows(
        "govern show 2"
    )
    voters.does(STRANGER, "govern execute 1")
    voters.does(STRANGER, "govern execute 2")


def test_propose__after_what_never_comes__is_refused(voters: Terminal) -> None:
    voters.does(FIRST, "govern propose base-price 0.31")
    voters.does(FIRST, "govern propose base-price 0.32 --after 1")
    voters.does(FIRST, "govern cancel 1")
    command = "govern propose base-price 0.33"
    lost = voters.refuses(f"{command} --after 1 --account {FIRST}")
    assert lost == (
        "proposal 1 is canceled and will never be executed: what depends on it never will be either"
    )
    assert "depends on proposal 1 (canceled, so never)" in voters.shows("govern show 2")
    wrong = voters.refuses(f"{command} --after 1,x --account {FIRST}", code=2)
    assert "'x' is not a whole number from 1 on" in wrong
    unknown = voters.refuses(f"{command} --after 2,7 --account {FIRST}")
    assert unknown == "there is no proposal 7: the newest is 2"
    reverting = voters.refuses(f"govern propose emission-factor 2001 --account {FIRST}")
    assert reverting.startswith("this call would revert even after a vote: ")


def test_propose__by_hand_after_no_proposal__shows_that_it_never_comes(voters: Terminal) -> None:
    governor = voters.market.contracts["GridGovernor"]
    call = governor.prepare("requireExecuted", 2**200)
    voters.market.do(address(FIRST), governor, "propose", [call.to], [0], [call.data], "Never.")
    shown = voters.shows("govern show 1")
    assert f"depends on {2**200}, which is no proposal, so never" in shown
    assert f"calls only after the unknown proposal {2**200} is executed" in shown


def test_defeat__says_why(voters: Terminal) -> None:
    voters.does(FIRST, "govern propose base-price 0.31")
    voters.does(FIRST, "govern vote 1 for --wait")
    voters.does(FIRST, "govern propose base-price 0.32")
    lost = voters.refuses(f"govern queue 1 --wait --account {FIRST}")
    assert lost == (
        "proposal 1 cannot be queued now: it was defeated: fewer than 300000 GGT voted for it or"
        " abstained"
    )
    voters.does(FIRST, "govern propose base-price 0.33")
    voters.does(FIRST, "govern vote 3 for --wait")
    voters.does(SECOND, "govern vote 3 abstain")
    voters.does(THIRD, "govern vote 3 against")
    lost = voters.refuses(f"govern queue 3 --wait --account {FIRST}")
    assert lost.endswith("it was defeated: the votes for it did not exceed those against")
    assert "defeated" in voters.shows("govern list")


def test_a_proposal_that_lies__shows_what_it_does(voters: Terminal) -> None:
    """Whatever its text says, `show` reads the calls."""
    market = voters.market
    governor, access = market.contracts["GridGovernor"], market.access
    grant = access.prepare("grantRole", Role.ADMIN, NOBODY, 5)
    odd = (NOBODY, market.settlement.address, market.settlement.address)
    market.do(
        address(FIRST),
        governor,
        "propose",
        [access.address, *odd],
        [0, 7, 0, 0],
        [grant.data, b"\x01", b"\x02\x03", market.settlement.prepare("collect", 5, NOBODY).data],
        "Set the base price to 0.31 tUSD/kWh.",
    )
    shown = voters.shows("govern show 1")
    assert "description Set the base price to 0.31 tUSD/kWh." in shown
    assert (
        f"calls grant the role ADMIN to {NOBODY}, whose calls wait 5 s; send 0x01 to {NOBODY},"
        f" with 7 wei; send 0x0203 to Settlement; pay 0.000005 tUSD of fees and grid"
        f" revenue to {NOBODY}"
    ) in shown
    calls = voters.answers("govern show 1")["calls"]
    assert [each["contract"] for each in calls] == [
        "AccessManager",
        None,
        "Settlement",
        "Settlement",
    ]


def test_proposal_seen_on_its_way__cannot_be_made_first_by_somebody_else(voters: Terminal) -> None:
    """Who did so would be its proposer, and could cancel it."""
    voters.does(FIRST, "govern propose base-price 0.31")
    found = voters.answers("govern show 1")
    assert found["description"].endswith(f" #proposer={address(FIRST)}")
    market = voters.market
    governor = market.contracts["GridGovernor"]
    calls = [[call[name] for call in found["calls"]] for name in ("target", "value", "data")]
    calls[2] = [bytes.fromhex(data[2:]) for data in calls[2]]
    with pytest.raises(errors.GovernorRestrictedProposer):
        market.do(address(SECOND), governor, "propose", *calls, found["description"])


def test_wait__nothing_to_wait_for__leaves_the_clock_alone(voters: Terminal) -> None:
    voters.does(FIRST, "govern propose base-price 0.31")
    voters.market.go_to(MONDAY + 300)
    before = voters.market.now
    voters.does(FIRST, "govern vote 1 for --wait")
    assert voters.market.now == before + 1


def test_wait__on_a_real_chain__is_refused(
    voters: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    voters.does(FIRST, "govern propose base-price 0.31")
    begins = voters.answers("govern show 1")["vote_start"] + 1
    monkeypatch.setattr("energy_grid.market.plan.LOCAL_CHAINS", frozenset({1}))
    assert voters.refuses(f"govern vote 1 for --wait --account {FIRST}", code=2) == (
        "--wait sets the clock of a local chain, and this is chain 31337: come back at"
        f" {format_time(begins)}"
    )


def test_the_safe__may_propose_and_vote_like_anybody(voters: Terminal) -> None:
    safe = voters.market.roles[Role.GUARDIAN]
    voters.market.do(
        address(FIRST),
        voters.market.contracts["GovernanceToken"],
        "transfer",
        safe,
        THRESHOLD * TOKEN,
    )
    voters.does(GUARDIAN, "govern delegate")
    voters.does(GUARDIAN, "govern propose base-price 0.31")
    assert voters.answers("govern show 1")["proposer"] == safe
    assert "with 10000 GGT" in voters.does(GUARDIAN, "govern vote 1 for --wait")


def test_list__for_programs_has_what_each_call_does(voters: Terminal) -> None:
    voters.does(FIRST, "govern propose base-price 0.31")
    (found,) = voters.answers("govern list")
    assert json.loads(json.dumps(found)) == found
    assert (found["state"], found["tally"]["for_votes"]) == ("PENDING", 0)
    (call,) = found["calls"]
    assert (call["contract"], call["call"]) == (
        "GridManagement",
        "set the base price to 0.31 tUSD/kWh",
    )


def test_queue__drafted_before_its_time__names_the_time(
    voters: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    voters.does(FIRST, "govern propose base-price 0.3")
    ends = voters.answers("govern show 1")["vote_end"]
    output = voters.drafts("safe:local:26", "govern queue 1 --wait")
    assert output.endswith(f"; it reverts before {format_time(ends + 1)}")
    for file in tmp_path.glob("safe-*.json"):
        file.unlink()
    document = voters.answers("govern queue 1 --wait --account safe:local:26", code=3)
    assert (document["not_before"], document["has_more"]) == (ends + 1, False)
