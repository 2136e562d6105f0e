"""Every function of the contracts has a method, and every method speaks as its contract does."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Sequence
from dataclasses import fields
from enum import IntEnum
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from energy_grid.chain.abi import _ENUMS, load, snake_case
from energy_grid.chain.contract import Call, Contract
from energy_grid.chain.roles import Role
from energy_grid.chain.rpc.node import Request
from energy_grid.chain.tx.multisig import Operation, SafeTransaction
from energy_grid.contracts import asset_records as asset_ports
from energy_grid.contracts import grid_records as grid_ports
from energy_grid.contracts import records as ports
from energy_grid.contracts.access_manager import AccessManager
from energy_grid.contracts.asset_shares import AssetShares
from energy_grid.contracts.balancing_coordination import BalancingCoordination
from energy_grid.contracts.carbon_credits import CarbonCredits
from energy_grid.contracts.demand_response import DemandResponse
from energy_grid.contracts.energy_asset_nft import AssetTerms, EnergyAssetNFT
from energy_grid.contracts.energy_token import EnergyToken
from energy_grid.contracts.energy_trading import EnergyTrading
from energy_grid.contracts.errors import error_classes
from energy_grid.contracts.governance_token import GovernanceToken
from energy_grid.contracts.grid_governor import GridGovernor
from energy_grid.contracts.grid_management import GridManagement
from energy_grid.contracts.grid_operator_verification import GridOperatorVerification
from energy_grid.contracts.grid_oracle import GridOracle, GridState
from energy_grid.contracts.load_monitoring import LoadMonitoring
from energy_grid.contracts.peer_to_peer_trading import PeerToPeerTrading
from energy_grid.contracts.price_oracle import PriceOracle
from energy_grid.contracts.safe import Safe
from energy_grid.contracts.settlement import Settlement
from energy_grid.contracts.smart_meter import (
    AnchoredReading,
    MeterReading,
    SignedReading,
    SmartMeter,
)
from energy_grid.contracts.stability_maintenance import StabilityMaintenance
from energy_grid.contracts.test_dollar import TestDollar
from energy_grid.contracts.timelock_controller import TimelockController
from energy_grid.contracts.weather_oracle import Weather, WeatherOracle
from energy_grid.domain import enums
from energy_grid.domain.batch import Batch, Fill
from energy_grid.domain.enums import EnergyType
from energy_grid.domain.orders import OrderTerms, OrderType
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.signed_orders import SignedOrder
from energy_grid.domain.slots import SlotEnergy
from tests.support.artifacts import ROOT
from tests.support.fake_node import FakeNode

WRAPPERS = [
    AssetShares,
    BalancingCoordination,
    CarbonCredits,
    DemandResponse,
    EnergyAssetNFT,
    EnergyToken,
    EnergyTrading,
    GovernanceToken,
    GridManagement,
    GridOperatorVerification,
    GridOracle,
    LoadMonitoring,
    PeerToPeerTrading,
    PriceOracle,
    Settlement,
    TestDollar,
    SmartMeter,
    StabilityMaintenance,
    WeatherOracle,
]
# Not the project's own: what the market uses of them.
IN_PART = [AccessManager, GridGovernor, Safe, TimelockController]
ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
# OpenZeppelin's, reached through `Contract.call`.
UNWRAPPED = {"isConsumingScheduledOp", "eip712Domain", "supportsInterface"}
# Made of several functions.
COMPOSED = {"description_of", "guarded", "holders", "members", "number_of", "proposal", "proposals"}
GENERIC = {"call", "call_many", "prepare", "simulate", "events", "history"}
READING = MeterReading(timestamp=1, consumption=2, production=3, grid_frequency=5000, voltage=2300)
TERMS = AssetTerms(
    kind=EnergyType.WIND,
    capacity=1,
    region="village",
    commissioned_at=2,
    value=3,
    lifetime=4,
    name="Mill",
)
HOUR = Period(kind=PeriodKind.HOURLY, start=0)
ORDER_TERMS = OrderTerms(
    trader=ADDRESS, order_type=OrderType.SELL, amount=1, price=2, expiry=3, period=HOUR
)
SAMPLES: dict[Any, Any] = {
    bool: True,
    bytes: bytes(32),
    int: 1,
    str: ADDRESS,
    AnchoredReading: AnchoredReading(
        produced=1, consumed=2, salt=bytes(32), proof=(bytes(32), bytes(32))
    ),
    AssetTerms: TERMS,
    Batch: Batch(
        period=HOUR,
        price=1,
        order_set=bytes(32),
        signed_orders=(SignedOrder(terms=ORDER_TERMS, nonce=4, signature=b"", by_contract=True),),
        stored_orders=(5,),
        fills=(Fill(buy=0, sell=1, amount=6),),
    ),
    Call: Call(contract="", function="", to=ADDRESS, data=b""),
    MeterReading: READING,
    SignedReading: SignedReading(meter=ADDRESS, reading=READING, r=bytes(32), vs=bytes(32)),
    SafeTransaction: SafeTransaction(
        to=ADDRESS, value=0, data=b"", operation=Operation.CALL, nonce=0
    ),
    OrderTerms: ORDER_TERMS,
    Period: HOUR,
    ports.SignedLock: ports.SignedLock(number=1, amount=2, nonce=3, buying=True),
    Weather: Weather(irradiance=1, temperature=-2, wind_speed=3, cloud_cover=4),
    GridState: GridState(demand=1, supply=2, frequency=5000, voltage=100),
}


class ZeroNode(FakeNode):
    """Answers every call of a contract with zeros of the right types."""

    def __init__(self, contract: str) -> None:
        super().__init__([])
        self._functions = {each.selector: each for each in load(contract).functions.values()}

    def _one(self, request: Request) -> Any:
        method, params = request
        if method != "eth_call":
            return super()._one(request)
        self.asked.append(request)
        outputs = self._functions[bytes.fromhex(params[0]["data"][2:10])].outputs
        return "0x" + outputs.encode([_zero(entry) for entry in outputs.entries]).hex()


def _zero(entry: Any) -> Any:
    kind: str = entry["type"]
    if kind.endswith("]"):
        return []
    if kind == "tuple":
        return tuple(_zero(part) for part in entry["components"])
    if kind.startswith("bytes"):
        return b""
    return {"address": "0x" + "0" * 40, "string": "", "bool": False}.get(kind, 0)


def _sample(name: str, kind: Any) -> Any:
    if name in ("region", "feed"):
        return "village"
    if name.startswith("selector") and kind is bytes:
        return bytes(4)
    if get_origin(kind) in (Sequence, Iterable):
        (inner,) = get_args(kind)
        return [_sample(name, inner)]
    if get_origin(kind) is tuple:
        return tuple(_sample(name, inner) for inner in get_args(kind))
    if type(None) in get_args(kind):
        return _sample(name, get_args(kind)[0])
    if isinstance(kind, type) and issubclass(kind, IntEnum):
        return next(iter(kind))
    return SAMPLES[kind]


def _methods(wrapper: type[Contract]) -> list[str]:
    return [
        name
        for name, member in inspect.getmembers(wrapper, inspect.isfunction)
        if not name.startswith("_") and name not in GENERIC
    ]


def _selectors(wrapper: type[Contract], name: str) -> set[bytes]:
    """The functions that a method calls or prepares, with all arguments and with the fewest."""
    method = getattr(wrapper, name)
    hints = get_type_hints(method)
    parameters = list(inspect.signature(method).parameters.values())[1:]
    called = set()
    for optional in (True, False):
        node = ZeroNode(wrapper.NAME)
        arguments = {
            each.name: _sample(each.name, hints[each.name])
            for each in parameters
            if each.name != "block_identifier" and (optional or each.default is each.empty)
        }
        answer = getattr(wrapper(node, ADDRESS), name)(**arguments)
        if isinstance(answer, Call):
            assert node.asked == []
            called.add(answer.data[:4])
        requests = [params[0] for method_, params in node.asked if method_ == "eth_call"]
        called |= {bytes.fromhex(request["data"][2:10]) for request in requests}
    return called


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_every_function__has_a_method(wrapper: type[Contract]) -> None:
    reached = {selector for name in _methods(wrapper) for selector in _selectors(wrapper, name)}
    functions = load(wrapper.NAME).functions.values()
    missing = [function.signature for function in functions if function.selector not in reached]
    assert [name for name in missing if name.partition("(")[0] not in UNWRAPPED] == []


@pytest.mark.parametrize(
    ("wrapper", "name"),
    [
        (wrapper, name)
        for wrapper in (*WRAPPERS, *IN_PART)
        for name in _methods(wrapper)
        if name not in COMPOSED
    ],
)
def test_every_method__is_named_after_its_function(wrapper: type[Contract], name: str) -> None:
    selectors = _selectors(wrapper, name)
    functions = load(wrapper.NAME).functions.values()
    names = {snake_case(each.name) for each in functions if each.selector in selectors}
    renamed = {
        "are_credited": "is_credited",
        "balances_of": "balance_of",
        "buyouts": "buyout",
        "domain": "eip712_domain",
        "energies_of": "energy_of",
        "energy_offers": "get_energy_offer",
        "gateways_at": "gateway_at",
        "get_assets": "get_asset",
        "get_batches": "get_batch",
        "lifetimes": "get_lifetime",
        "maintenance_records": "maintenance_record",
        "meters_at": "meter_at",
        "nonce_states": "nonce_state",
        "own_daily_consumption": "get_daily_consumption",
        "own_daily_production": "get_daily_production",
        "own_latest_reading": "get_latest_reading",
        "owners_of": "owner_of",
        "prices_of": "price_of",
        "retirements": "retirement",
        "role_of": "get_target_function_role",
        "token_name": "name",
        "trades": "get_trade_info",
    }
    assert names == {renamed.get(name, name)}


@pytest.mark.parametrize("wrapper", [*WRAPPERS, *IN_PART])
def test_errors_in_docstrings__exist(wrapper: type[Contract]) -> None:
    texts = [wrapper.__doc__, *(getattr(wrapper, name).__doc__ for name in _methods(wrapper))]
    named = re.findall(r"\b(?:[A-Z][A-Za-z]+_[A-Z]\w+|ERC\d+\w+|AccessM\w+ed\w*)\b", str(texts))
    known = {role.name for role in Role} | {kind.__name__ for kind in error_classes().values()}
    assert set(named) <= known


@pytest.mark.parametrize(
    ("contract", "function", "kind"),
    [
        ("EnergyTrading", "getOrder", ports.OrderRecord),
        ("EnergyTrading", "getOrderTerms", ports.OrderState),
        ("EnergyTrading", "getTransaction", ports.TransactionRecord),
        ("GridManagement", "getConsumerInfo", ports.ConsumerInfo),
        ("GridManagement", "getGridStatus", ports.GridStatus),
        ("GridManagement", "getMetrics", ports.Metrics),
        ("GridManagement", "getProducerInfo", ports.ProducerInfo),
        ("GridManagement", "getStorageInfo", ports.StorageInfo),
        ("Settlement", "energyOf", SlotEnergy),
        ("Settlement", "queuedWithdrawal", ports.QueuedWithdrawal),
        ("SmartMeter", "getLatestReading(address)", ports.MeterReading),
        ("SmartMeter", "getMeter", ports.MeterInfo),
        ("BalancingCoordination", "getBalancingAction", grid_ports.BalancingAction),
        ("BalancingCoordination", "getBalancingActions", grid_ports.BalancingAction),
        ("BalancingCoordination", "getOpenActions", grid_ports.BalancingAction),
        ("BalancingCoordination", "getRegionCapacity", grid_ports.RegionCapacity),
        ("DemandResponse", "getConsumerParticipations", grid_ports.ParticipationRecord),
        ("DemandResponse", "getEvent", grid_ports.DemandResponseEvent),
        ("DemandResponse", "getEventParticipations", grid_ports.ParticipationRecord),
        ("DemandResponse", "getParticipation", grid_ports.ParticipationRecord),
        ("DemandResponse", "getProgram", grid_ports.Program),
        ("DemandResponse", "getProgramParticipant", grid_ports.ProgramParticipant),
        ("GridManagement", "getMarketPrice", grid_ports.MarketPrice),
        ("GridOperatorVerification", "getOperator", grid_ports.Operator),
        ("GridOracle", "getGridState", grid_ports.GridState),
        ("GridOracle", "getRound", grid_ports.Round),
        ("GridOracle", "latestRoundOf", grid_ports.Round),
        ("LoadMonitoring", "getCurrentLoad", grid_ports.LoadReport),
        ("LoadMonitoring", "getLoadHistory", grid_ports.LoadReport),
        ("StabilityMaintenance", "getAutomatedResponses", grid_ports.AutomatedResponse),
        ("StabilityMaintenance", "getCriticalEvent", grid_ports.CriticalEvent),
        ("StabilityMaintenance", "getCriticalEvents", grid_ports.CriticalEvent),
        ("StabilityMaintenance", "getCurrentStability", grid_ports.StabilityReport),
        ("StabilityMaintenance", "getStabilityHistory", grid_ports.StabilityReport),
        ("WeatherOracle", "getWeather", grid_ports.Weather),
        ("AssetShares", "buyout", asset_ports.Buyout),
        ("CarbonCredits", "cleanProducer", asset_ports.CleanProducer),
        ("CarbonCredits", "retirement", asset_ports.Retirement),
        ("EnergyAssetNFT", "getAsset", asset_ports.Asset),
        ("EnergyAssetNFT", "maintenanceRecord", asset_ports.MaintenanceRecord),
        ("PeerToPeerTrading", "getEnergyOffer", asset_ports.EnergyOffer),
        ("PeerToPeerTrading", "getTradeInfo", asset_ports.Trade),
    ],
)
def test_structs__have_the_fields_of_the_chain(contract: str, function: str, kind: Any) -> None:
    (entry,) = load(contract).function(function).outputs.entries
    on_chain = [snake_case(part["name"]) for part in entry["components"]]
    assert [field.name for field in fields(kind)] == on_chain


def test_terms_of_an_asset__have_the_fields_of_the_chain() -> None:
    _to, entry = load("EnergyAssetNFT").function("mint").inputs.entries
    on_chain = [snake_case(part["name"]) for part in entry["components"]]
    assert [field.name for field in fields(AssetTerms)] == on_chain


def test_anchored_reading__has_the_fields_of_the_chain() -> None:
    *_, entry = load("SmartMeter").function("disputeDoubleCount").inputs.entries
    on_chain = [snake_case(part["name"]) for part in entry["components"]]
    assert [field.name for field in fields(AnchoredReading)] == on_chain


def test_regions__are_text_in_every_record() -> None:
    actions = BalancingCoordination(ZeroNode("BalancingCoordination"), ADDRESS)
    response = DemandResponse(ZeroNode("DemandResponse"), ADDRESS)
    operators = GridOperatorVerification(ZeroNode("GridOperatorVerification"), ADDRESS)
    stability = StabilityMaintenance(ZeroNode("StabilityMaintenance"), ADDRESS)
    records = [
        SmartMeter(ZeroNode("SmartMeter"), ADDRESS).get_meter(ADDRESS),
        actions.get_balancing_action(1),
        operators.get_operator(ADDRESS),
        response.get_event(1),
        response.get_program(1),
        stability.get_critical_event(1),
        EnergyAssetNFT(ZeroNode("EnergyAssetNFT"), ADDRESS).get_asset(1).terms,
    ]
    assert [record.region for record in records] == [""] * len(records)


def test_round_data__has_the_values_of_chainlink() -> None:
    source = (ROOT / "contracts/interfaces/AggregatorV3Interface.sol").read_text()
    names = re.findall(r"latestRoundData.*?returns \((.*?)\)", source, re.S)[0].split(", ")
    on_chain = [snake_case(name.split()[-1]) for name in names]
    assert [field.name for field in fields(grid_ports.RoundData)] == on_chain


@pytest.mark.parametrize("name", enums.__all__)
def test_enums__are_numbered_from_zero(name: str) -> None:
    enum = getattr(enums, name)
    assert issubclass(enum, IntEnum)
    assert list(enum) == list(range(len(enum)))


def test_enums__of_the_abis_are_those_of_the_package() -> None:
    paths = (path for path in ROOT.glob("contracts/**/*.sol") if "mocks" not in path.parts)
    sources = "".join(path.read_text() for path in paths)
    declared = {
        name: re.findall(r"\w+", members)
        for name, members in re.findall(r"^ *enum (\w+) \{(.*?)\}", sources, re.M | re.S)
    }
    on_chain = {name: [member.name for member in enum] for name, enum in _ENUMS.items()}
    assert on_chain == declared
