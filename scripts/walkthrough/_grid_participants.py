"""The grid's story: who takes part, and what they declare."""

from __future__ import annotations

from energy_grid.client import EnergyType, errors
from energy_grid.domain.enums import Confirmation
from scripts._walkthrough.houses import House
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import CENT, DOLLAR, dollars

__all__ = ["tell_of_participants"]


def tell_of_participants(stage: Stage) -> House:
    """Producers, a consumer and a battery register, and declare a quarter; gives the house that
    has a turbine."""
    _who_takes_part(stage)
    house = _confirmed(stage)
    _production(stage)
    _consumption(stage)
    _a_battery(stage)
    return house


def _who_takes_part(stage: Stage) -> None:
    grid = stage.market.grid
    prosumer, consumer, storage_owner, somebody = (
        stage.person(name)
        for name in ("the prosumer", "the consumer", "the storage owner", "somebody")
    )
    stage.chapter("Who takes part")
    stage.says("Anybody registers for themselves, in each role once. Energy in Wh per slot.")
    stage.shows("seconds of a slot", grid.slot_length())
    forwarder = stage.market.contract("ERC2771Forwarder").address
    stage.shows("whether a relay may do so for them", grid.is_trusted_forwarder(forwarder))
    stage.does(
        "the prosumer has a roof of 1,500 Wh",
        prosumer,
        grid.register_producer(1_500, EnergyType.SOLAR),
        "ProducerRegistered",
    )
    stage.does("the consumer bakes with up to 750", consumer, grid.register_consumer(750))
    stage.does(
        "the storage owner's battery holds 5,000, charges with 600 and discharges with 700",
        storage_owner,
        grid.register_storage(5_000, 600, 700),
        "StorageRegistered",
    )
    stage.shows("the prosumer", grid.get_producer_info(prosumer.address))
    stage.shows("the storage owner's battery", grid.get_storage_info(storage_owner.address))
    stage.check(grid.is_storage(storage_owner.address), "the storage owner stores nothing")
    stage.shows("whether the storage owner stores", grid.is_storage(storage_owner.address))
    stage.refuses(
        "the prosumer registers its roof again",
        errors.GridManagement_AlreadyRegistered,
        prosumer,
        grid.register_producer(9_000, EnergyType.SOLAR),
        participant=prosumer.address,
    )
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


def _confirmed(stage: Stage) -> House:
    grid, prosumer, consumer = (
        stage.market.grid,
        stage.person("the prosumer"),
        stage.person("the consumer"),
    )
    house = House(stage, "the wind producer", "50")
    stage.chapter("Whose word counts")
    stage.says("What people say of themselves counts once the grid authority, or a meter that is")
    stage.says("large enough, has confirmed it.")
    stage.shows("whether the prosumer takes part", grid.is_active_participant(prosumer.address))
    for who, is_producer in ((prosumer, True), (consumer, False)):
        call = grid.confirm_participant(who.address, is_producer)
        stage.does(
            "the grid authority's Safe has looked at it", stage.safe, call, "ParticipantConfirmed"
        )
    stage.check(grid.is_active_participant(prosumer.address), "the prosumer takes no part")
    stage.shows("whether it does now", grid.is_active_participant(prosumer.address))
    stage.shows("solar capacity of the grid", grid.capacity_of(EnergyType.SOLAR))
    stage.refuses(
        "twice",
        errors.GridManagement_AlreadyConfirmed,
        stage.safe,
        grid.confirm_participant(prosumer.address, True),
        confirmation=Confirmation.AUTHORITY,
    )
    house.deposits("40")
    house.gets_meter()
    confirm = grid.confirm_by_meter(house.meter.address, True)
    stage.refuses(
        "the wind producer's meter, before it has registered",
        errors.GridManagement_NotRegistered,
        stage.keeper,
        confirm,
    )
    stage.does(
        "it has a turbine of 1,000 Wh",
        house.holder,
        grid.register_producer(1_000, EnergyType.WIND),
    )
    stage.refuses(
        "a key that is no meter's",
        errors.GridManagement_NoMeter,
        stage.keeper,
        grid.confirm_by_meter(prosumer.address, True),
        meter=prosumer.address,
    )
    stage.does("its meter of 4 kW confirms them", stage.keeper, confirm, "ParticipantConfirmed")
    stage.does(
        "it registers as a consumer of 1,001 as well", house.holder, grid.register_consumer(1_001)
    )
    stage.refuses(
        "which are more than the meter can count",
        errors.GridManagement_AboveMeter,
        stage.keeper,
        grid.confirm_by_meter(house.meter.address, False),
        registered=1_001,
        metered=1_000,
    )
    return house


