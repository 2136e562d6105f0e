"""The parameters of a network: every mistake has its line, and nothing is sent before all are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from eth_account import Account as EthAccount

from energy_grid.adapters.chain.accounts import Account, refuse_well_known
from energy_grid.adapters.chain.roles import PERMISSIONS, Role
from energy_grid.errors import InputError
from scripts._deploy.settings import load_settings, network_file, parse_overrides

LOCAL, SEPOLIA = 31337, 11155111
GONE = object()
QUORUM = 3
NETWORKS = {"local": LOCAL, "sepolia": SEPOLIA, "volta": 73799, "base_sepolia": 84532}
DEPLOYER = Account.local(0).address
GOVERNANCE = "0x00000000000000000000000000000000000000A1"


def settings_of(path: Path, chain_id: int = LOCAL, **environment: str) -> Any:
    return load_settings(
        path, chain_id=chain_id, deployer=DEPLOYER, overrides={}, environment=environment
    )


def changed(folder: Path, section: str, **values: object) -> Path:
    """The local parameters with some values replaced; GONE takes one out."""
    document = yaml.safe_load(network_file(LOCAL, None).read_text())
    document[section].update(values)
    document[section] = {k: v for k, v in document[section].items() if v is not GONE}
    path = folder / "own.yaml"
    path.write_text(yaml.safe_dump(document))
    return path


def everybody() -> dict[str, str]:
    """A holder for every role, and as many reporters as the oracles' quorum."""
    holders = {f"ENERGY_GRID_{role.name}": Account.create().address for role in Role}
    reporters = ",".join(Account.create().address for _ in range(QUORUM))
    return {**holders, "ENERGY_GRID_REPORTER": reporters}


@pytest.mark.parametrize(("name", "chain_id"), NETWORKS.items())
def test_load_settings__shipped_file__valid(name: str, chain_id: int) -> None:
    path = network_file(chain_id, None)

    settings = settings_of(path, chain_id, **everybody())

    assert settings.network == name
    assert network_file(1, name) == path
    assert all(len(settings.roles[role]) == 1 for role in Role if role != Role.REPORTER)
    assert len(settings.roles[Role.REPORTER]) >= QUORUM


