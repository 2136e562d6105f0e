"""README.md and the tutorials, followed word by word, each on a market of its own.

After a deliberate change of what commands print: `pytest tests/e2e/test_tutorials.py
--update-snapshots`, and read the difference.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from energy_grid.chain.rpc.anvil import Anvil
from tests.support.artifacts import ROOT
from tests.support.deploying import run_script
from tests.support.tutorials import NODE, Block, Reader, blocks_of, masked

START = ROOT / "docs/tutorials/index.md"
NAMES = (
    "prosumer",
    "gateway",
    "plant",
    "grid-operator",
    "integrator",
    "http",
    "aggregator",
    "openadr",
    "device",
    "deployer",
)
PAGES = ["README.md", *(f"docs/tutorials/{name}.md" for name in NAMES)]


def setup_of(page: str) -> list[str]:
    """What a page says to do before the rest."""
    return [
        line
        for block in blocks_of(page)
        if (block.language, block.words) == ("sh", "setup")
        for line in block.text.splitlines()
    ]


@pytest.fixture(scope="session")
def began() -> int:
    """The time at which the tutorials' chain begins, from the page that says how to start it."""
    (command,) = (line for line in setup_of(START.read_text()) if line.startswith("anvil "))
    found = re.fullmatch(r"anvil --accounts 30 --timestamp (\d+)", command)
    assert found is not None
    return int(found[1])


@pytest.fixture(scope="session")
def deployed(began: int, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, int]:
    """The state of a chain on which the market was deployed, the deployment file, the time."""
    (command,) = (line for line in setup_of(START.read_text()) if line.startswith("ape "))
    assert command == f"ape run deploy --network ethereum:local:{NODE}"
    folder = tmp_path_factory.mktemp("deployed")
    with Anvil(accounts=30, timestamp=began, state=folder / "state.json") as node:
        done = run_script("deploy", f"ethereum:local:{node.url}", folder / "local.json")
        assert done.returncode == 0, done.stdout
        ended = node.time
    return folder / "state.json", folder / "local.json", ended


@pytest.fixture
def reader(deployed: tuple[Path, Path, int], tmp_path: Path) -> Iterator[Reader]:
    """Somebody in front of a market that nobody has used yet."""
    state, deployment, ended = deployed
    own = shutil.copy(state, tmp_path / "state.json")
    folder = tmp_path / "folder"
    folder.mkdir()
    # Not earlier than the deployment ended: what it has granted would not be in force yet.
    with (
        Anvil(accounts=30, timestamp=ended + 1, state=own) as node,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("ENERGY_GRID_RPC", node.url)
        patch.setenv("ENERGY_GRID_DEPLOYMENT", str(deployment))
        yield Reader(node.url, deployment, folder)


@pytest.mark.parametrize("name", PAGES)
def test_page__followed_word_by_word__prints_what_it_shows(
    name: str, reader: Reader, pytestconfig: pytest.Config
) -> None:
    page = (ROOT / name).read_text()
    with reader.serving(setup_of(page)):
        shown = reader.run(page)
    if pytestconfig.getoption("--update-snapshots"):
        page = updated(page, shown)
        (ROOT / name).write_text(page)
    else:
        for block, printed in shown:
            assert masked(block.text) == masked(printed)


def updated(page: str, shown: list[tuple[Block, str]]) -> str:
    """The page with the outputs that are not those it shows."""
    for block, printed in reversed(shown):
        if masked(block.text) != masked(printed):
            lines = "\n".join(line.rstrip() for line in printed.rstrip().split("\n"))
            page = f"{page[: block.start]}{lines}\n{page[block.start + len(block.text) :]}"
    return page


@pytest.mark.parametrize(
    "link", re.findall(r"\]\((?!http)([^)#]+)", (ROOT / "README.md").read_text())
)
def test_readme__link__leads_somewhere(link: str) -> None:
    assert (ROOT / link).exists()


def test_readme__setup__is_that_of_the_tutorials() -> None:
    own = setup_of((ROOT / "README.md").read_text())
    there = {line.partition(" --timestamp")[0] for line in setup_of(START.read_text())}
    assert set(own) <= there


def test_make__every_target_that_a_page_names__is_one() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in (ROOT / "README.md", START):
        named = set(re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text(), re.MULTILINE))
        assert named
        assert named <= targets
