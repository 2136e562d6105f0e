"""The twin of a feeder, beside pandapower and what can be worked out by hand."""

import math

import numpy as np
import pandapower
import pytest

from energy_grid.domain.electric_grid import Cable, ElectricGrid, RatedBus, Transformer
from energy_grid.domain.power_flow import Twin
from energy_grid.errors import InputError
from tests.support.twins import in_pandapower, village_flows

TRANSFORMER = Transformer(
    upper_v=20_000,
    lower_v=400,
    rated_va=250_000,
    source_pu=1.0,
    short_circuit=0.06,
    no_load=0.0035,
    copper_w=3300,
    iron_w=880,
    tap_position=0,
    tap_neutral=0,
    tap_step=0.025,
    clock=5,
)


def street(**changes):
    """A transformer and one cable of 0.1 ohm to a house."""
    of = {
        "station": "station",
        "transformer": TRANSFORMER,
        "buses": [RatedBus(name=name, rated_v=400) for name in ("station", "house")],
        "cables": [
            Cable(
                name="cable",
                upper="station",
                lower="house",
                r_ohm=0.1,
                x_ohm=0.0,
                b_siemens=0.0,
                max_a=100,
            )
        ],
    }
    return ElectricGrid(**{**of, **changes})


@pytest.mark.parametrize("week", ["summer", "winter"])
def test_equals_pandapower(week):
    twin, drawn = village_flows(week)
    found = twin.flows(drawn)
    net = in_pandapower(twin.grid)
    supply = found.supply_w
    for slot in (0, int(np.argmin(supply)), int(np.argmax(supply))):
        net.load["p_mw"] = drawn[slot] / 10**6
        pandapower.runpp(net, numba=False, tolerance_mva=1e-12)
        voltages = net.res_bus["vm_pu"].to_numpy()[1:]
        assert np.abs(found.voltages[slot] - voltages).max() < 1e-5
        losses = 10**6 * (net.res_line["pl_mw"].sum() + net.res_trafo["pl_mw"].sum())
        assert found.losses_w[slot] == pytest.approx(losses, rel=1e-3)
        loading = net.res_line["loading_percent"].to_numpy() / 100
        assert np.abs(found.cable_loading[slot] - loading).max() < 1e-4
        assert supply[slot] == pytest.approx(10**6 * net.res_trafo["p_hv_mw"][0], abs=1)


def test_energy_is_kept_and_no_limit_breaks_in_the_village():
    twin, drawn = village_flows("summer")
    found = twin.flows(drawn)
    assert np.abs(found.supply_w - found.losses_w - drawn.sum(axis=1)).max() < 0.01
    assert found.supply_w.min() < 0 < found.supply_w.max()
    assert (found.losses_w > 800).all()  # the transformer's iron alone
    assert not found.is_broken.any()


def test_voltage_falls_by_current_times_resistance():
    twin = Twin(street())
    found = twin.flows(np.array([[0.0, 10_000.0], [0.0, 0.0], [0.0, -10_000.0]]))
    station, house = found.voltages[0]
    # 10 kW at the house's voltage, in three phases through 0.1 ohm each.
    amperes = 10_000 / (math.sqrt(3) * 400 * house)
    assert math.sqrt(3) * amperes * 0.1 / 400 == pytest.approx(station - house, rel=1e-6)
    assert found.cable_loading[0, 0] == pytest.approx(amperes / 100, rel=1e-6)
    assert found.voltages[1, 1] == pytest.approx(found.voltages[1, 0])
    assert found.voltages[2, 1] > found.voltages[2, 0]


NARROW = [RatedBus(name=name, rated_v=400, least=0.98, most=1.02) for name in ("station", "house")]


@pytest.mark.parametrize(
    ("changes", "drawn"),
    [
        ({}, 80_000.0),  # more than the cable carries
        ({"buses": NARROW}, 40_000.0),  # too low a voltage
        ({"buses": NARROW}, -40_000.0),  # too high a one
    ],
)
def test_a_broken_limit_shows(changes, drawn):
    found = Twin(street(**changes)).flows(np.array([[0.0, 0.0], [0.0, drawn]]))
    assert found.is_broken.tolist() == [False, True]


def test_a_transformer_that_carries_too_much_shows():
    found = Twin(street()).flows(np.array([[240_000.0, 0.0], [255_000.0, 0.0]]))
    assert found.is_broken.tolist() == [False, True]


@pytest.mark.parametrize(
    ("drawn", "message"),
    [
        ([[0.0]], "a power for each of 2 buses is needed"),
        ([0.0, 0.0], "a power for each of 2 buses is needed"),
        ([[0.0, math.nan]], "a power of the feeder is no number"),
        ([[0.0, 10.0**8]], "so much cannot flow through these cables"),
    ],
)
def test_refuses_powers_that_cannot_be(drawn, message):
    with pytest.raises(InputError, match=message):
        Twin(street()).flows(np.array(drawn))


def test_refuses_a_bus_that_is_none():
    with pytest.raises(InputError, match="'shed' is no bus of the feeder"):
        Twin(street()).index("shed")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"station": "hill"}, "the transformer stands at 'hill', which is no bus"),
        ({"buses": [RatedBus(name="station", rated_v=400)]}, "leads to 'house', which is no bus"),
    ],
)
def test_refuses_a_grid_with_an_end_that_is_no_bus(changes, message):
    with pytest.raises(InputError, match=message):
        street(**changes)
