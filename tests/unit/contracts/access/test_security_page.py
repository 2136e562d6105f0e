"""The table in SECURITY.md is what the chain answers.

After a deliberate change: `pytest tests/unit/contracts/access --update-snapshots`, and commit it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import pytest

from energy_grid.domain.units import format_duration
from tests.support.artifacts import ROOT
from tests.support.callers import Callers
from tests.support.guarded import Guarded, named_safe
from tests.support.market import Market

PAGE = ROOT / "SECURITY.md"
FIRST, LAST = "<!-- restricted functions -->\n", "<!-- end of restricted functions -->\n"
TITLES = ("Contract", "Functions", "Role", "Callers", "Waits", "One stolen key can")
HEAD = f"| {' | '.join(TITLES)} |\n|{len(TITLES) * '---|'}\n"


def test_security_page__its_table__is_what_the_chain_answers(
    hourly_market: Market, guarded: list[Guarded], callers: Callers, pytestconfig: pytest.Config
) -> None:
    before, rest = PAGE.read_text().split(FIRST)
    committed, after = rest.split(LAST)
    found = "\n" + HEAD + "".join(rows(hourly_market, guarded, callers)) + "\n"
    if pytestconfig.getoption("--update-snapshots"):
        PAGE.write_text(before + FIRST + found + LAST + after)
        committed = found
    assert committed == found, "SECURITY.md is out of date: see the top of this file"


def rows(market: Market, guarded: Sequence[Guarded], callers: Callers) -> list[str]:
    """One line for what several contracts share: functions, role, and who passes."""
    of_contract: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for function in guarded:
        passes, stolen = who_passes(market, function, callers)
        role = "" if function.role is None else function.role.name
        waits = format_duration(function.delay) if function.delay else ""
        key = (function.contract, role, passes, waits, stolen)
        if function.function not in of_contract[key]:
            of_contract[key].append(function.function)
    contracts: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for (contract, *others), functions in of_contract.items():
        contracts[(", ".join(functions), *others)].append(contract)
    return [f"| {', '.join(names)} | {' | '.join(key)} |\n" for key, names in contracts.items()]


def who_passes(market: Market, function: Guarded, callers: Callers) -> tuple[str, str]:
    """The callers of a function in words, and what one of their keys can do."""
    words = {
        **{
            named_safe(name): f"{named_safe(name)}, {safe.call('getThreshold')} of"
            f" {len(safe.call('getOwners'))}"
            for name, safe in callers.safes.items()
        },
        "TimelockController": "governance: vote and timelock",
        "GridGovernor": "the governor, after a vote",
        "AccessManager": "the AccessManager, for governance",
    }
    if function.keys is not None:
        assert {who.split()[0] for who in function.callers} == {function.keys}, function
        assert len(function.callers) == len(callers.named(function.keys)), function
        return of_keys(market, function)
    assert not callers.keys.keys() & set(function.callers), function
    return " or ".join(words.get(who, who) for who in function.callers), "nothing"


def of_keys(market: Market, function: Guarded) -> tuple[str, str]:
    """The callers of functions that single keys can call, and what one key can do."""
    quorum, reporters = market.price_oracle.call("quorum"), len(function.callers)
    return {
        "reporter": (
            f"reporters, {quorum} of {reporters} agree",
            f"nothing: one value of {quorum}",
        ),
        "keeper": (
            "each keeper",
            "choose the signed and on-chain orders that trade, and the price between their limits;"
            " trade with orders of its own",
        ),
        "gateway": (
            "each gateway",
            "state what the meters of communities that name it have read, within their rated power,"
            " until a device's signed reading contradicts it",
        ),
    }[str(function.keys)]
