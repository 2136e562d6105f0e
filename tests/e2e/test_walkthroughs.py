"""The walkthroughs: each runs as written, shows everything, and prints its page in docs/.

After a deliberate change: `pytest tests/e2e/test_walkthroughs.py --update-snapshots`; commit it.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from energy_grid.chain.deployments import Deployment
from energy_grid.chain.rpc.node import DevNode
from energy_grid.demo.bootstrap import local_market
from energy_grid.errors import CheckFailedError
from scripts._walkthrough.run import GENESIS, tell
from scripts._walkthrough.stage import Story
from scripts.walkthrough.all import STORIES
from scripts.walkthrough.oracles import story as oracles
from tests.support.artifacts import ROOT
from tests.support.indexing import require_all_indexed

PAGES = ROOT / "docs/walkthroughs"


def page_of(story: Story, lines: list[str]) -> str:
    """What a story prints, as a page: its first line is a sentence on it."""
    title, _, summary = lines[1].partition(": ")
    text = "\n".join(lines[2:]).strip("\n")
    summary = f"{summary[:1].upper()}{summary[1:]}"
    return (
        f"# {title}\n\n{summary} This is what `ape run walkthrough {story.name}` prints; the story"
        f" itself is `scripts/walkthrough/{story.name}.py`.\n\n```text\n{text}\n```\n"
    )


@pytest.fixture(scope="module")
def market() -> Iterator[tuple[DevNode, Deployment]]:
    with local_market(timestamp=GENESIS, parameters={}, log=lambda _: None) as local:
        yield local.node, local.contracts.deployment


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_walkthrough__run__shows_everything_and_prints_its_page(
    market: tuple[DevNode, Deployment], story: Story, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    lines: list[str] = []
    tables: list[str] = []
    tell(
        story,
        *market,
        lines.append,
        at_end=lambda: tables.extend(require_all_indexed(*market, tmp_path)),
    )
    assert len(tables) > 15
    assert lines[-1].startswith("All of it: ")
    assert any(line.startswith("   reverted ") for line in lines)
    file, page = PAGES / f"{story.name}.md", page_of(story, lines)
    if pytestconfig.getoption("--update-snapshots"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(page)
    assert file.read_text().splitlines() == page.splitlines()


def test_walkthroughs__together__show_every_contract_once(
    market: tuple[DevNode, Deployment],
) -> None:
    shown = [contract for story in STORIES for contract in story.contracts]
    assert sorted(shown) == sorted({*market[1].contracts, "Safe"})


def test_walkthroughs__files__are_all_run() -> None:
    files = {path.stem for path in (ROOT / "scripts/walkthrough").glob("[!_]*.py")}
    assert {story.name for story in STORIES} == files - {"all"}


def test_walkthrough__run_twice__prints_the_same(market: tuple[DevNode, Deployment]) -> None:
    first: list[str] = []
    second: list[str] = []
    tell(oracles, *market, first.append)
    tell(oracles, *market, second.append)
    assert first == second


def test_walkthrough__something_left_out__fails_and_names_it(
    market: tuple[DevNode, Deployment],
) -> None:
    half = Story(
        name="half",
        contracts=("PriceOracle",),
        tell=lambda stage: stage.shows("decimals", stage.market.price_oracle.decimals()),
    )
    with pytest.raises(CheckFailedError) as caught:
        tell(half, *market, lambda _: None)
    output = str(caught.value).splitlines()
    assert output[0] == "the story leaves out 32:"
    assert "  PriceOracle.submitPrice(uint256,int256) was not called" in output
    assert "  MedianOracle_Held was not provoked" in output
    assert not any("decimals()" in line for line in output)


def test_walkthrough__run_by_ape__prints_the_story_and_what_it_covered(tmp_path: Path) -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("ape"), "run", "walkthrough", "oracles"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(
        r"^   done     the first reporter reports 0.082  \[PriceOracle.submitPrice, [0-9,]+ gas\]$",
        done.stdout,
        re.M,
    )
    assert done.stdout.splitlines()[-1].startswith("All of it: 57 functions of 3 contracts called")
