"""`ape run publish` writes what explorers verify with: compiling it again gives the code."""

from __future__ import annotations

import json
import re
import subprocess
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import solcx
from eth_account import Account as Keystore
from eth_account.messages import encode_typed_data

from energy_grid.chain.accounts import MNEMONIC, Account, Signature
from energy_grid.chain.deployments import Deployment
from energy_grid.chain.rpc.anvil import Anvil
from energy_grid.chain.rpc.node import DevNode
from energy_grid.contracts.smart_meter import Exchange, MeterReading, Registration
from energy_grid.domain.orders import OrderTerms, OrderType
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.signed_orders import fields_of, trading_domain
from energy_grid.domain.typed_data import Domain
from energy_grid.errors import DeploymentError
from energy_grid.market.signing import (
    Rotation,
    meter_domain,
    sign_exchange,
    sign_join,
    sign_order,
    sign_reading,
    sign_registration,
    sign_request,
    sign_rotation,
    sign_skipped_readings,
)
from scripts._artifacts import load_artifacts
from scripts._deploy.plan import COMPILED
from scripts._publish.metadata import hash_in, ipfs_hash, require_proof
from tests.support.artifacts import ROOT
from tests.support.deploying import run_script

OURS, OPENZEPPELIN, SAFE = (
    "v0.8.30+commit.73712a01",
    "v0.8.35+commit.47b9dedd",
    "v0.7.6+commit.7338295f",
)
DESCRIBED = ("EnergyTrading", "SmartMeter", "Communities", "ERC2771Forwarder")
# npm's compiler of a version, from standard JSON to standard JSON.
_COMPILE = """
const solc = require("solc-" + process.argv[1]);
process.stdout.write(solc.compile(require("fs").readFileSync(0, "utf8")));
"""


@pytest.fixture(scope="module")
def node() -> Iterator[DevNode]:
    with Anvil() as node:
        yield node


