"""The grid's story: emergencies by the authority's word, and what contracts tell each other."""

from __future__ import annotations

from energy_grid.client import errors
from energy_grid.domain.balancing import ActionType
from energy_grid.domain.enums import EmergencyProtocol
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import CENT, dollars
from scripts.walkthrough._grid_operators import NORTH, SOUTH, operator_of

__all__ = ["tell_emergencies", "tell_modules"]


def tell_emergencies(stage: Stage) -> None:
    """A protocol in a region, and the grid as a whole."""
    grid, safe = stage.market.grid, stage.safe
    stage.chapter("Emergencies by the grid authority")
    stage.says("While a region is in one, its next slots cost three times as much, up to the")
    stage.says("tariff's highest factor. It ends by itself, unless it is renewed.")
    stage.does(
        "a storm: the south sheds load",
        safe,
        grid.implement_emergency_protocol(SOUTH, EmergencyProtocol.LOAD_SHEDDING),
        "EmergencyProtocolSet",
    )
    protocol = grid.emergency_protocol_of(SOUTH)
    stage.shows("the protocol in the south", protocol)
    stage.check(protocol is EmergencyProtocol.LOAD_SHEDDING, f"it is {protocol.name}")
    stage.shows("until when, in Unix seconds", grid.emergency_until(SOUTH))
    tariffs = stage.market.tariffs
    stage.shows(
        "what it limits in a region with a tariff", tariffs.limits_of(tariffs.find_region(NORTH))
    )
    stage.check(not grid.get_grid_status().emergency, "the south's emergency is not home's")
    stage.does(
        "the storm is over",
        safe,
        grid.implement_emergency_protocol(SOUTH, EmergencyProtocol.NONE),
    )
    stage.does("at home, by hand", safe, grid.toggle_emergency_mode(), "EmergencyModeSet")
    stage.shows("the grid", grid.get_grid_status())
    slot = stage.market.slot()
    prices = [grid.price_of(slot + each) for each in (0, 1)]
    stage.check(prices == [30 * CENT, 90 * CENT], f"prices: {prices}")
    stage.shows("a kWh in the running slot, and in the next", [dollars(each) for each in prices])
    stage.does("and back", safe, grid.toggle_emergency_mode())
    stage.check(not grid.get_grid_status().emergency, "the emergency does not end")


def tell_modules(stage: Stage) -> None:
    """Functions that only one contract may call; earlier chapters show what leads to them."""
    market, northern_operator = stage.market, operator_of(stage, NORTH)
    grid, operators, balancing = market.grid, market.operators, market.balancing
    stranger = stage.person("a stranger")
    stage.chapter("Functions for other contracts only")
    stage.refuses(
        "a seller of expensive energy declares an emergency",
        errors.GridManagement_OnlyStability,
        stranger,
        grid.set_region_emergency(SOUTH, True),
        caller=stranger.address,
    )
    stage.refuses(
        "a stranger opens an action in the northern operator's name",
        errors.BalancingCoordination_OnlyStability,
        stranger,
        balancing.initiate_automated_action(
            NORTH, ActionType.INCREASE_GENERATION, 5, 2, northern_operator.address
        ),
        caller=stranger.address,
    )
    stage.refuses(
        "its rival says that it has missed one",
        errors.GridOperatorVerification_OnlyBalancing,
        stranger,
        operators.note_missed_action(northern_operator.address),
        caller=stranger.address,
    )
