"""setSteward: by the steward, or by a holder of more than half."""

from __future__ import annotations

from energy_grid.contracts import errors
from tests.support.market import actor
from tests.support.refusals import refused
from tests.unit.contracts.shares.division import OWNER, Division

HOLDER, STEWARD, NEXT, STRANGER, BIDDER = (
    actor("holder"),
    actor("steward"),
    actor("next steward"),
    actor("stranger"),
    actor("bidder"),
)
NOBODY = "0x" + "00" * 20


def test_set_steward__by_the_steward__names_another(division: Division) -> None:
    division.share_out((HOLDER, 300))
    receipt = division.do(OWNER, "setSteward", STEWARD.address)
    output = division.event(receipt, "StewardSet")
    assert output == {"steward": STEWARD.address, "by": OWNER.address}
    assert division.call("steward") == STEWARD.address
    with refused(errors.AssetShares_NotSteward, caller=OWNER.address):
        division.do(OWNER, "setSteward", OWNER.address)
    division.do(STEWARD, "setSteward", NEXT.address)
    assert division.call("steward") == NEXT.address


def test_set_steward__by_a_holder__needs_more_than_half(division: Division) -> None:
    division.share_out((HOLDER, 150))
    with refused(errors.AssetShares_NotSteward, caller=HOLDER.address):
        division.do(HOLDER, "setSteward", HOLDER.address)
    division.share_out((HOLDER, 1))
    receipt = division.do(HOLDER, "setSteward", STEWARD.address)
    output = division.event(receipt, "StewardSet")
    assert output == {"steward": STEWARD.address, "by": HOLDER.address}
    assert division.call("steward") == STEWARD.address


def test_set_steward__by_a_stranger__is_refused(division: Division) -> None:
    with refused(errors.AssetShares_NotSteward, caller=STRANGER.address):
        division.do(STRANGER, "setSteward", STRANGER.address)


def test_set_steward__nobody__is_refused(division: Division) -> None:
    with refused(errors.AssetShares_BadSteward, steward=NOBODY):
        division.do(OWNER, "setSteward", NOBODY)


def test_set_steward__sold__is_refused(division: Division) -> None:
    division.sell(BIDDER)
    with refused(errors.AssetShares_NotHeld, state=1):
        division.do(OWNER, "setSteward", STEWARD.address)
