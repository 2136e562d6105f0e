"""The parameters of a network: every mistake has its line, and nothing is sent before all are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from eth_account import Account as EthAccount

from energy_grid.chain.accounts import Account, refuse_well_known
from energy_grid.chain.roles import SAFES, Role
from energy_grid.errors import InputError
from scripts._deploy.role_assignments import GOVERNANCE, TOKEN, is_planned
from scripts._deploy.settings import load_settings, network_file, parse_overrides

LOCAL, SEPOLIA = 31337, 11155111
GONE = object()
HELD_BY = {
    Role.GUARDIAN: "guardian",
    Role.METER_REGISTRAR: "registrar",
    Role.REGISTRAR: "registrar",
    Role.TREASURY: "treasury",
}
QUORUM = 3
NETWORKS = {"local": LOCAL, "sepolia": SEPOLIA, "volta": 73799, "base_sepolia": 84532}
DEPLOYER = Account.local(0).address
STRANGER = "0x00000000000000000000000000000000000000A1"


def settings_of(path: Path, chain_id: int = LOCAL, **environment: str) -> Any:
    return load_settings(
        path, chain_id=chain_id, deployer=DEPLOYER, overrides={}, environment=environment
    )


def changed(folder: Path, section: str, **values: object) -> Path:
    """The local parameters with some values replaced; GONE takes one out."""
    document = yaml.safe_load(network_file(LOCAL, None).read_text())
    document.setdefault(section, {}).update(values)
    document[section] = {k: v for k, v in document[section].items() if v is not GONE}
    path = folder / "own.yaml"
    path.write_text(yaml.safe_dump(document))
    return path


def guardian(**values: object) -> dict[str, object]:
    """The guardian's Safe, with some of what it should be replaced."""
    return {"guardian": {"owners": ["anvil:26", "anvil:27", "anvil:28"], "threshold": 2, **values}}


def everybody() -> dict[str, str]:
    """Owners of the Safes, voters, as many reporters as the oracles' quorum, and a keeper."""

    def some(number: int) -> list[str]:
        return [Account.create().address for _ in range(number)]

    return {
        **{f"ENERGY_GRID_{name.upper()}_OWNERS": ",".join(some(3)) for name in SAFES},
        "ENERGY_GRID_VOTERS": ", ".join(f"{voter}=2_500" for voter in some(4)),
        "ENERGY_GRID_REPORTER": ",".join(some(QUORUM)),
        "ENERGY_GRID_KEEPER": some(1)[0],
    }


@pytest.mark.parametrize(("name", "chain_id"), NETWORKS.items())
def test_load_settings__shipped_file__valid(name: str, chain_id: int) -> None:
    path = network_file(chain_id, None)

    settings = settings_of(path, chain_id, **everybody())

    assert settings.network == name
    assert network_file(1, name) == path
    assert settings.roles[Role.ADMIN] == (GOVERNANCE,)
    assert settings.roles[Role.GRID_AUTHORITY] == ("safe:authority", GOVERNANCE)
    for role, safe in HELD_BY.items():
        assert settings.roles[role] == (f"safe:{safe}",)
    assert len(settings.roles[Role.KEEPER]) == 1
    has_gateway = settings.roles[Role.METER_GATEWAY] != (GOVERNANCE,)
    assert has_gateway == (name == "local")
    assert len(settings.roles[Role.REPORTER]) >= QUORUM
    assert tuple(settings.safes) == SAFES
    for safe in settings.safes.values():
        assert (len(safe.addresses), safe.threshold) == (3, 2)
    assert len({each for safe in settings.safes.values() for each in safe.addresses}) == 12
    assert len({voter.address for voter in settings.voters}) == 4
    assert len({voter.tokens for voter in settings.voters}) == 1


