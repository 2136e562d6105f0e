"""The grid: who takes part, what an hour costs, who operates where, and what is done in trouble."""

from __future__ import annotations

from energy_grid.chain.contract import to_bytes32
from energy_grid.client import EnergyType, errors
from energy_grid.contracts.grid_oracle import GridState
from energy_grid.contracts.weather_oracle import Weather
from energy_grid.domain.enums import GridCondition
from scripts._walkthrough.command import walkthrough
from scripts._walkthrough.common import show_authority
from scripts._walkthrough.run import START
from scripts._walkthrough.stage import Stage, Story
from scripts._walkthrough.tokens import DOLLAR, dollars
from scripts.walkthrough._grid_authority import tell_authority
from scripts.walkthrough._grid_balancing import tell_balancing
from scripts.walkthrough._grid_emergencies import tell_emergencies, tell_modules
from scripts.walkthrough._grid_operators import NORTH, tell_operators
from scripts.walkthrough._grid_stability import tell_stability

NOON, EVENING = START + 12 * 3600, START + 19 * 3600


def tell(stage: Stage) -> None:
    """a noon with sun and wind, operators who balance it, and an evening on which it breaks."""
    stage.wait_until(NOON)
    _who_takes_part(stage)
    _an_hour(stage)
    _a_battery(stage)
    _what_an_hour_costs(stage)
    _what_it_should_cost(stage)
    tell_authority(stage)
    tell_operators(stage)
    tell_balancing(stage)
    stage.wait_until(EVENING)
    tell_stability(stage)
    tell_emergencies(stage)
    tell_modules(stage)
    _at_deployment(stage)
    market = stage.market
    show_authority(
        stage, [market.grid, market.operators], market.grid.update_grid_status(GridCondition.NORMAL)
    )


def _who_takes_part(stage: Stage) -> None:
    grid = stage.market.grid
    prosumer, wind_producer, consumer, storage_owner = (
        stage.person(name)
        for name in ("the prosumer", "the wind producer", "the consumer", "the storage owner")
    )
    stage.chapter("Who takes part")
    stage.says("Anybody registers for themselves, in each role once. Energy in Wh per slot.")
    stage.shows("seconds of a slot", grid.slot_length())
    stage.does(
        "the prosumer has a roof of 6,000 Wh",
        prosumer,
        grid.register_producer(6_000, EnergyType.SOLAR),
        "ProducerRegistered",
    )
    stage.does(
        "the wind producer a wind turbine of 4,000",
        wind_producer,
        grid.register_producer(4_000, EnergyType.WIND),
    )
    stage.does("the consumer bakes with up to 3,000", consumer, grid.register_consumer(3_000))
    stage.does(
        "the storage owner's battery holds 5,000, charges with 2,500 and discharges with 3,000",
        storage_owner,
        grid.register_storage(5_000, 2_500, 3_000),
        "StorageRegistered",
    )
    stage.shows("the prosumer", grid.get_producer_info(prosumer.address))
    stage.shows("the consumer", grid.get_consumer_info(consumer.address))
    stage.shows("the storage owner's battery", grid.get_storage_info(storage_owner.address))
    stores, acts = (
        grid.is_storage(storage_owner.address),
        grid.is_active_participant(storage_owner.address),
    )
    stage.shows("whether the storage owner stores; produces or consumes", (stores, acts))
    stage.check(stores and not acts, "the storage owner has a battery and nothing else")
    stage.shows("solar capacity of the grid", grid.capacity_of(EnergyType.SOLAR))
    stage.refuses(
        "the prosumer registers its roof again",
        errors.GridManagement_AlreadyRegistered,
        prosumer,
        grid.register_producer(9_000, EnergyType.SOLAR),
        participant=prosumer.address,
    )
    somebody = stage.person("somebody")
    stage.refuses(
        "a consumer of nothing",
        errors.GridManagement_ZeroAmount,
        somebody,
        grid.register_consumer(0),
    )
    stage.refuses(
        "more Wh than 64 bits hold",
        errors.SafeCastOverflowedUintDowncast,
        somebody,
        grid.register_consumer(2**64),
        bits=64,
    )


