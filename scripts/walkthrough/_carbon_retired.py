"""Credits are used up: for a beneficiary and a reason, in a record that anybody can read."""

from __future__ import annotations

from energy_grid.client import errors
from energy_grid.contracts.carbon_credits import Retirement
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import NOBODY

__all__ = ["tell_of_more_than_the_world", "tell_of_retirement"]

TRADE_FAIR = "the power of our stand at the trade fair"


def tell_of_retirement(stage: Stage) -> None:
    """A firm retires what it was given."""
    carbon, firm, guests = stage.market.carbon, stage.person("the firm"), stage.person("the guests")
    retire = carbon.retire
    stage.chapter("Credits are used up")
    stage.says("An account that claims avoided emissions retires credits: for a beneficiary and a")
    stage.says("reason, in a numbered record. They are gone then, so they cannot be claimed twice.")
    stage.does(
        "the firm retires 300 g for its guests",
        firm,
        retire(300, guests.address, TRADE_FAIR),
        "CarbonCreditsRetired",
    )
    stage.shows("retirements there were", carbon.retirement_count())
    found = carbon.retirement(1)
    wanted = Retirement(
        account=firm.address,
        beneficiary=guests.address,
        amount=300,
        time=stage.now,
        reason=TRADE_FAIR,
    )
    stage.check(found == wanted, f"the record is {found}")
    stage.shows("the record", found)
    stage.shows("grams retired for the guests", carbon.retired_for(guests.address))
    stage.shows("grams ever retired", carbon.total_retired())
    issued, supply, retired = carbon.total_issued(), carbon.total_supply(), carbon.total_retired()
    stage.check(issued == supply + retired == 2948, f"{issued} is not {supply} and {retired}")
    stage.shows("ever issued, still there, retired: the sum is right", (issued, supply, retired))
    for what, error, call in (
        ("nothing at all", errors.CarbonCredits_ZeroAmount, retire(0, guests.address, TRADE_FAIR)),
        ("for nobody", errors.CarbonCredits_ZeroBeneficiary, retire(1, NOBODY.address, TRADE_FAIR)),
        ("without a reason", errors.CarbonCredits_BadReason, retire(1, guests.address, "")),
        ("more than is left", errors.ERC20InsufficientBalance, retire(201, guests.address, "all")),
    ):
        stage.refuses(what, error, firm, call)
    stage.refuses_to_answer(
        "a record that does not exist",
        errors.CarbonCredits_NoSuchRetirement,
        lambda: carbon.retirement(2),
        id=2,
    )


def tell_of_more_than_the_world(stage: Stage) -> None:
    """What no record has room for."""
    carbon, giant = stage.market.carbon, stage.person("a giant")
    stage.chapter("More than the world emits")
    stage.says("A record has room for 96 bits of grams. No meter earns as much: this chain lets")
    stage.says("us write a balance as it likes.")
    stage.node.rpc("anvil_dealERC20", giant.address, carbon.address, hex(2**97))
    stage.refuses(
        "2^96 g in one retirement",
        errors.SafeCastOverflowedUintDowncast,
        giant,
        carbon.retire(2**96, giant.address, "everything"),
        bits=96,
    )
