"""Wallets and meters out of a seed."""

from __future__ import annotations

from energy_grid.demo import simbench
from energy_grid.demo.region import operator_of
from energy_grid.demo.residents import residents


def test_residents__same_seed__have_the_same_keys_and_nobody_shares_one() -> None:
    village = simbench.all_households()
    people = residents(village, 1)
    assert [one.wallet.address for one in people] == [
        one.wallet.address for one in residents(village, 1)
    ]
    keys = {
        key.address
        for one in (*people, *residents(village, 2))
        for key in (one.wallet, one.meter, one.plant_meter)
    }
    assert len(keys) == 6 * len(village)


def test_operator_of__seed__has_a_wallet_of_its_own() -> None:
    wallets = {person.wallet.address for person in residents(simbench.all_households(), 1)}
    assert operator_of(1).address == operator_of(1).address
    assert operator_of(1).address not in wallets | {operator_of(2).address}


def test_residents__shown__hide_their_keys() -> None:
    (person,) = residents(simbench.all_households()[:1], 1)
    assert person.wallet.address in repr(person)
    assert "Account(0x" in repr(person)


def test_rated_power__every_household__covers_what_its_meter_sees() -> None:
    for week in simbench.weeks():
        village = simbench.load(week.name)
        for person in residents(village.households, 1):
            meter = village.meters[person.household.number]
            highest = 4 * max(*meter.produced_wh, *meter.consumed_wh)
            assert highest <= person.rated_power