def _an_hour(stage: Stage) -> None:
    grid = stage.market.grid
    prosumer, wind_producer, consumer = (
        stage.person(name) for name in ("the prosumer", "the wind producer", "the consumer")
    )
    sponsor = stage.person("the sponsor", money="50")
    stage.chapter("An hour on the grid")
    stage.says("What is declared counts for the running slot: the next one begins at nothing.")
    stage.refuses(
        "the consumer draws before anybody has declared production",
        errors.GridManagement_InsufficientEnergy,
        consumer,
        grid.consume_energy(1_000),
        amount=1_000,
        available=0,
    )
    stage.does(
        "the prosumer declares 5,000 Wh",
        prosumer,
        grid.report_production(5_000),
        "ProductionReported",
    )
    stage.refuses(
        "the wind producer more than its turbine can",
        errors.GridManagement_AboveLimit,
        wind_producer,
        grid.report_production(4_001),
        left=4_000,
    )
    stage.does("the wind producer 3,000", wind_producer, grid.report_production(3_000))
    stage.refuses(
        "the consumer draws before any money was paid in for it",
        errors.Settlement_UnknownAccount,
        consumer,
        grid.consume_energy(1_000),
    )
    stage.refuses(
        "the sponsor pays in half a dollar for it, which is too little",
        errors.GridManagement_BadTopUp,
        sponsor,
        grid.add_consumer_balance(consumer.address, DOLLAR // 2),
        minimum=DOLLAR,
        maximum=1_000_000 * DOLLAR,
    )
    stage.does(
        "the sponsor pays in 20 dollars for it",
        sponsor,
        grid.add_consumer_balance(consumer.address, 20 * DOLLAR),
    )
    stage.shows("the price of a kWh now", dollars(grid.get_dynamic_price()))
    stage.does(
        "the consumer draws 1,000 Wh for 0.30",
        consumer,
        grid.consume_energy(1_000),
        "EnergyConsumed",
    )
    price = grid.get_dynamic_price()
    stage.check(price == 315_000, f"a tenth of the capacity is drawn, and a kWh costs {price}")
    stage.shows("the price, now that a tenth of the capacity is drawn", dollars(price))
    stage.refuses(
        "the consumer draws more than its limit leaves in this slot",
        errors.GridManagement_AboveLimit,
        consumer,
        grid.consume_energy(2_500),
        left=2_000,
    )
    stage.refuses(
        "an account that is not registered draws",
        errors.GridManagement_NotRegistered,
        sponsor,
        grid.consume_energy(1),
        participant=sponsor.address,
    )
    paid = grid.get_consumer_info(consumer.address)
    stage.shows("the consumer now, 0.30 poorer", paid)
    stage.check(paid.balance == 19_700_000, f"the consumer has {dollars(paid.balance)} left of 20")


def _a_battery(stage: Stage) -> None:
    grid, prosumer, storage_owner = (
        stage.market.grid,
        stage.person("the prosumer"),
        stage.person("the storage owner"),
    )
    stage.chapter("A battery")
    stage.does(
        "the storage owner charges 2,400 Wh",
        storage_owner,
        grid.charge_storage(2_400),
        "StorageCharged",
    )
    stage.refuses(
        "another 200, faster than it charges",
        errors.GridManagement_AboveLimit,
        storage_owner,
        grid.charge_storage(200),
        left=100,
    )
    stage.refuses(
        "the prosumer corrects its report to nothing, when others have drawn some of it",
        errors.GridManagement_InsufficientEnergy,
        prosumer,
        grid.report_production(0),
        amount=5_000,
        available=4_600,
    )
    stage.does("it corrects it to 4,500", prosumer, grid.report_production(4_500))
    stage.refuses(
        "the storage owner discharges nothing",
        errors.GridManagement_ZeroAmount,
        storage_owner,
        grid.discharge_storage(0),
    )
    stage.does(
        "it discharges 1,500", storage_owner, grid.discharge_storage(1_500), "StorageDischarged"
    )
    stage.refuses(
        "another 1,000, of which it holds 900",
        errors.GridManagement_StorageBounds,
        storage_owner,
        grid.discharge_storage(1_000),
        amount=1_000,
        possible=900,
    )
    stage.shows("the battery", grid.get_storage_info(storage_owner.address))
    status = grid.get_grid_status()
    stage.shows("the grid", status)
    stage.check(status.production == 7_500, f"{status.production} Wh were produced")
    stage.check(status.load == 3_400, f"{status.load} Wh are drawn")
    stage.check(status.available == 7_500 + 1_500 - 3_400, f"{status.available} Wh are left")


def _what_an_hour_costs(stage: Stage) -> None:
    market, grid = stage.market, stage.market.grid
    anybody = stage.person("anybody")
    stage.chapter("What an hour costs")
    stage.says("A slot is charged at the price it began with, which follows from the load")
    stage.says("before. Nobody can move it by being first; whom it concerns can have it")
    stage.says("recorded.")
    stage.wait_until(NOON + 3600)
    slot = market.slot()
    stage.does(
        "the price of 13:00 is recorded", anybody, grid.record_slot_price(), "SlotPriceRecorded"
    )
    stage.shows("what a kWh cost from 12:00 on", dollars(grid.price_of(slot - 1)))
    stage.shows("from 13:00 on", dollars(grid.price_of(slot)))
    stage.check(grid.price_of(slot) == 351_000, "34 % of the capacity make a kWh 17 % dearer")
    stage.does(
        "the Safe, grid authority, raises the tariff to 0.32",
        stage.safe,
        grid.set_base_price(320_000),
        "BasePriceSet",
    )
    stays, comes = grid.base_price_of(slot), grid.base_price_of(slot + 1)
    stage.shows("the tariff of this slot, and of the next", (dollars(stays), dollars(comes)))
    stage.check((stays, comes) == (300_000, 320_000), f"tariffs are {stays} and {comes}")
    stage.shows(
        "all three at once, for an indexer, in base units",
        grid.call_many("priceOf", zip([slot - 1, slot, slot + 1]), kind=int),
    )
    stage.refuses(
        "a tariff of nothing",
        errors.GridManagement_BadParameter,
        stage.safe,
        grid.set_base_price(0),
        name=to_bytes32("basePrice"),
        value=0,
    )
    stage.does("back to 0.30", stage.safe, grid.set_base_price(300_000))


def _what_it_should_cost(stage: Stage) -> None:
    market, grid = stage.market, stage.market.grid
    stage.chapter("What a kWh should cost in a region")
    stage.says("For information; it is not charged.")
    stage.shows("without oracles, by the hour of the day alone", grid.get_market_price(NORTH))
    weather = Weather(irradiance=500, temperature=2_000, wind_speed=1_200, cloud_cover=3_000)
    state = GridState(demand=480, supply=600, frequency=5_000, voltage=100)
    prices, skies, grids = market.price_oracle, market.weather_oracle, market.grid_oracle
    reporters = stage.reporters[:3]
    stage.repeats(
        "reporters: 0.25 on the exchange",
        [(one, prices.submit_price(1, 250_000)) for one in reporters],
    )
    stage.repeats(
        "500 W/m2 of sun, a fresh wind",
        [(one, skies.submit_weather(NORTH, 1, weather)) for one in reporters],
    )
    stage.repeats(
        "480 kW of demand, 600 of supply",
        [(one, grids.submit_grid_state(NORTH, 1, state)) for one in reporters],
    )
    found = grid.get_market_price(NORTH)
    stage.shows("with them, factors in basis points", found)
    stage.check(found.price == 215_960, f"a kWh should cost {found.price}")


def _at_deployment(stage: Stage) -> None:
    market, grid, balancing = stage.market, stage.market.grid, stage.market.balancing
    stability = market.stability
    stage.chapter("What is fixed at deployment")
    stage.says("Each contract knows those that it works with, for good.")
    for what, read, module in (
        ("the grid's settlement contract", grid.settlement, market.settlement),
        ("its meters", grid.meter, market.meters),
        ("who declares emergencies in it", grid.stability, stability),
        ("the exchange's price for it", grid.price_oracle, market.price_oracle),
        ("the weather for it", grid.weather_oracle, market.weather_oracle),
        ("the state of its regions", grid.grid_oracle, market.grid_oracle),
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
    ),
    tell=tell,
)
cli = walkthrough(str(__doc__), story)
