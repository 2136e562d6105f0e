"""The grid: who takes part, what an hour costs, who operates where, and what is done in trouble."""

from __future__ import annotations

from energy_grid.chain.contract import to_bytes32
from energy_grid.client import errors
from energy_grid.domain.enums import GridCondition
from scripts._walkthrough.command import walkthrough
from scripts._walkthrough.common import show_authority
from scripts._walkthrough.run import START
from scripts._walkthrough.stage import Stage, Story
from scripts.walkthrough._grid_authority import tell_authority, tell_of_reputation
from scripts.walkthrough._grid_balancing import tell_balancing
from scripts.walkthrough._grid_emergencies import tell_emergencies, tell_modules
from scripts.walkthrough._grid_operators import tell_operators
from scripts.walkthrough._grid_participants import tell_of_participants
from scripts.walkthrough._grid_prices import tell_of_prices
from scripts.walkthrough._grid_stability import tell_stability

NOON, EVENING = START + 12 * 3600, START + 19 * 3600


def tell(stage: Stage) -> None:
    """a noon with sun and wind, operators who balance it, and an evening on which it breaks."""
    stage.wait_until(NOON)
    wind_producer = tell_of_participants(stage)
    tell_of_prices(stage)
    tell_authority(stage)
    tell_operators(stage)
    tell_balancing(stage)
    stage.wait_until(EVENING)
    tell_stability(stage)
    tell_emergencies(stage)
    tell_modules(stage)
    tell_of_reputation(stage, wind_producer)
    _at_deployment(stage)
    market = stage.market
    show_authority(
        stage,
        [market.grid, market.operators, market.bands],
        market.grid.update_grid_status(GridCondition.NORMAL),
    )


def _at_deployment(stage: Stage) -> None:
    market, grid, balancing = stage.market, stage.market.grid, stage.market.balancing
    stability = market.stability
    stage.chapter("What is fixed at deployment")
    stage.says("Each contract knows those that it works with, for good.")
    for what, read, module in (
        ("the grid's settlement contract", grid.settlement, market.settlement),
        ("its meters", grid.meter, market.meters),
        ("its tariffs", grid.tariffs, market.tariffs),
        ("who declares emergencies in it", grid.stability, stability),
        ("the exchange's price for it", grid.price_oracle, market.price_oracle),
        ("the weather for it", grid.weather_oracle, market.weather_oracle),
        ("the state of its regions", grid.grid_oracle, market.grid_oracle),
        ("what is nominal in them", grid.bands, market.bands),
        ("who tells of missed actions", market.operators.balancing, balancing),
        ("whose word load reports need", market.load.operators, market.operators),
        ("whose word balancing needs", balancing.operators, market.operators),
        ("where balancing reads the demand", balancing.load, market.load),
        ("who opens actions by itself", balancing.stability, stability),
        ("whose word stability needs", stability.operators, market.operators),
        ("where it opens actions", stability.balancing, balancing),
        ("where it declares emergencies", stability.grid, grid),
    ):
        address = read()
        stage.shows(what, address)
        stage.check(address == module.address, f"{what}: {module.name} is another contract")
    stage.refuses_to_deploy(
        "balancing with actions that live for no time",
        errors.BalancingCoordination_BadParameter,
        "BalancingCoordination",
        market.operators.address,
        market.load.address,
        market.stability.address,
        0,
        name=to_bytes32("actionLifetime"),
        value=0,
    )


story = Story(
    name="grid",
    contracts=(
        "GridManagement",
        "GridOperatorVerification",
        "LoadMonitoring",
        "BalancingCoordination",
        "StabilityMaintenance",
        "GridBands",
    ),
    tell=tell,
)
cli = walkthrough(str(__doc__), story)