@pytest.mark.parametrize(
    ("section", "values", "problem"),
    [
        ("parameters", {"slotLength": 1800}, "parameters.slotLength must be 900 or 3600 s"),
        ("parameters", {"slotLength": None}, "parameters.slotLength is missing"),
        ("parameters", {"grace": 0}, "parameters.grace must be from 1 to 86400 s, not 0"),
        ("parameters", {"grace": 1.5}, "parameters.grace must be a whole number (s), not 1.5"),
        ("parameters", {"grace": True}, "parameters.grace must be a whole number (s), not True"),
        ("parameters", {"baselineKnown": 6, "baselineDays": 5}, "is above baselineDays (5)"),
        (
            "parameters",
            {"challengeSeconds": 86_400, "deadlineSeconds": 86_400},
            "parameters.deadlineSeconds (86400 s) is not above challengeSeconds (86400 s)",
        ),
        ("parameters", {"graze": 1}, "parameters.graze is not known"),
        ("parameters", {"minReadingInterval": 3600, "slotLength": 900}, "is longer than a slot"),
        ("parameters", {"networkFee": 100_001}, "is above maxNetworkFee (100000)"),
        ("parameters", {"buyPrice": 2**32}, "parameters.buyPrice must be from 1 to"),
        ("settlementToken", {"address": STRANGER}, "needs either deploy or address"),
        ("settlementToken", {"deploy": GONE}, "needs either deploy or address"),
        ("settlementToken", {"deploy": "Dollar"}, "deploy must be TestDollar, not Dollar"),
        ("settlementToken", {"deploy": GONE, "address": "0x1"}, "'0x1' is no address"),
        ("settlementToken", {"decimals": None}, "decimals must be from 0 to 36, not None"),
        ("roles", {"GUARDIAN": None}, "roles.GUARDIAN: no address is given"),
        ("roles", {"GUARDIAN": []}, "roles.GUARDIAN: no address is given"),
        ("roles", {"REPORTER": GONE}, "variable ENERGY_GRID_REPORTER is not set"),
        ("roles", {"KEEPER": "env:NOBODY"}, "roles.KEEPER: the environment variable NOBODY is not"),
        ("roles", {"KEEPER": "0x12"}, "roles.KEEPER: '0x12' is no address"),
        ("roles", {"GUARDIAN": "0x12"}, "roles.GUARDIAN: '0x12' is no address"),
        ("roles", {"GUARDIAN": "0x" + 40 * "0"}, "roles.GUARDIAN: the zero address"),
        ("roles", {"GUARDIAN": DEPLOYER.replace("f39F", "F39f")}, "has a wrong checksum"),
        ("roles", {"GUARDIAN": "anvil:0"}, "is the deployer, which must end without a role"),
        ("roles", {"GUARDIAN": "anvil:30"}, "the local accounts are anvil:0 to anvil:29"),
        ("roles", {"GUARDIAN": ["anvil:1", "anvil:1"]}, "is given twice"),
        ("roles", {"GUARDIAN": "env:NOBODY"}, "the environment variable NOBODY is not set"),
        ("roles", {"WATCHMAN": "anvil:1"}, "roles.WATCHMAN is not a role"),
        (
            "roles",
            {"GUARDIAN": 2 * ["safe:guardian"]},
            "roles.GUARDIAN: safe:guardian is given twice",
        ),
        ("roles", {"GUARDIAN": "Safe"}, "roles.GUARDIAN: 'Safe' is no address"),
        ("parameters", {"oracleQuorum": 1}, "parameters.oracleQuorum must be from 2 to 31"),
        ("parameters", {"timelockDelay": 0}, "parameters.timelockDelay must be from 60 to"),
        ("parameters", {"votingDelay": 0}, "parameters.votingDelay must be from 1 to"),
        ("parameters", {"votingPeriod": 59}, "parameters.votingPeriod must be from 60 to"),
        (
            "parameters",
            {"voteExtension": 601},
            "parameters.voteExtension (601 s) is above votingPeriod (600 s)",
        ),
        ("parameters", {"quorumPercent": 101}, "parameters.quorumPercent must be from 1 to 100"),
        ("parameters", {"quorumPercent": 25}, "alone has the quorum: 250000 of 1000000 tokens"),
        ("parameters", {"governanceCap": 999_999}, "1000000 tokens, above governanceCap (999999)"),
        ("parameters", {"governanceCap": 2**208 // TOKEN + 1}, "governanceCap must be from 1 to"),
        (
            "parameters",
            {"proposalThreshold": 1_000_001},
            "1000000 tokens, fewer than proposalThreshold (1000001)",
        ),
        (
            "safes",
            {"guardian": GONE},
            "environment variable ENERGY_GRID_GUARDIAN_OWNERS is not set",
        ),
        ("safes", guardian(owners=[]), "safes.guardian.owners: no address is given"),
        ("safes", guardian(owners=["anvil:0", "anvil:11"]), "safes.guardian.owners: " + DEPLOYER),
        ("safes", guardian(owners=["anvil:11", "anvil:11"]), "is given twice"),
        ("safes", guardian(owners=["anvil:11", "safe"]), "safes.guardian.owners: 'safe' is no add"),
        (
            "safes",
            guardian(threshold=1),
            "safes.guardian.threshold: 1 leaves everything to one key",
        ),
        ("safes", guardian(threshold=4), "safes.guardian.threshold: 4 signatures of 3 owners"),
        ("safes", guardian(threshold="2"), "threshold: must be a whole number, not '2'"),
        ("safes", guardian(threshold=True), "threshold: must be a whole number, not True"),
        (
            "safes",
            guardian(owners=["anvil:1", "anvil:2", "anvil:11"]),
            "can act for the Safes registrar and guardian: give them other owners",
        ),
        ("roles", {"KEEPER": "safe:bank"}, "safe:bank is none of the Safes authority, registrar,"),
        (
            "parameters",
            {"withdrawalDelay": 86_400, "roleDelay": 86_400},
            "parameters.roleDelay (86400 s) is not above withdrawalDelay (86400 s)",
        ),
        ("governance", {"holders": GONE}, "the environment variable ENERGY_GRID_VOTERS is not"),
        ("governance", {"holders": "anvil:5"}, "'anvil:5' is not of the form ADDRESS=TOKENS"),
        ("governance", {"holders": "anvil:5=1.5"}, "is not of the form ADDRESS=TOKENS"),
        ("governance", {"holders": "anvil:5=0"}, "is not of the form ADDRESS=TOKENS"),
        ("governance", {"holders": "anvil:99=1"}, "the local accounts are anvil:0 to anvil:29"),
        ("governance", {"holders": "anvil:0=1, anvil:5=1"}, "is the deployer"),
        ("governance", {"holders": "anvil:5=1, anvil:5=1"}, "is given twice"),
        (
            "governance",
            {"holders": "anvil:5=30_000,anvil:8=29_999,anvil:9=29_999,anvil:10=10_002"},
            "alone has the quorum: 30000 of 100000 tokens, 30 % are needed",
        ),
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
    settings = settings_of(network_file(LOCAL, None))
    named = [holder for held in settings.roles.values() for holder in held]
    keys = [holder for holder in named if not is_planned(holder)]
    owners = [each for safe in settings.safes.values() for each in safe.addresses]
    assert len(lines) == len(keys) + len(owners) + len(settings.voters)
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


def test_load_settings__just_below_the_quorum__accepted(tmp_path: Path) -> None:
    """Of 100,000 tokens, 30 % are 30,000."""
    holders = "anvil:5=29_999,anvil:8=29_999,anvil:9=29_999,anvil:10=10_003"

    settings = settings_of(changed(tmp_path, "governance", holders=holders))

    assert [voter.tokens for voter in settings.voters] == [29_999, 29_999, 29_999, 10_003]


def test_load_settings__one_owner_of_two_safes__is_no_harm(tmp_path: Path) -> None:
    """Neither has two of its keys."""
    owners = ["anvil:1", "anvil:20", "anvil:23"]

    settings = settings_of(changed(tmp_path, "safes", **guardian(owners=owners)))

    assert len(settings.safes["guardian"].addresses) == 3


def test_load_settings__no_role_for_the_safe__no_owners_needed(tmp_path: Path) -> None:
    roles = {role.name: STRANGER for role in Role if role is not Role.REPORTER}

    settings = settings_of(changed(tmp_path, "roles", **roles))

    assert settings.safes == {}
    assert settings.roles[Role.ADMIN] == (STRANGER,)


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
        refuse_well_known([STRANGER, address], SEPOLIA)


@pytest.mark.parametrize("index", range(10))
def test_refuse_well_known__ganache__refused(index: int) -> None:
    EthAccount.enable_unaudited_hdwallet_features()
    phrase = "myth like bonus scare over problem client lizard pioneer submit female collect"
    address = EthAccount.from_mnemonic(phrase, account_path=f"m/44'/60'/0'/0/{index}").address

    refuse_well_known([address], LOCAL)
    with pytest.raises(InputError, match=f"the key of {address} is public knowledge"):
        refuse_well_known([address], SEPOLIA)
