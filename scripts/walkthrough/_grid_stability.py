"""The grid's story: frequency and voltage, what follows by itself, and critical events."""

from __future__ import annotations

from dataclasses import replace

from energy_grid.chain.contract import to_bytes32
from energy_grid.client import errors
from energy_grid.contracts.errors import decode_revert
from energy_grid.contracts.grid_oracle import GridState
from energy_grid.contracts.tariffs import Tariff
from energy_grid.domain.balancing import ActionType
from energy_grid.domain.enums import Quality, Trigger
from energy_grid.domain.grid_levels import StabilityLevel
from energy_grid.market.grid_bands import bands_called
from scripts._walkthrough.common import only
from scripts._walkthrough.houses import today
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import CENT, dollars
from scripts.walkthrough._grid_operators import NORTH, SOUTH, colleague_of, operator_of

__all__ = ["tell_stability"]

_WEST = "west"


def tell_stability(stage: Stage) -> None:
    """Reports, automated responses, responses by hand, a critical event."""
    _reports(stage)
    _bands(stage)
    _what_follows_by_itself(stage)
    _what_fails(stage)
    _by_hand(stage)
    _a_critical_event(stage)
    _a_critical_load(stage)
    _a_critical_report(stage)


def _reports(stage: Stage) -> None:
    stability, northern_operator = stage.market.stability, operator_of(stage, NORTH)
    stage.chapter("How stable a region is")
    stage.says("Frequency in hundredths of a Hz, voltage in percent of nominal, angle in")
    stage.says("degrees.")
    stage.refuses_to_answer(
        "a measurement before the first report",
        errors.StabilityMaintenance_NoReport,
        lambda: stability.get_current_stability(NORTH),
    )
    stage.does(
        "the northern operator reports 50.02 Hz",
        northern_operator,
        stability.report_stability_metrics(NORTH, 5_002, 101, -3),
        "StabilityReported",
    )
    stage.shows("the north", stability.get_current_stability(NORTH))
    stage.refuses(
        "60.00 Hz, which is another continent's",
        errors.StabilityMaintenance_Implausible,
        northern_operator,
        stability.report_stability_metrics(NORTH, 6_000, 100, 0),
        value=6_000,
    )
    levels = [
        stability.get_stability_level(NORTH, each, 100) for each in (4_950, 4_949, 4_899, 4_749)
    ]
    stage.shows("what 49.50, 49.49, 48.99 and 47.49 Hz are", levels)
    stage.check(levels == list(StabilityLevel), f"they are {levels}")
    stage.shows("reports of the north", stability.report_count(NORTH))
    stage.shows("kept of them at most", stability.history_length())


def _bands(stage: Stage) -> None:
    market, bands = stage.market, stage.market.bands
    stage.chapter("What is nominal in a region")
    american = bands_called("north-america")
    tariff = market.tariffs.tariff_of("home", today(stage))
    stage.does("the west has a tariff", stage.safe, market.tariffs.add_region(_WEST, tariff))
    stage.shows("what holds in regions that have nothing of their own", bands.default_bands())
    stage.does(
        "the west is a grid of 60 Hz and 120 V",
        stage.safe,
        bands.set_bands(_WEST, american),
        "BandsSet",
    )
    stage.shows("what is nominal there, and how far it may deviate", bands.bands_of(_WEST))
    level = market.stability.get_stability_level(_WEST, 5_994, 100)
    stage.shows("what 59.94 Hz are there", level)
    stage.check(level is StabilityLevel.NORMAL, f"they are {level}")
    quality = bands.quality_of(_WEST, 4_000, 1_200)
    stage.shows("what 40.00 Hz of a meter there are", quality)
    stage.check(quality is Quality.IMPLAUSIBLE, f"they are {quality}")
    narrow = replace(american, frequency=replace(american.frequency, normal_low=5_995))
    stage.refuses(
        "a NORMAL band of 50 mHz at 60 Hz",
        errors.GridBands_BadBand,
        stage.safe,
        bands.set_bands(_WEST, narrow),
        name=to_bytes32("frequency"),
    )
    stage.refuses(
        "the 16.70 Hz of a railway",
        errors.GridBands_BadNominal,
        stage.safe,
        bands.set_bands(_WEST, replace(american, nominal_frequency=1_670)),
        value=1_670,
    )
    stage.shows("where regions are known", bands.tariffs())


