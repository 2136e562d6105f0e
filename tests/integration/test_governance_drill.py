"""The governance drill: it ends well on a deployed market, and says so when something is not so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from energy_grid.adapters.chain.accounts import Account
from energy_grid.adapters.chain.anvil import Anvil
from energy_grid.adapters.chain.connection import DevNode
from energy_grid.adapters.chain.roles import Role
from energy_grid.client import EnergyGrid
from energy_grid.errors import CheckFailedError, DeploymentError, InputError
from energy_grid.services.ports import StopLevel
from scripts._drill import drill
from tests.support.deploying import run_script

STEPS = (
    "A tariff is to change: the protocol fee from 0 % to 0.25 %",
    "refused: one key alone (Settlement: access managed unauthorized",
    "ok 4 holders of votes make theirs count",
    "ok proposal 1 is made, to be voted on after",
    "refused: a vote too early (GridGovernor: the proposal is pending)",
    "votes for it: now 250000 GGT",
    "votes for it: now 1000000 GGT",
    "refused: queueing before the vote ends (GridGovernor: the proposal is active)",
    "ok the vote is over; it is queued, and has to wait 10 min",
    "refused: executing before the delay is over (TimelockController: the delay is not over)",
    "ok it is executed: the protocol fee is 0.25 %",
    "refused: executing it twice (GridGovernor: the proposal is executed)",
    "The vault is to be paused by the Safe, for which 2 of 3 owners sign",
    "refused: an owner in its own name (Settlement: access managed unauthorized",
    "refused: one signature (Safe: too few owners have signed (GS020))",
    "ok signed by enough owners: the vault is paused",
    "refused: a deposit while it is paused (EmergencyStop: stopped (level PAUSED))",
    "refused: one signature to go on (Safe: too few owners have signed (GS020))",
    "ok signed by enough owners: the vault is open again",
    "Nobody could do alone what is for many, or at once what has to wait.",
)


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("drill") / "local.json"


@pytest.fixture(scope="module")
def node(deployment: Path) -> Iterator[DevNode]:
    with Anvil(accounts=20) as node:
        done = run_script("deploy", f"ethereum:local:{node.url}", deployment)
        assert done.returncode == 0, done.stdout
        yield node


@pytest.fixture
def chain(node: DevNode) -> Iterator[DevNode]:
    before = node.snapshot()
    yield node
    node.revert(before)


def test_drill__as_a_user_runs_it__prints_each_step_and_what_is_refused(
    chain: DevNode, deployment: Path
) -> None:
    done = run_script("governance_drill", f"ethereum:local:{chain.url}", deployment)
    assert done.returncode == 0, done.stdout
    said = re.sub(r" +", " ", done.stdout)
    places = [said.find(step) for step in STEPS]
    assert -1 not in places, said
    assert places == sorted(places)
    with EnergyGrid.connect(chain.url, deployment) as market:
        assert market.settlement.protocol_fee_bps() == 25
        assert market.settlement.stop_level() is StopLevel.RUNNING
        assert market.safe is not None
        assert market.safe.nonce() == 2


def test_drill__again_and_again__goes_on_from_where_the_tariff_is(
    chain: DevNode, deployment: Path
) -> None:
    said: list[str] = []
    for _ in range(2):
        drill(url=chain.url, file=deployment, say=said.append)
    tariffs = [line for line in said if line.startswith("A tariff")]
    assert tariffs[1].endswith("from 0.25 % to 0.5 %")


def test_drill__a_key_that_has_a_role_alone__is_found(chain: DevNode, deployment: Path) -> None:
    with EnergyGrid.connect(chain.url, deployment) as market:
        grant = market.access.grant_role(Role.GRID_AUTHORITY, Account.local(5).address)
        chain.set_balance(market.timelock.address, 10**18)
        chain.send_as(market.timelock.address, grant.to, grant.data)
    with pytest.raises(CheckFailedError, match="one key alone was not refused"):
        drill(url=chain.url, file=deployment, say=lambda _: None)


def test_drill__an_owner_who_signs_alone__is_found(chain: DevNode, deployment: Path) -> None:
    with EnergyGrid.connect(chain.url, deployment) as market:
        assert market.safe is not None
        easier = market.safe.prepare("changeThreshold", 1)
        chain.set_balance(market.safe.address, 10**18)
        chain.send_as(market.safe.address, easier.to, easier.data)
    with pytest.raises(CheckFailedError, match="one signature was not refused"):
        drill(url=chain.url, file=deployment, say=lambda _: None)


def test_drill__nobody_local_votes__is_refused(chain: DevNode, deployment: Path) -> None:
    with EnergyGrid.connect(chain.url, deployment) as market:
        for index in (5, 8, 9, 10):
            voter = Account.local(index)
            held = market.votes.balance_of(voter.address)
            market.send(voter, market.votes.transfer("0x" + "1" * 40, held))
    with pytest.raises(DeploymentError, match="no local account has a part"):
        drill(url=chain.url, file=deployment, say=lambda _: None)


def test_drill__on_a_real_chain__is_refused(
    chain: DevNode, deployment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scripts._drill.LOCAL_CHAINS", frozenset({1}))
    with pytest.raises(InputError, match="a drill is for a local chain, and this is 31337"):
        drill(url=chain.url, file=deployment, say=lambda _: None)
