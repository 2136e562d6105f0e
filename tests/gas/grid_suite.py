"""What the grid suite's operations cost: operators' reports, oracles, demand response."""

from __future__ import annotations

from collections.abc import Callable

from eth_utils.crypto import keccak

from energy_grid.chain.accounts import Account
from tests.gas.street import HOUR, START, TARIFF
from tests.model.market import DAY
from tests.support.core.chain import Deployed
from tests.support.core.full_market import FullMarket
from tests.support.core.gas_chain import GasChain
from tests.support.core.meter_suite import HOME, REGISTRAR

__all__ = ["measure_grid_suite"]

HISTORY = 168
PAYEES = 50
_ADMIN = 0
_NOBODY = "0x" + 40 * "0"
_OPERATOR = "0x" + 40 * "5"
_OPERATE_RESERVE, _MOST_URGENT = 4, 1


def measure_grid_suite(chain: GasChain) -> dict[str, int]:
    """Gas per operation on a fresh chain at `START`; the ring of reports has gone round."""
    market = FullMarket(chain, TARIFF, slot=HOUR, grace=DAY, quorum=3)
    operators = _operators(chain, market)
    return {
        **_reports(chain, market, operators),
        **_oracles(chain, market),
        **_demand_response(chain, market, operators),
    }


def _operators(chain: GasChain, market: FullMarket) -> Deployed:
    operators = chain.deploy(
        "GridOperatorVerification", market.manager.address, chain.address_after(2)
    )
    operators.registerOperator("North", HOME, 1000, by=_OPERATOR)
    operators.verifyOperator(_OPERATOR, by=REGISTRAR)
    operators.setOperatorScore(_OPERATOR, 100, by=REGISTRAR)
    return operators


def _reports(chain: GasChain, market: FullMarket, operators: Deployed) -> dict[str, int]:
    load = chain.deploy("LoadMonitoring", operators.address)
    balancing = chain.deploy(
        *("BalancingCoordination", operators.address, load.address, chain.address_after(1), HOUR)
    )
    modules = operators.address, balancing.address, market["GridManagement"].address
    stability = chain.deploy("StabilityMaintenance", *modules)
    figures: dict[str, int] = {}

    def note(name: str, call: Callable[..., object], *arguments: object) -> None:
        call(*arguments, by=_OPERATOR)
        figures[name] = chain.gas

    def report_stability(name: str, frequency: int) -> None:
        metrics = HOME, frequency, 100, 0
        note(f"reportStabilityMetrics, {name}", stability.reportStabilityMetrics, *metrics)

    def complete(number: int) -> None:
        note("completeBalancingAction", balancing.completeBalancingAction, number)

    balancing.setRegionCapacity(HOME, 1000, 500, 200, by=_OPERATOR)
    for _ in range(HISTORY + 1):
        note("reportLoad", load.reportLoad, HOME, 1000, 700)
        report_stability("in band", 5000)
    action = HOME, _OPERATE_RESERVE, 10, _MOST_URGENT
    for number in (1, 2):
        note("initiateBalancingAction", balancing.initiateBalancingAction, *action)
        complete(number)
    stability.configureAutomatedResponse(0, _OPERATE_RESERVE, 10, _MOST_URGENT, by=_OPERATOR)
    for number in (3, 4):
        report_stability("one action opened", 4940)
        complete(number)
    return figures


def _oracles(chain: GasChain, market: FullMarket) -> dict[str, int]:
    oracles = market["PriceOracle"], market["GridOracle"]
    reporters = ["0x" + 40 * digit for digit in "678"]
    for reporter in reporters:
        market.manager.grantRole(_ADMIN, reporter, 0, by=REGISTRAR)
    figures: dict[str, int] = {}
    for number in (1, 2):
        for place, reporter in zip(("first", "second", "closing"), reporters, strict=True):
            oracles[0].submitPrice(number, 250_000 + number, by=reporter)
            figures[f"submitPrice, {place} of a round"] = chain.gas
            state = 900 + number, 1_000, 5_000, 100
            oracles[1].submitGridState(HOME, number, state, by=reporter)
            figures[f"submitGridState, {place} of a round"] = chain.gas
    return figures


def _demand_response(chain: GasChain, market: FullMarket, operators: Deployed) -> dict[str, int]:
    """An event of an hour on a Thursday, after ten metered weekdays."""
    baselines = chain.deploy("DemandBaselines", (market["Settlement"].address,), (100, 10, 8, 200))
    enrolments = chain.deploy("DemandEnrolments", chain.address_after(1), _NOBODY)
    modules = operators.address, baselines.address, enrolments.address, _NOBODY
    scheme = chain.deploy(
        *("DemandResponse", market.manager.address, market.token.address, modules), (DAY,)
    )
    scheme.registerGridOperator(_OPERATOR, by=REGISTRAR)
    market.give(_OPERATOR, 10**9)
    market.token.approve(scheme.address, 2**256 - 1, by=_OPERATOR)
    households = [f"0x{0xDEADD000 + number:040x}" for number in range(2, PAYEES)]
    for household in households:
        scheme.registerConsumer(household, by=household)
    keys = [Account(keccak(text=f"reducing household {number}")) for number in range(4)]
    metered = [key.address for key in keys[:2]]
    for holder, device in zip(keys[:2], keys[2:], strict=True):
        scheme.registerConsumer(holder.address, by=holder.address)
        market.household(holder, device, money=10**9, rated=5_000)
    first = (START // DAY + 16) * DAY + 18 * HOUR
    figures: dict[str, int] = {}
    registers = 0

    def read(ends: range) -> None:
        """Half as much in the event's hour as in all others."""
        nonlocal registers
        for end in ends:
            chain.set_time(max(chain.now, end))
            registers += 500 if end == first + HOUR else 1_000
            reading = market.meters.reading(end, (registers, 0))
            signed = [market.meters.sign_reading(device, reading) for device in keys[2:]]
            market.meters.read_many(*signed)

    for day in range(START // DAY + 1, START // DAY + 16):
        read(range(day * DAY + (HOUR if day != START // DAY + 1 else 0), (day + 1) * DAY + 1, HOUR))
    read(range(first - 17 * HOUR, first, HOUR))
    chain.set_time(first - 60)
    for number in (1, 2):
        scheme.startEvent(50, 1_000_000, HOUR, by=_OPERATOR)
        figures["startEvent"] = chain.gas
        if number == 1:
            scheme.cancelEvent(1, by=_OPERATOR)
    read(range(first, first + HOUR + 1, HOUR))
    chain.set_time(first + HOUR + DAY)
    for household in metered:
        scheme.verifyFromMeter(2, household, by=household)
        figures["verifyFromMeter, ten days of one slot"] = chain.gas
    for household in households:
        scheme.verifyReduction(2, household, 1500, 500, 0, 500, by=_OPERATOR)
        figures["verifyReduction"] = chain.gas
    chain.set_time(scheme.getEvent(2)[14] + 1)
    scheme.completeEvent(2, by=_OPERATOR)
    figures["completeEvent"] = chain.gas
    scheme.distributeRewards(2, PAYEES, by=_OPERATOR)
    figures["distributeRewards, each of 50"] = chain.gas // PAYEES
    return figures
