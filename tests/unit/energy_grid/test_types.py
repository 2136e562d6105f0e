"""What an editor says about programs that use the package: nothing, unless they are wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.artifacts import ROOT
from tests.support.tutorials import blocks_of

PAGES = {
    path.stem: blocks_of(path.read_text())
    for path in (*ROOT.glob("docs/tutorials/*.md"), ROOT / "docs/concepts/api.md")
}
TUTORIALS = {
    f"{name}.py": text
    for name, blocks in PAGES.items()
    if "energy_grid" in (text := "\n".join(b.text for b in blocks if b.language == "python"))
}
# Each wrong use of a result, and the word that says what is wrong with it.
MISUSES = {
    "text: str = bot.market.price('0.25')": '"Price"',
    "bot.buy(1.5, bot.market.node.time)": '"float"',
    "bot.market.cancel_order(bot.account, 1).execute().amount": '"amount"',
    "bot.market.trading.get_order(1).remaining": '"remaining"',
    "bot.market.settlement.balance": '"balance"',
    "bot.market.events(events.Settlement_Deposited)[0].missing": '"missing"',
    "errors.Settlement_InDebt('', '', {}).owed": '"owed"',
    "errors.Settlement_Missing": '"Settlement_Missing"',
    "events.Settlement_Missing": '"Settlement_Missing"',
}
# The same of the client of the HTTP interface.
API = """\
from energy_grid.api.client import ApiProblemError, AsyncEnergyGridApi, EnergyGridApi
from energy_grid.api.models import OrderChange, Void


def total(api: EnergyGridApi) -> int:
    return sum(each.amount_wh - each.filled_wh for each in api.my_orders(["OPEN"]))


async def follow(api: AsyncEnergyGridApi) -> str | None:
    try:
        print((await api.market()).coin.symbol, [each.id async for each in api.trades()])
    except ApiProblemError as error:
        return error.next
    async for event in api.stream(["order"]):
        match event.content:
            case OrderChange(state="MATCHED") as change:
                return change.id
            case Void() as void:
                print(void.first_block)
            case _:
                pass
    return None
"""
API_MISUSES = {
    "api.order(3)": '"str"',
    "api.book('HOURLY', '2024')": '"datetime"',
    "api.market().price": '"price"',
    "api.my_orders(['LOST'])": "LOST",
    "len(api.trades())": '"Iterator[Trade]"',
    "api.send(3)": '"HttpRequest[',
}


BOTS = {name: (ROOT / "tests/support" / name).read_text() for name in ("bot.py", "small_bot.py")}
MAX_LINES = 40


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    """Programs and what pyright reports about them, in its strict mode."""
    folder = tmp_path_factory.mktemp("programs")
    misuses = "".join(f"    {misuse}\n" for misuse in MISUSES)
    programs = {
        **TUTORIALS,
        **BOTS,
        "misuses.py": f"from bot import Bot, errors, events\n\n\ndef use(bot: Bot):\n{misuses}",
        "api_bot.py": API,
        "api_misuses.py": "from energy_grid.api.client import EnergyGridApi\n\n\n"
        "def use(api: EnergyGridApi):\n" + "".join(f"    {misuse}\n" for misuse in API_MISUSES),
    }
    for name, text in programs.items():
        (folder / name).write_text(text)
    config = {"typeCheckingMode": "strict", "pythonVersion": "3.11"}
    (folder / "pyrightconfig.json").write_text(json.dumps(config))
    done = subprocess.run(
        [
            *(ROOT / "node_modules/.bin/pyright", "--outputjson", "-p", folder),
            *("--pythonpath", sys.executable),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] == len(programs), done.stdout
    return [
        (Path(each["file"]).name, f"{each['range']['start']['line']}: {each['message']}")
        for each in report["generalDiagnostics"]
    ]


@pytest.mark.parametrize("program", [*BOTS, *TUTORIALS, "api_bot.py"])
def test_right_program__has_no_findings(findings: list[tuple[str, str]], program: str) -> None:
    assert [finding for name, finding in findings if name == program] == []


def test_small_bot__is_short_and_imports_only_what_is_public() -> None:
    lines = BOTS["small_bot.py"].splitlines()
    imports = [line.partition(" import ")[0] for line in lines if "import " in line]
    assert len(lines) <= MAX_LINES
    assert imports == ["from energy_grid.client"]


@pytest.mark.parametrize("misuse", MISUSES)
def test_wrong_use_of_a_result__is_found(findings: list[tuple[str, str]], misuse: str) -> None:
    line = 4 + list(MISUSES).index(misuse)
    found = [text for name, text in findings if name == "misuses.py" and f"{line}: " in text]
    assert any(MISUSES[misuse] in text for text in found), found


@pytest.mark.parametrize("misuse", API_MISUSES)
def test_wrong_use_of_the_api__is_found(findings: list[tuple[str, str]], misuse: str) -> None:
    line = 4 + list(API_MISUSES).index(misuse)
    found = [text for name, text in findings if name == "api_misuses.py" and f"{line}: " in text]
    assert any(API_MISUSES[misuse] in text for text in found), found
