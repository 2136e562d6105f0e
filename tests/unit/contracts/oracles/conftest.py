"""Four reporters: with a quorum of three, one of them may lie."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from tests.support.market import Market, actor
from tests.support.stacks import give_role


@pytest.fixture
def reporters(market: Market) -> list[LocalAccount]:
    accounts = [actor(f"{ordinal} reporter") for ordinal in ("first", "second", "third", "fourth")]
    for account in accounts:
        give_role(market, Role.REPORTER, account.address)
    return accounts