def _production(stage: Stage) -> None:
    grid, prosumer, wind_producer = (
        stage.market.grid,
        stage.person("the prosumer"),
        stage.person("the wind producer"),
    )
    stage.chapter("What is declared of a quarter")
    stage.says("It is shown as declared, and moves neither prices nor money.")
    for what, amount in (("the prosumer declares 1,250 Wh", 1_250), ("then 1,300 in all", 1_300)):
        stage.does(what, prosumer, grid.report_production(amount), "ProductionReported")
    stage.refuses(
        "the wind producer more than its turbine can",
        errors.GridManagement_AboveLimit,
        wind_producer,
        grid.report_production(1_001),
        left=1_000,
    )
    stage.does("and 800", wind_producer, grid.report_production(800))
    status = grid.get_grid_status()
    stage.check(status.production == 2_100, f"{status.production} Wh were declared")
    stage.shows("the grid; of its load nobody has reported yet", status)


def _consumption(stage: Stage) -> None:
    grid, consumer = stage.market.grid, stage.person("the consumer")
    sponsor = stage.person("the sponsor", money="50")
    stage.chapter("Energy for now")
    stage.refuses(
        "the consumer consumes before it has an account",
        errors.Settlement_UnknownAccount,
        consumer,
        grid.consume_energy(250),
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
    for what, call in (
        ("the consumer consumes 250 Wh for 7.5 cents", grid.consume_energy(250)),
        ("250 more, for 30 cents a kWh at most", grid.consume_energy(250, 30 * CENT)),
    ):
        stage.does(what, consumer, call, "EnergyConsumed")
    stage.refuses(
        "250 more, for 29 at most",
        errors.Settlement_PriceAbove,
        consumer,
        grid.consume_energy(250, 29 * CENT),
    )
    stage.refuses(
        "more than its limit leaves in this slot",
        errors.GridManagement_AboveLimit,
        consumer,
        grid.consume_energy(251),
        left=250,
    )
    stage.refuses(
        "an account that is not registered",
        errors.GridManagement_NotRegistered,
        sponsor,
        grid.consume_energy(1),
        participant=sponsor.address,
    )
    paid = grid.get_consumer_info(consumer.address)
    stage.shows("the consumer now, 15 cents poorer", paid)
    stage.check(paid.balance == 19_850_000, f"the consumer has {dollars(paid.balance)} left of 20")


def _a_battery(stage: Stage) -> None:
    grid, storage_owner = stage.market.grid, stage.person("the storage owner")
    stage.chapter("A battery")
    stage.does(
        "the storage owner charges 550 Wh",
        storage_owner,
        grid.charge_storage(550),
        "StorageCharged",
    )
    stage.refuses(
        "another 100, faster than it charges",
        errors.GridManagement_AboveLimit,
        storage_owner,
        grid.charge_storage(100),
        left=50,
    )
    stage.refuses(
        "it discharges nothing",
        errors.GridManagement_ZeroAmount,
        storage_owner,
        grid.discharge_storage(0),
    )
    stage.does("it discharges 400", storage_owner, grid.discharge_storage(400), "StorageDischarged")
    stage.refuses(
        "another 200, of which it holds 150",
        errors.GridManagement_StorageBounds,
        storage_owner,
        grid.discharge_storage(200),
        amount=200,
        possible=150,
    )
    stage.shows("the battery", grid.get_storage_info(storage_owner.address))
