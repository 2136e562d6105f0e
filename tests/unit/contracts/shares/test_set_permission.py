"""setPermission: the steward lets others do something with the asset, for all holders."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from tests.support.market import MONDAY, actor
from tests.support.refusals import refused
from tests.unit.contracts.shares.division import ASSET, OWNER, Division

HOLDER, STEWARD, TECHNICIAN, BIDDER = (
    actor("holder"),
    actor("steward"),
    actor("technician"),
    actor("bidder"),
)
GRANT = (TECHNICIAN.address, 2, MONDAY + 86_400)


def test_set_permission__by_the_steward__is_the_asset_owners(division: Division) -> None:
    division.do(OWNER, "setSteward", STEWARD.address)
    receipt = division.do(STEWARD, "setPermission", *GRANT)
    (event,) = division.market.events(receipt, division.registry, "PermissionSet")
    assert event.arguments == {
        "asset": ASSET,
        "user": TECHNICIAN.address,
        "permission": 2,
        "until": MONDAY + 86_400,
    }


@pytest.mark.parametrize("caller", [HOLDER, OWNER, TECHNICIAN])
def test_set_permission__by_another__is_refused(division: Division, caller: object) -> None:
    """Also by the holder of nearly all shares, and by the steward of before."""
    division.share_out((HOLDER, 299))
    division.do(OWNER, "setSteward", STEWARD.address)
    with refused(errors.AssetShares_NotSteward, caller=caller.address):
        division.do(caller, "setPermission", *GRANT)


def test_set_permission__sold__is_refused(division: Division) -> None:
    division.sell(BIDDER)
    with refused(errors.AssetShares_NotHeld, state=1):
        division.do(OWNER, "setPermission", *GRANT)


def test_set_permission__redeemed__is_refused(division: Division) -> None:
    division.do(OWNER, "redeem")
    with refused(errors.AssetShares_NotHeld, state=2):
        division.do(OWNER, "setPermission", *GRANT)


def test_set_permission__stopped__passes(division: Division) -> None:
    division.set_stop_level(2)
    division.do(OWNER, "setPermission", *GRANT)