@pytest.mark.parametrize(
    ("section", "values", "problem"),
    [
        ("parameters", {"slotLength": 1800}, "parameters.slotLength must be 900 or 3600 s"),
        ("parameters", {"slotLength": None}, "parameters.slotLength is missing"),
        ("parameters", {"grace": 0}, "parameters.grace must be from 1 to 604800 s, not 0"),
        ("parameters", {"grace": 1.5}, "parameters.grace must be a whole number (s), not 1.5"),
        ("parameters", {"grace": True}, "parameters.grace must be a whole number (s), not True"),
        ("parameters", {"baselineHighest": 6, "baselineDays": 5}, "is above baselineDays (5)"),
        ("parameters", {"graze": 1}, "parameters.graze is not known"),
        ("parameters", {"minReadingInterval": 3600, "slotLength": 900}, "is longer than a slot"),
        ("parameters", {"gridFeePerKwh": 100_001}, "is above maxGridFeePerKwh (100000)"),
        ("parameters", {"basePrice": 2**64 // 3 + 1}, "parameters.basePrice must be from 1 to"),
        ("settlementToken", {"address": GOVERNANCE}, "needs either deploy or address"),
        ("settlementToken", {"deploy": GONE}, "needs either deploy or address"),
        ("settlementToken", {"deploy": "Dollar"}, "deploy must be TestDollar, not Dollar"),
        ("settlementToken", {"deploy": GONE, "address": "0x1"}, "'0x1' is no address"),
        ("settlementToken", {"decimals": None}, "decimals must be from 0 to 36, not None"),
        ("roles", {"GUARDIAN": None}, "roles.GUARDIAN: no address is given"),
        ("roles", {"GUARDIAN": []}, "roles.GUARDIAN: no address is given"),
        ("roles", {"GUARDIAN": GONE}, "variable ENERGY_GRID_GUARDIAN is not set"),
        ("roles", {"KEEPER": "0x12"}, "roles.KEEPER: '0x12' is no address"),
        ("roles", {"GUARDIAN": "0x12"}, "roles.GUARDIAN: '0x12' is no address"),
        ("roles", {"GUARDIAN": "0x" + 40 * "0"}, "roles.GUARDIAN: the zero address"),
        ("roles", {"GUARDIAN": DEPLOYER.replace("f39F", "F39f")}, "has a wrong checksum"),
        ("roles", {"GUARDIAN": "anvil:0"}, "is the deployer, which must end without a role"),
        ("roles", {"GUARDIAN": "anvil:10"}, "the local accounts are anvil:0 to anvil:9"),
        ("roles", {"GUARDIAN": ["anvil:1", "anvil:1"]}, "is given twice"),
        ("roles", {"GUARDIAN": "env:NOBODY"}, "the environment variable NOBODY is not set"),
        ("roles", {"WATCHMAN": "anvil:1"}, "roles.WATCHMAN is not a role"),
    ],
)
def test_load_settings__one_mistake__one_line(
    section: str, values: dict[str, object], problem: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as refused:
        settings_of(changed(tmp_path, section, **values))

    lines = str(refused.value).splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("own.yaml: ")
    assert problem in lines[0]


def test_load_settings__many_mistakes__a_line_each(tmp_path: Path) -> None:
    path = changed(tmp_path, "parameters", grace=0, orderBurst=0)

    with pytest.raises(InputError) as refused:
        settings_of(path)

    assert len(str(refused.value).splitlines()) == 2


def test_load_settings__local_addresses_on_public_chain__refused() -> None:
    with pytest.raises(InputError) as refused:
        settings_of(network_file(LOCAL, None), SEPOLIA)

    lines = str(refused.value).splitlines()
    holders = [
        holder for held in settings_of(network_file(LOCAL, None)).roles.values() for holder in held
    ]
    assert len(lines) == len(holders)
    assert all("is public knowledge" in line for line in lines)


def test_load_settings__several_addresses_in_a_variable__all_hold_the_role(tmp_path: Path) -> None:
    two = [Account.create().address for _ in range(2)]
    path = changed(tmp_path, "roles", KEEPER="env:KEEPERS")

    settings = settings_of(path, KEEPERS=f"{two[0]}, {two[1].lower()}")

    assert list(settings.roles[Role.KEEPER]) == two


def test_load_settings__fewer_reporters_than_the_quorum__refused(tmp_path: Path) -> None:
    enough = settings_of(changed(tmp_path, "roles", REPORTER=["anvil:4", "anvil:6", "anvil:7"]))

    with pytest.raises(InputError, match=r"roles\.REPORTER: 2 of the 3 that oracleQuorum needs"):
        settings_of(changed(tmp_path, "roles", REPORTER=["anvil:4", "anvil:6"]))
    assert len(enough.roles[Role.REPORTER]) == QUORUM


@pytest.mark.parametrize("entry", [None, [], "env:NOBODY", ["env:NOBODY"], GONE])
def test_load_settings__no_holder_for_a_role_that_may_call_nothing__nobody(
    entry: object, tmp_path: Path
) -> None:
    idle = [role for role in Role if not PERMISSIONS[role]]

    settings = settings_of(changed(tmp_path, "roles", **{role.name: entry for role in idle}))

    assert idle
    assert all(settings.roles[role] == () for role in idle)


def test_load_settings__defaults__under_the_file(tmp_path: Path) -> None:
    public = settings_of(network_file(SEPOLIA, None), SEPOLIA, **everybody())
    own = settings_of(changed(tmp_path, "parameters", grace=GONE, orderBurst=7))

    local = settings_of(network_file(LOCAL, None)).parameters
    assert own.parameters == {**local, "grace": public.parameters["grace"], "orderBurst": 7}
    assert local["outflowLimit"] != public.parameters["outflowLimit"]


@pytest.mark.parametrize("text", ["slotLength", "slotLength=", "slotLength=1h", "slot=900", "=1"])
def test_parse_overrides__wrong__refused(text: str) -> None:
    with pytest.raises(InputError, match=f"--set {text}: "):
        parse_overrides([text])


def test_parse_overrides__several__all_taken() -> None:
    assert parse_overrides(["slotLength=900", "grace=60"]) == {"slotLength": 900, "grace": 60}


def test_network_file__unknown__says_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no parameters for chain 5"):
        network_file(5, None)
    with pytest.raises(InputError, match="base_sepolia, local, sepolia, volta"):
        network_file(5, "nowhere")


def test_network_file__no_yaml__refused(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("a: [")

    with pytest.raises(InputError, match=r"own\.yaml: not YAML"):
        settings_of(network_file(LOCAL, str(path)))


@pytest.mark.parametrize("index", range(20))
def test_refuse_well_known__anvil_or_hardhat__refused(index: int) -> None:
    address = Account.local(index).address

    refuse_well_known([address], LOCAL)
    with pytest.raises(InputError, match=f"the key of {address} is public knowledge"):
        refuse_well_known([GOVERNANCE, address], SEPOLIA)


@pytest.mark.parametrize("index", range(10))
def test_refuse_well_known__ganache__refused(index: int) -> None:
    EthAccount.enable_unaudited_hdwallet_features()
    phrase = "myth like bonus scare over problem client lizard pioneer submit female collect"
    address = EthAccount.from_mnemonic(phrase, account_path=f"m/44'/60'/0'/0/{index}").address

    refuse_well_known([address], LOCAL)
    with pytest.raises(InputError, match=f"the key of {address} is public knowledge"):
        refuse_well_known([address], SEPOLIA)