def _what_follows_by_itself(stage: Stage) -> None:
    market, northern_operator = stage.market, operator_of(stage, NORTH)
    stability, balancing = market.stability, market.balancing
    stage.chapter("What a report does by itself")
    stage.does(
        "at low frequency, wake 60 kW of the reserve",
        northern_operator,
        stability.configure_automated_response(
            Trigger.LOW_FREQUENCY, ActionType.RESERVE_ACTIVATION, 60, 1
        ),
        "AutomatedResponseConfigured",
    )
    stage.refuses(
        "a response with a priority that there is not",
        errors.StabilityMaintenance_BadPriority,
        northern_operator,
        stability.configure_automated_response(Trigger.LOW_FREQUENCY, ActionType.SHED_LOAD, 60, 0),
        priority=0,
    )
    stage.refuses(
        "one of more kW than 64 bits hold",
        errors.StabilityMaintenance_BadAdjustment,
        northern_operator,
        stability.configure_automated_response(
            Trigger.LOW_FREQUENCY, ActionType.SHED_LOAD, 2**64, 1
        ),
        adjustment=2**64,
    )
    stage.refuses(
        "the southern operator, whose score is too low, configures the south's",
        errors.GridOperatorVerification_LevelTooLow,
        operator_of(stage, SOUTH),
        stability.configure_automated_response(
            Trigger.LOW_FREQUENCY, ActionType.RESERVE_ACTIVATION, 60, 1
        ),
    )
    low = stability.report_stability_metrics(NORTH, 4_940, 100, 0)
    stage.refuses(
        "49.40 Hz, with so little gas that the report stays and the response fails",
        errors.StabilityMaintenance_TooLittleGas,
        northern_operator,
        replace(low, gas=250_000),
    )
    stage.does(
        "49.40 Hz: the reserve wakes",
        northern_operator,
        low,
        "StabilityLevelChanged",
        "AutomatedActionOpened",
        "BalancingActionOpened",
        within=[
            balancing.initiate_automated_action(
                NORTH, ActionType.RESERVE_ACTIVATION, 60, 1, northern_operator.address
            )
        ],
    )
    (action,) = balancing.get_open_actions(NORTH)
    stage.check(action.automated and action.target == 60, f"another action was opened: {action}")
    stage.shows("what it has opened", action)
    again = stage.does(
        "49.38 Hz", northern_operator, stability.report_stability_metrics(NORTH, 4_938, 100, 0)
    )
    opened = [one for one in again if one.event == "BalancingActionOpened"]
    stage.check(not opened, "what is under way was opened again")
    stage.says("It is not opened again while it is under way.")
    stage.does("60 kW more run", northern_operator, balancing.complete_balancing_action(action.id))
    stage.shows("what is configured, and its last action", stability.get_automated_responses(NORTH))


