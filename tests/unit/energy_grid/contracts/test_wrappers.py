"""The generated folder is up to date; every function has a method that speaks as it does."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import IntEnum
from importlib import import_module
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from energy_grid.chain.abi import _ENUMS, contract_names, load, snake_case
from energy_grid.chain.contract import Call, Contract
from energy_grid.chain.rpc.node import Request
from energy_grid.contracts import events
from energy_grid.contracts.access_manager import HasRole
from energy_grid.contracts.asset_shares import AssetShares
from energy_grid.contracts.demand_response import DemandResponse
from energy_grid.contracts.energy_trading import EnergyTrading
from energy_grid.contracts.grid_governor import GridGovernor
from energy_grid.contracts.smart_meter import MeterReading, Registration, SignedReading, SmartMeter
from energy_grid.domain import enums
from energy_grid.domain.enums import OrderType, PeriodKind
from energy_grid.errors import InputError
from scripts._wrappers import PACKAGE, generated
from tests.support.artifacts import ROOT
from tests.support.fake_node import FakeNode

ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
OWN = set(dir(Contract))
# OpenZeppelin's enums: of votes, of proposals.
NOT_OURS = {"ProposalState", "Support"}


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
        return [_zero({**entry, "type": kind[: kind.rindex("[")]})]
    if kind == "tuple":
        return tuple(_zero(part) for part in entry["components"])
    if kind.startswith("bytes"):
        return b""
    return {"address": "0x" + "0" * 40, "string": "", "bool": False}.get(kind, 0)


def _sample(name: str, kind: Any) -> Any:
    if type(None) in get_args(kind):
        kind = get_args(kind)[0]
    if get_origin(kind) is not None:
        return [_sample(name, get_args(kind)[0])]
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{each.name: _sample(each.name, hints[each.name]) for each in fields(kind)})
    if kind is str:
        return "village" if name in ("region", "feed", "group") else ADDRESS
    return next(iter(kind)) if issubclass(kind, IntEnum) else kind()


def _wrapper(contract: str) -> Any:
    module = import_module(f"energy_grid.contracts.{snake_case(contract)}")
    return getattr(module, contract)(ZeroNode(contract), ADDRESS)


def _calls(contract: str) -> Iterator[tuple[str, Any, bytes, Any]]:
    """(method, what it says that it gives, selector, what it gave), with all arguments and with the
    fewest."""
    wrapper = _wrapper(contract)
    for name in sorted(set(dir(wrapper)) - OWN - set(vars(wrapper)) - {"NAME"}):
        method = getattr(wrapper, name)
        hints = get_type_hints(method)
        parameters = inspect.signature(method).parameters.values()
        known = [each for each in parameters if each.name != "block_identifier"]
        for given in (known, [each for each in known if each.default is each.empty]):
            wrapper.node.asked.clear()
            answer = method(**{each.name: _sample(each.name, hints[each.name]) for each in given})
            asked = [params[0]["data"] for kind, params in wrapper.node.asked if kind == "eth_call"]
            is_call = isinstance(answer, Call)
            data = answer.data if is_call else bytes.fromhex(asked[0][2:])
            assert len(asked) == (0 if is_call else 1), name
            yield name, hints["return"], data[:4], answer


def _is(value: Any, kind: Any) -> bool:
    if get_origin(kind) in (list, tuple):
        return type(value) is get_origin(kind) and all(
            _is(each, get_args(kind)[0]) for each in value
        )
    if kind is not Call and (hasattr(kind, "_fields") or is_dataclass(kind)):
        hints = {name: hint for name, hint in get_type_hints(kind).items() if hasattr(value, name)}
        return type(value) is kind and all(_is(getattr(value, name), hints[name]) for name in hints)
    return type(value) is kind


def test_folder__is_what_make_contracts_writes() -> None:
    files = generated()
    for path, text in files.items():
        assert path.read_text() == text, f"{path.name}: run `make contracts`"
    found = {path for path in PACKAGE.rglob("*.*") if "__pycache__" not in path.parts}
    assert found == files.keys()


@pytest.mark.parametrize("contract", contract_names())
def test_every_function__has_a_method_that_calls_it_and_gives_what_it_says(contract: str) -> None:
    functions = load(contract).functions.values()
    reached = set()
    for name, kind, selector, answer in _calls(contract):
        (called,) = [each.name for each in functions if each.selector == selector]
        assert name.partition("_with_")[0].rstrip("_") in snake_case(called), name
        assert _is(answer, kind), (name, answer)
        reached.add(selector)
    assert reached == {each.selector for each in functions}


def test_added_parameters__left_out__call_the_shorter_overload() -> None:
    trading = EnergyTrading(FakeNode(), ADDRESS)
    now = trading.create_order(1, 2, 3, OrderType.SELL)
    later = trading.create_order(1, 2, 3, OrderType.SELL, PeriodKind.DAILY, 0)
    assert now.function == "createOrder(uint256,uint256,uint256,uint8)"
    assert later.function == "createOrder(uint256,uint256,uint256,uint8,uint8,uint256)"
    with pytest.raises(InputError):
        trading.create_order(1, 2, 3, OrderType.SELL, PeriodKind.DAILY)


def test_overload_with_other_parameters__has_a_name_of_its_own() -> None:
    governor = GridGovernor(FakeNode(), ADDRESS)
    assert governor.queue(1).function == "queue(uint256)"
    call = governor.queue_with_targets([ADDRESS], [0], [b""], bytes(32))
    assert call.function == "queue(address[],uint256[],bytes[],bytes32)"


def test_record__is_encoded_as_its_struct() -> None:
    reading = MeterReading(
        timestamp=1, consumption=2, production=3, grid_frequency=5000, voltage=2300
    )
    signed = SignedReading(meter=ADDRESS, reading=reading, r=b"r" * 32, vs=b"v" * 32)
    meters = SmartMeter(FakeNode(), ADDRESS)
    values = (ADDRESS, (1, 2, 3, 5000, 2300), b"r" * 32, b"v" * 32)
    call = meters.submit_signed_readings([signed])
    assert call == meters.prepare("submitSignedReadings", [values])


def test_region__is_text_both_ways() -> None:
    meters = SmartMeter(ZeroNode("SmartMeter"), ADDRESS)
    terms = Registration(
        meter=ADDRESS,
        account=ADDRESS,
        region="village",
        rated_power=1,
        settlement=True,
        consumption=0,
        production=0,
        deadline=1,
    )
    call = meters.register_meter(terms, b"", b"")
    given, _, _ = meters.abi.function("registerMeter").inputs.decode(call.data[4:])
    assert given[2] == b"village".ljust(32, b"\0")
    assert meters.get_meter(ADDRESS).region == ""
    assert DemandResponse(ZeroNode("DemandResponse"), ADDRESS).get_program(1).region == ""


def test_docstring__says_what_the_source_says() -> None:
    output = " ".join((inspect.getdoc(AssetShares.set_steward) or "").split())
    assert "Sets a new steward." in output
    assert "``setSteward(address steward_)``" in output


def test_docstring__of_a_function__lists_the_errors_that_its_code_reaches() -> None:
    raised = (inspect.getdoc(EnergyTrading.cancel_signed) or "").partition("Raises:\n")[2]
    assert re.findall(r"^ {4}(\w+)", raised, re.MULTILINE) == [
        "EnergyTrading_NonceSpent",
        "EnergyTrading_NonceTooLarge",
    ]


@pytest.mark.parametrize("is_member", [True, False])
def test_named_tuple_with_a_bool__has_no_truth_value(is_member: bool) -> None:
    answer = HasRole(is_member=is_member, execution_delay=0)
    with pytest.raises(TypeError, match=r"test one, as \.is_member"):
        bool(answer)
    assert answer == (is_member, 0)


def test_import__loads_the_contracts_that_are_used() -> None:
    """In a process of its own: this one has loaded all of them."""
    program = """if True:
        import sys
        from energy_grid.client import events
        before = "energy_grid.contracts.load_monitoring" in sys.modules
        from energy_grid.chain.event_log import kind_of
        names = ("region", "operator", "capacity", "demand", "percentage")
        made = kind_of("LoadMonitoring", "LoadReported", names)
        print(before, made is events.LoadMonitoring_LoadReported)
    """
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("False True\n", "")


def test_events__of_no_contract__are_missing() -> None:
    with pytest.raises(AttributeError, match="Settlement_Missing"):
        events.Settlement_Missing  # noqa: B018


@pytest.mark.parametrize("name", enums.__all__)
def test_enums__are_numbered_from_zero(name: str) -> None:
    enum = getattr(enums, name)
    assert issubclass(enum, IntEnum)
    assert list(enum) == list(range(len(enum)))


def test_enums__are_those_of_the_contracts() -> None:
    paths = (path for path in ROOT.glob("contracts/**/*.sol") if "mocks" not in path.parts)
    sources = "".join(path.read_text() for path in paths if path.name != "ISettlement.sol")
    # Its reasons have another name here, since EnergyTrading has such an enum too.
    settlement = (ROOT / "contracts/interfaces/ISettlement.sol").read_text()
    sources += settlement.replace("enum Refusal {", "enum LegReason {")
    declared = {
        name: re.findall(r"\w+", members)
        for name, members in re.findall(r"^ *enum (\w+) \{(.*?)\}", sources, re.M | re.S)
    }
    known = {name: [member.name for member in enum] for name, enum in _ENUMS.items()}
    assert {name: known[name] for name in known.keys() - NOT_OURS} == declared
