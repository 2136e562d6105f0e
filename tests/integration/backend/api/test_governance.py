"""Proposals over HTTP: when their votes end, what they wait for, and who stopped them."""

from __future__ import annotations

from energy_grid.api.values import time_of
from energy_grid.chain.accounts import Account
from energy_grid.domain.enums import Support
from tests.integration.backend.api.conftest import Api

_OWNERS = [Account.local(number) for number in (26, 27)]
_FIRST, _SECOND = Account.local(5), Account.local(8)


def test_proposals__tell_late_quorums_predecessors_and_cancellation(api: Api) -> None:
    market, grid = api.exchange.market, api.exchange.grid
    for each in (*_OWNERS, _FIRST, _SECOND):
        market.node.set_balance(each.address, 10**21)
    former = grid.propose(_FIRST, [grid.carbon.set_emission_factor(300)], "Cleaner").execute()
    limit = grid.settlement.set_outflow_limit(7)
    later = grid.propose(_FIRST, [limit], "And less", after=[former]).execute()
    for made in (former, later):
        grid.vote(_FIRST, made, Support.FOR, wait=True).execute()
    market.go_to(former.vote_end - 1)
    grid.vote(_SECOND, former, Support.FOR).execute()
    grid.vote(_SECOND, later, Support.FOR).execute()
    extended = {each.id: grid.proposal(each.number).vote_end for each in (former, later)}
    assert extended[former.id] > former.vote_end
    grid.queue_proposal(_FIRST, grid.proposal(former.number), wait=True).execute()
    grid.cancel_proposal(grid.acting_safe(_OWNERS), former).execute()
    api.live()

    found = {each["id"]: each for each in api.get("/governance/proposals").json()["items"]}
    first, second = found[str(former.id)], found[str(later.id)]
    assert (first["predecessors"], second["predecessors"]) == ([], [str(former.id)])
    for each, number in ((first, former.id), (second, later.id)):
        assert each["vote_ends_at"] == f"{time_of(extended[number]):%Y-%m-%dT%H:%M:%SZ}"
    assert first["queued_at"] <= first["canceled_at"]
    assert second["canceled_at"] is None
