"""What docs/ has from the sources is what they say, and all of it."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from energy_grid.cli.groups import GROUPS
from scripts._docs.commands import commands
from scripts._docs.contracts import PUBLISHED, contract_names
from scripts._docs.lifecycles import LIFECYCLES
from scripts._docs.pages import DOCS, generated
from scripts._docs.solidity import load
from scripts._docs.sources import camel_case
from scripts._walkthrough.unreachable import UNREACHABLE
from tests.support.artifacts import artifact
from tests.support.coverage import product_contracts

CONTRACTS = DOCS / "reference/contracts"
CYCLES: Mapping[str, Any] = yaml.safe_load(LIFECYCLES.read_text())


@pytest.fixture(scope="module")
def pages() -> dict[Path, str]:
    return generated()


def page_of(contract: str) -> str:
    return (CONTRACTS / f"{contract}.md").read_text()


def test_generated__every_page__is_committed_as_it_is_written(pages: dict[Path, str]) -> None:
    stale = [str(path) for path, text in pages.items() if (DOCS / path).read_text() != text]
    assert stale == [], "written anew by `make docs`"


@pytest.mark.parametrize("folder", ["reference/contracts", "reference/cli", "concepts/diagrams"])
def test_generated__folder__has_nothing_else(folder: str, pages: dict[Path, str]) -> None:
    there = {path.relative_to(DOCS) for path in (DOCS / folder).iterdir()}
    assert there == {path for path in pages if path.parent == Path(folder)}


def test_contracts__every_one_that_is_deployed__has_a_page() -> None:
    parts = {"AssetMetadata"}  # code of EnergyAssetNFT, which alone is called
    bases = {
        base["name"]
        for name in contract_names()
        for base in load().contract(name).line
        if base["name"] != name
    }
    assert set(product_contracts()) - parts - bases == set(contract_names()) - {"TestDollar"}
    index = (CONTRACTS / "index.md").read_text()
    assert all(f"| {name} |" in index for name in PUBLISHED)


@pytest.mark.parametrize("name", contract_names())
def test_contract_page__has_every_function_error_and_event(name: str) -> None:
    abi, page = artifact(name).abi, page_of(name)
    ours, _, inherited = page.partition("\n## Inherited\n")
    for function in abi.functions.values():
        known = f"\n### {function.name}\n" in ours or f"`{function.name}`" in inherited
        assert known, function.signature
    # What other contracts raise behind it is there as well; of its own, what a call can meet.
    errors = set(re.findall(r"^\| `(\w+)\(", page, re.MULTILINE))
    missing = {each.name for each in abi.errors.values()} - errors - UNREACHABLE.keys()
    assert missing <= ELSEWHERE


# What some contracts inherit without any function that raises it, and others do raise.
ELSEWHERE = {"InvalidAccountNonce", "MedianOracle_Held", "MedianOracle_Stale"}


def test_contract_pages__errors_that_some_only_inherit__are_on_others() -> None:
    text = "".join(map(page_of, contract_names()))
    assert all(f"\n| `{name}(" in text for name in ELSEWHERE)


def test_contract_page__function__says_who_may_what_it_takes_refuses_and_emits() -> None:
    section = page_of("SmartMeter").partition("### registerMeter\n")[2].partition("\n### ")[0]
    assert "**Only** role METER_REGISTRAR: the registrar's Safe, 2 of 3." in section
    assert "`SmartMeter_WrongSignature`" in section  # of the function itself
    assert "`Settlement_BadRecipient`" in section  # of what it calls in another contract
    assert "`Settlement_OnlyModule`" not in section  # which SmartMeter is
    assert "Emits `AccountOpened`, `MeterRegistered`, `SecurityTaken`." in section
    # A refusal that is caught is none; what is emitted in the same call is.
    section = page_of("EnergyTrading").partition("### matchMany\n")[2].partition("\n### ")[0]
    assert "`EnergyTrading_NotCrossing`" not in section
    assert "`OrdersMatched`" in section
    # Through `super`, in the order in which a contract inherits.
    assert "`ERC20ExceededCap`" in page_of("GovernanceToken").partition("## Inherited")[0]


def test_contract_pages__every_gas_figure__is_on_exactly_one(snapshots: Path) -> None:
    figures = re.findall(r'^  "(.+)": (\d+)', (snapshots / "gas.json").read_text(), re.MULTILINE)
    text = "".join(map(page_of, contract_names()))
    assert len(figures) > 40
    for name, gas in figures:
        assert text.count(f"| {name} | {int(gas):,} |") == 1, name


SOURCES = list(csv.DictReader((DOCS / "interface.csv").read_text().splitlines()))


@pytest.mark.parametrize("row", SOURCES, ids=lambda row: f"{row['source']}-{row['source_name']}")
def test_source__every_function__is_in_the_compiled_interface(row: Mapping[str, str]) -> None:
    abi, function = artifact(row["contract"]).abi, row["function"]
    if function == "constructor":
        assert any(each["type"] == "constructor" for each in abi.entries)
    else:
        assert function in {each.signature for each in abi.functions.values()}
    # Another name needs a word; features have none.
    name = function.partition("(")[0]
    if " " not in row["source_name"] and camel_case(row["source_name"]) != name:
        assert row["note"]


def test_source__every_difference__is_of_a_function_that_is_there() -> None:
    differences = (DOCS / "differences.md").read_text()
    of = re.findall(r"^\*\*Of\*\* (.+)\.$", differences, re.MULTILINE)
    named = {name for line in of for name in re.findall(r"`([\w-]+)`", line)}
    known = {row["source_name"] for row in SOURCES}
    known |= {row["function"].partition("(")[0] for row in SOURCES}
    assert len(named) > 20
    assert named <= known
    # One part each for the sources, for this project, and for the reason.
    count = differences.count("\n### ")
    for part in ("The sources say:", "Here:", "Why:"):
        assert differences.count(f"\n**{part}** ") == count


@pytest.mark.parametrize("name", CYCLES)
def test_lifecycle__its_states_and_functions__are_the_contracts(name: str) -> None:
    cycle, sources = CYCLES[name], load()
    if "enum" in cycle:
        members = sources.enum(cycle["enum"])
        assert set(cycle["states"]) == set(members)
    functions = {each.name for each in artifact(cycle["contract"]).abi.functions.values()}
    assert {by for move in cycle["moves"] for by in move.get("by", [])} <= functions
    states = {move[end] for move in cycle["moves"] for end in ("from", "to") if end in move}
    assert states == set(cycle["states"])
    assert any(f"(diagrams/{name}.svg)" in page.read_text() for page in DOCS.glob("concepts/*.md"))


def test_command_pages__have_every_command_with_its_options() -> None:
    shared = (DOCS / "reference/cli/index.md").read_text()
    found = 0
    for name in GROUPS:
        page = (DOCS / f"reference/cli/{name}.md").read_text()
        sections = dict(re.findall(r"^## (.+)\n((?:(?!^## ).*\n)*)", page, re.MULTILINE))
        sections = sections or {"": page}
        below = {" ".join(w[1:]): each for w, each in commands().items() if w[0] == name}
        assert set(sections) == set(below)
        for words, command in below.items():
            found += 1
            for each in command.params:
                if each.param_type_name == "argument":
                    assert f"| `{each.metavar or each.name.upper()}` |" in sections[words]
                elif each.name != "help":
                    assert f"`{each.opts[0]}`" in sections[words], words
                    assert f"\n| `{each.opts[0]}`" in sections[words] + shared
    assert found > 90
