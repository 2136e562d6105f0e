"""LoadMonitoring and a list of reports, fed at random together."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from energy_grid.domain.grid_levels import LoadStatus
from tests.support.examples import on_chain, rewound
from tests.support.market import Market
from tests.unit.contracts.load.loads import Report, current_load, history, logged, report
from tests.unit.contracts.operators.operators import NORTH, SOUTH, verified_operator

powers = st.one_of(st.integers(1, 1000), st.integers(1, 2**64 - 1))


@st.composite
def loads(draw: st.DrawFn) -> tuple[bytes, int, int]:
    """A region, its capacity and a demand, often at or beside the bound of a status."""
    capacity = draw(powers)
    bound = draw(st.sampled_from([31, 80, 95, 100])) * capacity // 100
    beside = bound + draw(st.integers(-1, 1))
    demand = draw(st.one_of(st.just(beside), st.integers(0, 2 * capacity)))
    return draw(st.sampled_from([NORTH, SOUTH])), capacity, min(max(0, demand), 2**64 - 1)


@settings(on_chain, max_examples=15)
@given(st.lists(loads(), max_size=25), st.integers(0, 26), st.integers(1, 100))
def test_load__any_reports__as_in_the_model(
    market: Market, reports: list[tuple[bytes, int, int]], offset: int, limit: int
) -> None:
    with rewound(market):
        operators = {
            NORTH: verified_operator(market),
            SOUTH: verified_operator(market, "southern", "SOUTH"),
        }
        model: dict[bytes, list[Report]] = {NORTH: [], SOUTH: []}
        for region, capacity, demand in reports:
            receipt = report(market, operators[region], capacity, demand, region)

            before = model[region][0].status if model[region] else LoadStatus.LOW
            made = Report(capacity, demand, receipt.time)
            model[region].insert(0, made)
            emitted = [made.percentage] * (1 if made.status is before else 2)
            found = [values["percentage"] for _, values in logged(market, receipt)]
            assert found == emitted
            assert current_load(market, region) == made.on_chain
            critical = made.status is LoadStatus.CRITICAL
            assert market.load.call("isCriticalLoad", region) == critical
        for region, kept in model.items():
            wanted = [one.on_chain for one in kept[offset : offset + limit]]
            assert history(market, offset, limit, region) == wanted
            assert market.load.call("reportCount", region) == len(kept)
