"""CarbonCredits.issueCarbonCredits of a producer whom a gateway reads.

No slot is credited twice, and none is lost because its proof came late.
"""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_grid.contracts import errors
from tests.support.examples import on_chain, rewound
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.support.settlement import close, record
from tests.unit.contracts.carbon.credits import (
    FACTOR,
    SLOT,
    balance,
    credited,
    issue,
    logged,
    producer_fields,
    set_factor,
)
from tests.unit.contracts.metering.gateways import (
    Leaf,
    Tree,
    anchor,
    assign,
    dispute,
    prove,
    register_gateway,
)

FIRST = SLOT + 1
GATEWAY = actor("gateway")


@pytest.fixture
def leaves(producer: LocalAccount) -> list[Leaf]:
    """Three slots, of 1,000, 1,001 and 1,002 Wh."""
    return [Leaf(account=producer.address, slot=FIRST + n, produced=1000 + n) for n in range(3)]


@pytest.fixture
def trees(market: Market, producer: LocalAccount, leaves: list[Leaf]) -> list[Tree]:
    """Anchored, and all of the slots final."""
    register_gateway(market, GATEWAY)
    assign(market, producer)
    trees = [anchor(market, GATEWAY, leaf) for leaf in leaves]
    market.go_to(market.final_at(FIRST + 2))
    return trees


def milligrams(market: Market, producer: LocalAccount) -> int:
    """All that was ever credited."""
    return 1000 * balance(market, producer) + producer_fields(market, producer)[2]


def test_issue_proven__not_proven_yet__waits_for_its_proof(
    market: Market, producer: LocalAccount, leaves: list[Leaf], trees: list[Tree]
) -> None:
    """Nobody can make a slot lose its credits by issuing it first."""
    slots = [leaf.slot for leaf in leaves]
    prove(market, trees[0], leaves[0])
    with refused(errors.CarbonCredits_NothingToIssue, producer=producer.address):
        issue(market, producer, slots[1:])

    receipt = issue(market, producer, slots)

    issued = {"producer": producer.address, "slots": 1, "energy": 1000, "grams": FACTOR}
    assert logged(market, receipt)[0] == ("CarbonCreditsIssued", issued)
    assert credited(market, producer, slots) == [True, False, False]
    for n in (2, 1):
        prove(market, trees[n], leaves[n])
    issue(market, producer, slots)
    assert credited(market, producer, slots) == [True] * 3
    assert milligrams(market, producer) == 3003 * FACTOR
    with refused(errors.CarbonCredits_NothingToIssue, producer=producer.address):
        issue(market, producer, slots)


def test_issue_proven__credited__nothing_can_be_added(
    market: Market, producer: LocalAccount, leaves: list[Leaf], trees: list[Tree]
) -> None:
    """What has produced anything is counted, and what is counted takes no proof."""
    prove(market, trees[0], leaves[0])
    record(market, producer, FIRST + 1, produced=5)
    issue(market, producer, [FIRST, FIRST + 1])

    with refused(errors.Settlement_SlotProven, account=producer.address, slot=FIRST):
        prove(market, trees[0], leaves[0])
    with refused(errors.Settlement_SlotMetered, account=producer.address, slot=FIRST + 1):
        prove(market, trees[1], leaves[1])
    assert milligrams(market, producer) == 1005 * FACTOR


def test_issue_proven__closed_before_the_proof__counts(
    market: Market, producer: LocalAccount, leaves: list[Leaf], trees: list[Tree]
) -> None:
    market.go_to(market.closable_at(FIRST + 2))
    close(market, producer, FIRST)
    prove(market, trees[0], leaves[0])

    issue(market, producer, [FIRST])

    assert milligrams(market, producer) == 1000 * FACTOR


def test_issue_proven__factor_set_before_the_proof__that_of_the_slot(
    market: Market, producer: LocalAccount, leaves: list[Leaf], trees: list[Tree]
) -> None:
    set_factor(market, 2000)
    market.go_to(market.now + 2 * 3600)
    prove(market, trees[0], leaves[0])

    issue(market, producer, [FIRST])

    assert balance(market, producer) == FACTOR


def test_issue_proven__proven_as_consumption_or_disputed__nothing_to_issue(
    market: Market, producer: LocalAccount
) -> None:
    register_gateway(market, GATEWAY)
    assign(market, producer)
    drawn = Leaf(account=producer.address, slot=FIRST, consumed=1000)
    prove(market, anchor(market, GATEWAY, drawn), drawn)
    pair = [Leaf(account=producer.address, slot=FIRST + 1, produced=n) for n in (8000, 9000)]
    dispute(market, anchor(market, GATEWAY, *pair), *pair)
    market.go_to(market.final_at(FIRST + 1))

    with refused(errors.CarbonCredits_NothingToIssue, producer=producer.address):
        issue(market, producer, [FIRST, FIRST + 1])


@settings(on_chain, max_examples=15)
@given(order=st.lists(st.sampled_from(["issue", 0, 1, 2]), max_size=10))
def test_issue_proven__proofs_and_issues_in_any_order__the_same_in_the_end(
    market: Market,
    producer: LocalAccount,
    leaves: list[Leaf],
    trees: list[Tree],
    order: list[int | str],
) -> None:
    slots = [leaf.slot for leaf in leaves]
    with rewound(market):
        proven, issued = set(), set()
        for step in [*order, 0, 1, 2, "issue"]:
            if isinstance(step, int):
                if step not in proven:
                    prove(market, trees[step], leaves[step])
                    proven.add(step)
            elif proven > issued:
                issue(market, producer, slots)
                issued |= proven
            else:
                with refused(errors.CarbonCredits_NothingToIssue, producer=producer.address):
                    issue(market, producer, slots)
            expected = sum(leaves[n].produced for n in issued) * FACTOR
            assert milligrams(market, producer) == expected
        assert issued == {0, 1, 2}