def _what_fails(stage: Stage) -> None:
    stability, northern_operator = stage.market.stability, operator_of(stage, NORTH)
    stage.chapter("A response that fails emits an event, and the report stays")
    stage.does(
        "at high voltage, shed load",
        northern_operator,
        stability.configure_automated_response(Trigger.HIGH_VOLTAGE, ActionType.SHED_LOAD, 10, 5),
    )
    happened = stage.does(
        "107 % of nominal: but the last load report is too old to shed by",
        northern_operator,
        stability.report_stability_metrics(NORTH, 5_000, 107, 0),
        "StabilityReported",
        "AutomatedActionFailed",
    )
    failed = only(happened, "AutomatedActionFailed")
    stage.shows("why, as the event tells", str(decode_revert(failed["reason"], failed.contract)))
    stage.does(
        "shedding load would not help anyway: 0 kW ends the response",
        northern_operator,
        stability.configure_automated_response(Trigger.HIGH_VOLTAGE, ActionType.SHED_LOAD, 0, 5),
    )
    left = stability.get_automated_responses(NORTH)
    stage.shows("what is left", left)
    stage.check(len(left) == 1, f"{len(left)} responses are left")
    stage.shows("the newest two reports", stability.get_stability_history(NORTH, 0, 2))
    stage.refuses_to_answer(
        "more than a hundred of them",
        errors.StabilityMaintenance_BadPage,
        lambda: stability.get_stability_history(NORTH, 0, 101),
        maximum=100,
    )


def _by_hand(stage: Stage) -> None:
    stability, northern_operator = stage.market.stability, operator_of(stage, NORTH)
    stage.chapter("A response by hand")
    stage.says("It executes what is configured, but is no measurement.")
    stage.does(
        "the northern operator sees 49.60 Hz falling, and does not wait",
        northern_operator,
        stability.trigger_stability_response(NORTH, 4_960, 100, StabilityLevel.ALERT),
        "StabilityResponseTriggered",
        "AutomatedActionOpened",
    )
    stage.refuses(
        "49.20 Hz, given as normal",
        errors.StabilityMaintenance_SeverityTooLow,
        northern_operator,
        stability.trigger_stability_response(NORTH, 4_920, 100, StabilityLevel.NORMAL),
        shown=StabilityLevel.ALERT,
    )
    stage.refuses(
        "an alert at exactly 50.00 Hz and 100 %",
        errors.StabilityMaintenance_NothingToRespondTo,
        northern_operator,
        stability.trigger_stability_response(NORTH, 5_000, 100, StabilityLevel.ALERT),
    )


def _a_critical_load(stage: Stage) -> None:
    market, northern_operator = stage.market, operator_of(stage, NORTH)
    stability, oracle, anybody = market.stability, market.grid_oracle, stage.person("anybody")
    stage.chapter("A critical load")
    stage.says("Whoever reports a load could fake it; a quorum of the oracle's reporters cannot.")
    stage.refuses(
        "a load that nobody has answered for",
        errors.StabilityMaintenance_NoFreshState,
        anybody,
        stability.respond_to_load(NORTH),
    )
    reporters = stage.reporters[:3]
    for demand in (600, 780):
        state = GridState(demand=demand, supply=800, frequency=4_998, voltage=99)
        number = oracle.open_round_of(NORTH)
        stage.repeats(
            f"three reporters: a demand of {demand} of 800 kW",
            [(each, oracle.submit_grid_state(NORTH, number, state)) for each in reporters],
        )
        if demand == 600:
            stage.refuses(
                "75 % are not critical",
                errors.StabilityMaintenance_LoadNotCritical,
                anybody,
                stability.respond_to_load(NORTH),
                demand=600,
                supply=800,
            )
    stage.refuses(
        "97 % are, and the north has no response to it",
        errors.StabilityMaintenance_NothingConfigured,
        anybody,
        stability.respond_to_load(NORTH),
    )
    stage.does(
        "at critical load, run 20 kW more",
        northern_operator,
        stability.configure_automated_response(
            Trigger.CRITICAL_LOAD, ActionType.INCREASE_GENERATION, 20, 2
        ),
    )
    stage.does(
        "anybody may say so now",
        anybody,
        stability.respond_to_load(NORTH),
        "AutomatedActionOpened",
        "CriticalEventOpened",
        "RegionEmergencySet",
    )
    event = stability.get_critical_event(stability.critical_event_count())
    stage.check(event.operator == oracle.address, "somebody else opened the event")
    stage.does(
        "the north is well again",
        northern_operator,
        stability.report_stability_metrics(NORTH, 5_000, 100, 0),
    )
    stage.does("which ends it", northern_operator, stability.resolve_critical_event(event.id))


