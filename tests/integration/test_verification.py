"""`ape run publish` writes what explorers verify with: compiling it again gives the code."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import solcx

from energy_grid.adapters.chain.anvil import Anvil
from energy_grid.adapters.chain.connection import DevNode
from energy_grid.adapters.chain.deployments import Deployment
from energy_grid.errors import DeploymentError
from scripts._deploy.plan import COMPILED
from scripts._publish.metadata import hash_in, ipfs_hash, require_proof
from tests.support.artifacts import ROOT
from tests.support.deploying import run_script

OURS, OPENZEPPELIN, SAFE = (
    "v0.8.30+commit.73712a01",
    "v0.8.35+commit.47b9dedd",
    "v0.7.6+commit.7338295f",
)
OUTPUTS = ["abi", "metadata", "evm"]


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
    return path


@pytest.fixture(scope="module")
def folder(file: Path) -> Path:
    return file.parent / "market" / "verification"


@pytest.fixture(scope="module")
def index(folder: Path) -> dict[str, Any]:
    contracts: dict[str, Any] = json.loads((folder / "index.json").read_text())["contracts"]
    return contracts


@pytest.fixture(scope="module")
def compiled(folder: Path, index: Mapping[str, Any]) -> dict[str, Any]:
    """What the project's compiler makes of all artefacts that are for it, at once."""
    inputs = {
        name: artefact(folder, name) for name, entry in index.items() if entry["compiler"] == OURS
    }
    (settings,) = {json.dumps(one["settings"]) for one in inputs.values()}
    selection: dict[str, Any] = {}
    for name in inputs:
        source = source_of(index[name])
        selection.setdefault(source, {})[name] = OUTPUTS
    sources = {name: text for one in inputs.values() for name, text in one["sources"].items()}
    answer = solcx.compile_standard(
        {
            "language": "Solidity",
            "sources": sources,
            "settings": {**json.loads(settings), "outputSelection": selection},
        },
        solc_version="0.8.30",
    )
    return {name: answer["contracts"][source_of(index[name])][name] for name in inputs}


def artefact(folder: Path, name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / name / "standard-input.json").read_text())
    return document


def source_of(entry: Mapping[str, Any]) -> str:
    return str(entry["contract"]).rpartition(":")[0]


def require_deployed(node: DevNode, entry: Mapping[str, Any], compiled: Mapping[str, Any]) -> None:
    """Creation code and arguments, and the code there but for immutables, are the compiled ones."""
    sent = node.rpc("eth_getTransactionByHash", entry["creationTransaction"])["input"]
    assert sent == "0x" + compiled["evm"]["bytecode"]["object"] + entry["constructorArguments"]
    found = bytearray(node.code(entry["address"]))
    for places in compiled["evm"]["deployedBytecode"]["immutableReferences"].values():
        for place in places:
            end = place["start"] + place["length"]
            found[place["start"] : end] = bytes(place["length"])
    assert found.hex() == compiled["evm"]["deployedBytecode"]["object"]


def test_artefacts__compiled_again__are_the_code_on_the_chain(
    node: DevNode, folder: Path, index: Mapping[str, Any], compiled: Mapping[str, Any]
) -> None:
    assert len(compiled) == 20
    for name, output in compiled.items():
        require_deployed(node, index[name], output)
        metadata = (folder / name / "metadata.json").read_text()
        assert output["metadata"] == metadata
        # Compiled at once, none has borrowed a source from another.
        assert set(json.loads(metadata)["sources"]) == set(artefact(folder, name)["sources"])


@pytest.mark.parametrize("name", ["LoadMonitoring", "EnergyToken"])
def test_artefact__compiled_alone_as_an_explorer_does__is_the_code_on_the_chain(
    name: str, node: DevNode, folder: Path, index: Mapping[str, Any]
) -> None:
    answer = solcx.compile_standard(artefact(folder, name), solc_version="0.8.30")

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
        OPENZEPPELIN: {"AccessManager", "TimelockController"},
        SAFE: {
            "Safe",
            "SafeProxy",
            "SafeProxyFactory",
            "CompatibilityFallbackHandler",
            "MultiSendCallOnly",
        },
    }
    assert deployment.safe is not None
    for name, entry in index.items():
        if name == "SafeProxy":
            assert entry["address"] == deployment.safe.address
            assert entry["creationTransaction"] is None
        else:
            assert entry["address"] == deployment.address(name)
            assert entry["creationTransaction"] == deployment.contracts[name].transaction
        assert entry["libraries"] == {}
        assert entry["license"] == ("LGPL-3.0-only" if name in by_compiler[SAFE] else "MIT")
    assert index["EnergyToken"]["constructorArguments"] == word(deployment.address("Settlement"))
    assert index["SafeProxy"]["constructorArguments"] == word(deployment.address("Safe"))
    assert index["TestDollar"]["constructorArguments"] == ""


def word(address: str) -> str:
    return address[2:].lower().rjust(64, "0")


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
