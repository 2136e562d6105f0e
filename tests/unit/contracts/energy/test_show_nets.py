"""EnergyAccounts.showNets."""

from __future__ import annotations

from tests.support.core.energy_suite import DAYS, METER, EnergyWorld, boundary
from tests.unit.contracts.energy.suite import first


def test_show_nets__whole_pages_take_the_place_of_what_was_known(world: EnergyWorld) -> None:
    energy, slot = world.energy, first(world)
    world.join("north", "street")
    slot += 96
    for at in (slot, slot + 8, slot + 16):
        world.chain.set_time((at + 1) * 900)
        energy.record([boundary(at, 1, 500)], by=METER)
    sums = [energy.sumsOf(1, at) for at in range(slot, slot + 24)]
    nets = [5, -7, 0, 2**24 - 1, 1 - 2**24, 1, -1, None, *range(8)]
    lanes = [0 if net is None else net + 2**31 for net in nets]
    pages = [sum(lanes[8 * page + at] << 32 * at for at in range(8)) for page in range(2)]
    energy.showNets(1, slot, pages, by=DAYS)
    found = [energy.netOf(1, at) for at in range(slot - 1, slot + 18)]
    shown = [(net is not None, net or 0) for net in nets]
    assert found == [(False, 0), *shown, (True, 500), (False, 0)]
    assert energy.netOf(2, slot) == (False, 0)
    assert [energy.sumsOf(1, at) for at in range(slot, slot + 24)] == sums
    assert sums[0] == (500, 0)