def _a_critical_event(stage: Stage) -> None:
    market, northern_operator = stage.market, operator_of(stage, NORTH)
    stability, grid = market.stability, market.grid
    stage.chapter("A critical event")
    tariff = Tariff(
        buy=30 * CENT, feed_in=8 * CENT, network_fee=0, protocol_fee=0, max_factor=30_000
    )
    stage.does("the north has a tariff", stage.safe, market.tariffs.add_region(NORTH, tariff))
    stage.says("An emergency makes everybody's energy dear, so one operator opens none: a second")
    stage.says("one has to say so within a quarter of an hour, or the oracle's reporters.")
    stage.does(
        "47.30 Hz",
        northern_operator,
        stability.report_stability_metrics(NORTH, 4_730, 92, 12),
        "StabilityLevelChanged",
    )
    stage.shows("seconds for which its voice waits", stability.voice_age())
    stage.shows("who waits, and until when", stability.voice_of(NORTH))
    stage.check(not grid.is_region_in_emergency(NORTH), "one operator opens an emergency")
    stage.does(
        "47.31 Hz, says a second operator",
        colleague_of(stage, "a second"),
        stability.report_stability_metrics(NORTH, 4_731, 92, 12),
        "CriticalEventOpened",
        "RegionEmergencySet",
        within=[grid.set_region_emergency(NORTH, True)],
    )
    known = stability.is_in_emergency(NORTH), grid.is_region_in_emergency(NORTH)
    stage.shows("whether the north has an open event; is in emergency mode", known)
    stage.check(known == (True, True), "the event is not known")
    slot = market.slot()
    price = grid.price_of_with_region(NORTH, slot + 1)
    stage.shows("a kWh in the next slot, three times the tariff", dollars(price))
    stage.check(price == 90 * CENT, f"a kWh costs {dollars(price)} in an emergency")
    stage.refuses(
        "the northern operator says that it is over, though it is not",
        errors.StabilityMaintenance_StillCritical,
        northern_operator,
        stability.resolve_critical_event(1),
    )
    stage.does(
        "49.70 Hz", northern_operator, stability.report_stability_metrics(NORTH, 4_970, 98, 2)
    )
    stage.does(
        "now it is over",
        northern_operator,
        stability.resolve_critical_event(1),
        "CriticalEventResolved",
        "RegionEmergencySet",
    )
    price = grid.price_of_with_region(NORTH, slot + 1)
    stage.check(price == 30 * CENT, "the price is not what it was")
    stage.refuses(
        "over twice",
        errors.StabilityMaintenance_AlreadyResolved,
        northern_operator,
        stability.resolve_critical_event(1),
        id=1,
    )
    stage.refuses(
        "an event that there is not",
        errors.StabilityMaintenance_NoSuchEvent,
        northern_operator,
        stability.resolve_critical_event(3),
        id=3,
    )
    stage.shows("the event", stability.get_critical_event(1))


def _a_critical_report(stage: Stage) -> None:
    market, southern_operator = stage.market, operator_of(stage, SOUTH)
    stability = market.stability
    stage.chapter("A critical report by an operator with a low score")
    stage.says("Prices follow an event: an operator below 50 points opens none, but the report is")
    stage.says("kept.")
    stage.does(
        "the southern operator is down at 40",
        stage.safe,
        market.operators.set_operator_score(southern_operator.address, 40),
    )
    stage.does(
        "it reports 47.00 Hz",
        southern_operator,
        stability.report_stability_metrics(SOUTH, 4_700, 88, 0),
    )
    stage.shows("the south", stability.get_current_stability(SOUTH))
    stage.shows("its critical events", stability.get_critical_events(SOUTH, 0, 10))
    count = stability.critical_event_count()
    stage.shows("critical events anywhere, ever", count)
    stage.check(count == 2, f"there were {count} critical events")