@pytest.fixture(scope="module")
def file(node: DevNode, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a deployment, beside which its artefacts are."""
    path = tmp_path_factory.mktemp("market") / "market.json"
    network = f"ethereum:local:{node.url}"
    deployed = run_script("deploy", network, path)
    assert deployed.returncode == 0, deployed.stdout
    published = run_script("publish", network, path)
    assert published.returncode == 0, published.stdout
    assert f"sources of {len(COMPILED)} contracts" in published.stdout
    assert "token list and metadata for wallets" in published.stdout
    return path


@pytest.fixture(scope="module")
def folder(file: Path) -> Path:
    return file.parent / "market" / "verification"


@pytest.fixture(scope="module")
def index(folder: Path) -> dict[str, Any]:
    contracts: dict[str, Any] = json.loads((folder / "index.json").read_text())["contracts"]
    return contracts


def artefact(folder: Path, name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / name / "standard-input.json").read_text())
    return document


def source_of(entry: Mapping[str, Any]) -> str:
    return str(entry["contract"]).rpartition(":")[0]


def require_deployed(node: DevNode, entry: Mapping[str, Any], compiled: Mapping[str, Any]) -> None:
    """Creation code and arguments, and the code there but for immutables, are the compiled ones."""
    creation = compiled["evm"]["bytecode"]["object"] + entry["constructorArguments"]
    if entry["creationTransaction"] is not None:  # the Safe itself is made by its factory
        sent = node.rpc("eth_getTransactionByHash", entry["creationTransaction"])["input"]
        assert sent == "0x" + creation
    found = bytearray(node.code(entry["address"]))
    for places in compiled["evm"]["deployedBytecode"]["immutableReferences"].values():
        for place in places:
            end = place["start"] + place["length"]
            found[place["start"] : end] = bytes(place["length"])
    assert found.hex() == compiled["evm"]["deployedBytecode"]["object"]


def test_artefacts__compiled_by_us__are_what_their_transactions_sent(
    node: DevNode, index: Mapping[str, Any]
) -> None:
    ours = {name: entry for name, entry in index.items() if entry["compiler"] == OURS}
    for name, built in load_artifacts(ours).items():
        sent = node.rpc("eth_getTransactionByHash", ours[name]["creationTransaction"])["input"]
        assert sent == "0x" + built.creation.hex() + ours[name]["constructorArguments"], name


@pytest.mark.parametrize("name", ["LoadMonitoring", "EnergyToken"])
def test_artefact__compiled_alone_as_an_explorer_does__is_the_code_on_the_chain(
    name: str, node: DevNode, folder: Path, index: Mapping[str, Any]
) -> None:
    answer = solcx.compile_standard(artefact(folder, name), solc_version="0.8.30")

    require_deployed(node, index[name], answer["contracts"][source_of(index[name])][name])


@pytest.mark.parametrize(("compiler", "package"), [(OPENZEPPELIN, "0.8.35"), (SAFE, "0.7.6")])
def test_artefacts__of_published_builds__compiled_by_their_compilers_are_the_code_on_the_chain(
    compiler: str,
    package: str,
    node: DevNode,
    folder: Path,
    index: Mapping[str, Any],
) -> None:
    named = [name for name, entry in index.items() if entry["compiler"] == compiler]
    assert len(named) > 1
    for name in named:
        given = json.dumps(artefact(folder, name))
        done = subprocess.run(
            ["node", "-e", _COMPILE, package],
            input=given,
            capture_output=True,
            cwd=ROOT,
            text=True,
            check=True,
        )
        answer = json.loads(done.stdout)
        require_deployed(node, index[name], answer["contracts"][source_of(index[name])][name])


def test_artefacts__of_each_contract__name_the_sources_that_its_code_names(
    node: DevNode, folder: Path, index: Mapping[str, Any]
) -> None:
    """What ends the code is the hash of the metadata, which has those of sources and settings."""
    assert set(index) == set(COMPILED)
    for name, entry in index.items():
        metadata = (folder / name / "metadata.json").read_text()
        record, given = json.loads(metadata), artefact(folder, name)
        code = node.code(entry["address"])
        require_proof(name, metadata, given, code)
        assert hash_in(code) == ipfs_hash(metadata.encode())
        assert f"v{record['compiler']['version']}" == entry["compiler"]
        assert record["settings"]["compilationTarget"] == {source_of(entry): name}
        for setting in ("optimizer", "evmVersion"):
            if setting in given["settings"]:
                assert record["settings"][setting] == given["settings"][setting]


def test_artefacts__no_trace_of_this_machine(folder: Path) -> None:
    texts = {path: path.read_text() for path in folder.rglob("*.json")}

    assert len(texts) == 2 * len(COMPILED) + 1
    for text in texts.values():
        assert str(ROOT) not in text
        assert str(Path.home()) not in text
        assert str(folder.parents[1]) not in text


def test_index__compilers_arguments_and_places(
    file: Path, folder: Path, index: Mapping[str, Any]
) -> None:
    deployment = Deployment.load(file)
    by_compiler = {
        compiler: {name for name, entry in index.items() if entry["compiler"] == compiler}
        for compiler in (OPENZEPPELIN, SAFE)
    }

    assert by_compiler == {
        OPENZEPPELIN: {"AccessManager", "ERC2771Forwarder", "TimelockController"},
        SAFE: {
            "Safe",
            "SafeProxy",
            "SafeProxyFactory",
            "CompatibilityFallbackHandler",
            "MultiSendCallOnly",
        },
    }
    for name, entry in index.items():
        if name == "SafeProxy":
            assert entry["address"] == next(iter(deployment.safes.values())).address
            assert entry["creationTransaction"] is None
        else:
            assert entry["address"] == deployment.address(name)
            assert entry["creationTransaction"] == deployment.contracts[name].transaction
        assert entry["libraries"] == {}
        assert entry["license"] == ("LGPL-3.0-only" if name in by_compiler[SAFE] else "MIT")
    assert index["EnergyToken"]["constructorArguments"] == word(deployment.address("Settlement"))
    assert index["SafeProxy"]["constructorArguments"] == word(deployment.address("Safe"))
    assert index["TestDollar"]["constructorArguments"] == word(
        deployment.address("ERC2771Forwarder")
    )


def word(address: str) -> str:
    return address[2:].lower().rjust(64, "0")


def test_wallet_files__token_list_as_its_schema_asks(file: Path) -> None:
    """By the rules of https://uniswap.org/tokenlist.schema.json."""
    deployment, document = Deployment.load(file), json.loads(wallet_file(file, "tokenlist"))

    assert set(document) == {"name", "timestamp", "version", "keywords", "logoURI", "tokens"}
    assert re.fullmatch(r"[\w ]{1,30}", document["name"])
    assert datetime.fromisoformat(document["timestamp"]).tzinfo is not None
    assert document["version"] == {"major": 1, "minor": 0, "patch": 0}
    assert all(re.fullmatch(r"[\w ]{1,20}", word) for word in document["keywords"])
    for token in document["tokens"]:
        assert set(token) == {"chainId", "address", "name", "symbol", "decimals", "logoURI"}
        assert re.fullmatch(r"[ \S]{1,60}", token["name"])
        assert re.fullmatch(r"\S{1,11}", token["symbol"])
    assert [
        (one["chainId"], one["address"], one["name"], one["symbol"], one["decimals"])
        for one in document["tokens"]
    ] == [
        (31337, deployment.token, "Test Dollar", "tUSD", 6),
        (31337, deployment.address("EnergyToken"), "Energy Credit", "KWH", 3),
        (31337, deployment.address("GovernanceToken"), "Grid Governance", "GGT", 18),
        (31337, deployment.address("CarbonCredits"), "Carbon Credit", "TCO2E", 6),
    ]


def test_wallet_files__assets_to_watch_and_contracts__pictures_of_our_own(file: Path) -> None:
    listed = json.loads(wallet_file(file, "tokenlist"))["tokens"]
    watched = json.loads(wallet_file(file, "watch-assets"))["assets"]
    contracts = json.loads(wallet_file(file, "contracts"))

    assert [one["type"] for one in watched] == ["ERC20"] * 4
    for asset, token in zip(watched, listed, strict=True):
        shared = {name: token[name] for name in ("address", "symbol", "decimals")}
        assert asset["options"] == {**shared, "image": token["logoURI"]}
    assert list(contracts) == [
        *("TestDollar", "EnergyToken", "GovernanceToken", "CarbonCredits", "EnergyAssetNFT")
    ]
    assert contracts["EnergyAssetNFT"]["symbol"] == "ASSET"
    for name, contract in contracts.items():
        kind, _, content = contract["image"].partition(",")
        assert kind == "data:image/svg+xml;base64"
        picture = ElementTree.fromstring(b64decode(content))
        assert picture.tag == "{http://www.w3.org/2000/svg}svg"
        assert picture[0].text == contract["name"]
        assert set(contract) == {"name", "symbol", "description", "image"}, name


def test_descriptors__of_each_message__are_of_what_the_sdk_signs(file: Path) -> None:
    """A wallet that follows a descriptor gives the SDK's signature of the same values."""
    deployment = Deployment.load(file)
    Keystore.enable_unaudited_hdwallet_features()
    person, meter = Account.local(11), Account.local(16)
    period = Period(kind=PeriodKind.HOURLY, start=1_795_294_800)
    terms = OrderTerms(
        trader=person.address,
        order_type=OrderType.BUY,
        amount=1500,
        price=250_000,
        expiry=period.end - 1,
        period=period,
    )
    reading = MeterReading(
        timestamp=period.start, consumption=1, production=2, grid_frequency=5001, voltage=2301
    )
    trading = trading_domain(31337, deployment.address("EnergyTrading"))
    metering = meter_domain(31337, deployment.address("SmartMeter"))
    signed = sign_reading(meter, reading, metering)
    registration = Registration(
        meter=meter.address,
        account=person.address,
        region="NORTH",
        rated_power=9_800,
        settlement=True,
        consumption=1,
        production=2,
        deadline=period.end,
    )
    exchange = Exchange(
        meter=meter.address,
        new_key=person.address,
        rated_power=9_800,
        final_consumption=1,
        final_production=2,
        consumption=3,
        production=4,
        deadline=period.end,
    )
    rotation = Rotation(meter=person.address, new_key=meter.address)
    joining = named_domain(deployment, "Communities", "EnergyGrid Communities")
    relaying = named_domain(deployment, "ERC2771Forwarder", "EnergyGrid Forwarder")
    settlement = deployment.address("Settlement")
    request = sign_request(person, (settlement, b"call"), 90_000, 7, period.end, relaying)
    expected = {
        "EnergyOrder": (11, fields_of(terms, 7), sign_order(person, terms, 7, trading).signature),
        "MeterReading": (
            16,
            {"meter": meter.address, **camel_case(reading)},
            Signature.from_compact(signed.r, signed.vs).long,
        ),
        "MeterRegistration": (
            16,
            {**camel_case(registration), "region": "0x" + b"NORTH".ljust(32, b"\0").hex()},
            sign_registration(meter, registration, metering),
        ),
        "MeterExchange": (11, camel_case(exchange), sign_exchange(person, exchange, metering)),
        "SkippedReadings": (
            11,
            {"meter": meter.address, "timestamp": period.start, "deadline": period.end},
            sign_skipped_readings(person, meter.address, period.start, period.end, metering),
        ),
        "MeterKeyRotation": (16, camel_case(rotation), sign_rotation(meter, rotation, metering)),
        "JoinCommunity": (
            11,
            {
                "account": person.address,
                "community": 1,
                "gateway": meter.address,
                "nonce": 7,
                "deadline": period.end,
            },
            sign_join(person, 1, meter.address, 7, period.end, joining),
        ),
        "ForwardRequest": (
            11,
            {
                "from": person.address,
                "to": settlement,
                "value": 0,
                "gas": 90_000,
                "nonce": 7,
                "deadline": period.end,
                "data": "0x" + b"call".hex(),
            },
            request.signature,
        ),
    }
    found = dict(messages(file))
    assert set(found) == set(expected)
    for name, (signer, values, signature) in expected.items():
        document = {**found[name], "message": values}
        key = Keystore.from_mnemonic(MNEMONIC, account_path=f"m/44'/60'/0'/0/{signer}").key
        message = encode_typed_data(full_message=document)
        assert Keystore.sign_message(message, key).signature == signature, name


def named_domain(deployment: Deployment, contract: str, name: str) -> Domain:
    """The domain of a contract that names itself so."""
    return Domain(
        name=name, version="1", chain_id=31337, verifying_contract=deployment.address(contract)
    )


def camel_case(record: Any) -> dict[str, Any]:
    """A record by the names that its fields have in the signed message."""
    return {
        re.sub("_(.)", lambda found: found[1].upper(), name): value
        for name, value in asdict(record).items()
    }


def test_descriptors__every_field_with_its_unit(file: Path) -> None:
    units = {}
    for contract in DESCRIBED:
        descriptor = json.loads(wallet_file(file, f"clear-signing/{contract}"))
        schemas = descriptor["context"]["eip712"]["schemas"]
        for schema in schemas:
            kind = schema["primaryType"]
            shown = descriptor["display"]["formats"][kind]
            names = [member["name"] for member in schema["types"][kind]]
            assert [field["path"] for field in shown["fields"]] == names
            assert shown["required"] == names
            assert 0 < len(shown["intent"]) <= 40
            for field in shown["fields"]:
                assert field["format"] in {"raw", "date", "addressName", "unit"}
                if field["format"] == "unit":
                    units[field["path"]] = (field["params"]["base"], field["params"]["decimals"])

    assert units == {
        "amountWh": ("Wh", 0),
        "pricePerKwh": ("tUSD/kWh", 6),
        "consumption": ("Wh", 0),
        "production": ("Wh", 0),
        "finalConsumption": ("Wh", 0),
        "finalProduction": ("Wh", 0),
        "gridFrequency": ("Hz", 2),
        "voltage": ("V", 1),
        "ratedPower": ("W", 0),
    }


def messages(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each message of the descriptors, as typed data without values."""
    for contract in DESCRIBED:
        context = json.loads(wallet_file(file, f"clear-signing/{contract}"))["context"]["eip712"]
        (place,) = context["deployments"]
        domain = {"chainId": place["chainId"], "verifyingContract": place["address"]}
        for schema in context["schemas"]:
            yield schema["primaryType"], {**schema, "domain": {**context["domain"], **domain}}


def wallet_file(file: Path, name: str) -> str:
    return (file.with_suffix("") / f"{name}.json").read_text()


@pytest.mark.parametrize("what", ["metadata", "a source", "a source more", "a source less"])
def test_proof__something_else_compiled__refused(
    what: str, node: DevNode, folder: Path, index: Mapping[str, Any]
) -> None:
    name = "LoadMonitoring"
    metadata = (folder / name / "metadata.json").read_text()
    given, code = artefact(folder, name), node.code(index[name]["address"])
    require_proof(name, metadata, given, code)
    source = source_of(index[name])
    if what == "metadata":
        metadata += " "
    elif what == "a source":
        given["sources"][source]["content"] += "\n"
    elif what == "a source more":
        given["sources"]["contracts/Other.sol"] = {"content": ""}
    else:
        del given["sources"][source]

    with pytest.raises(DeploymentError, match="LoadMonitoring: "):
        require_proof(name, metadata, given, code)


def test_publish__other_chain__one_line_and_nothing_written(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_bytes(file.read_bytes())
    with Anvil(chain_id=1337) as elsewhere:
        done = run_script("publish", f"ethereum:local:{elsewhere.url}", other)

    assert done.returncode == 1
    error = "Error: the deployment is on chain 31337, this is chain 1337"
    assert done.stdout.splitlines()[-1] == error
    assert not (tmp_path / "other").exists()
