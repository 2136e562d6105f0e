"""The wheel, installed where nothing but what it declares is to be found."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import Distribution, distribution
from pathlib import Path
from textwrap import dedent
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

from energy_grid.chain.rpc.anvil import Anvil
from tests.support.artifacts import ROOT
from tests.support.chain import deployed_files

# Without Foundry, Node.js, and the project's own programs.
_PATH = "/usr/bin:/bin"


# Whatever else is in the wheel does not belong there.
_CONTENTS = re.compile(
    r"energy_grid/(__init__|client|errors)\.py|energy_grid/py\.typed"
    r"|energy_grid/(api|backend|chain|cli|contracts|demo|domain|frontend|market|serve)"
    r"(/[a-z_0-9]+)*/\w+\.py"
    r"|energy_grid/frontend/(built/[\w-]+\.(js|css|svg|png)|locales/\w+\.po|templates/\w+\.html"
    r"|web/[\w-]+\.(ts|css|svg|png)|fonts/([\w-]+\.ttf|LICENSE|SOURCE\.md))"
    r"|energy_grid/backend/local_market/market\.json\.xz"
    r"|energy_grid/backend/meter_gateway/adapters/\w+\.toml"
    r"|energy_grid/contracts/abis/\w+\.json|energy_grid/demo/data/(SHA256SUMS|SOURCE\.md|\w+\.csv(\.xz)?)"
    r"|energy_grid/demo/(report/report\.(js|css)|settlement_gas\.json)"
    r"|energy_grid-[0-9.]+\.dist-info/(METADATA|RECORD|WHEEL|entry_points\.txt|licenses/LICENSE)"
)
# What needs LightGBM or SciPy, what needs numpy and power-grid-model, and what needs httpx2.
_OF_FORECASTERS = ("energy_grid.backend.agent", "energy_grid.backend.analytics")
_OF_TWINS = ("energy_grid.domain.power_flow",)
_OF_SERVERS = ("energy_grid.backend", "energy_grid.frontend", "energy_grid.serve")
_OF_KEEPERS = (
    *(*_OF_SERVERS, "energy_grid.demo", "energy_grid.domain.clearing"),
    *("energy_grid.domain.batch_clearing", "energy_grid.market.batch", *_OF_TWINS),
    *("energy_grid.domain.day_leaves", "energy_grid.market.day_store"),
    *("energy_grid.market.day_building", "energy_grid.market.day_audit"),
    *("energy_grid.market.keeper_chain", "energy_grid.market.order_set"),
    "energy_grid.market.welfare_bound",
)
_OF_CLIENTS = ("energy_grid.api",)
_EXTRAS = ("", "api", "keeper", "demo", "server")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as docs/operations.md has it built."""
    folder = tmp_path_factory.mktemp("wheel")
    page = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    (build,) = re.findall(r"^\.venv/bin/python (-m hatchling .+)$", page, re.MULTILINE)
    _do(sys.executable, *build.split(), "-d", str(folder))
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def pythons(wheel: Path) -> Mapping[str, Path]:
    """Interpreters of clean environments with the wheel, an extra of it, and what these need."""
    return {extra: _environment(wheel, extra) for extra in _EXTRAS}


@pytest.fixture(scope="module")
def python(pythons: Mapping[str, Path]) -> Path:
    """The interpreter of a plain installation."""
    return pythons[""]


@pytest.fixture(scope="module")
def market() -> Iterator[tuple[str, Path]]:
    """A node's URL, and the file of the market deployed there."""
    deployed = deployed_files(3600)
    with Anvil(accounts=20) as node:
        node.rpc("anvil_loadState", deployed.state.read_text())
        yield node.url, deployed.deployment


def test_wheel__holds_the_package_and_nothing_else(wheel: Path) -> None:
    tracked = _do("git", "ls-files", "energy_grid").split()
    with ZipFile(wheel) as archive:
        names = archive.namelist()
    assert [name for name in names if not _CONTENTS.fullmatch(name)] == []
    assert {name for name in names if ".dist-info/" not in name} == {*tracked}


@pytest.mark.parametrize("extra", _EXTRAS)
def test_wheel__what_is_visible__is_what_it_declares(
    extra: str, pythons: Mapping[str, Path], tmp_path: Path
) -> None:
    program = """
        import json
        from importlib.metadata import distributions
        from importlib.util import find_spec

        unwanted = ("ape", "ape_foundry", "pytest", "hypothesis", "solcx", "tests", "scripts")
        optional = ("httpx2", "matplotlib", "numpy", "plotext", "sqlalchemy")
        print(json.dumps({
            "energy_grid": find_spec("energy_grid").origin,
            "unwanted": [name for name in unwanted if find_spec(name)],
            "optional": [name for name in optional if find_spec(name)],
            "found": len(list(distributions())),
        }))
    """
    python = pythons[extra]
    found = json.loads(_python(python, program, tmp_path))
    assert found["energy_grid"].startswith(str(python.parents[1]))
    assert found["unwanted"] == []
    brought = {
        "": [],
        "api": ["httpx2"],
        "keeper": ["numpy"],
        "demo": ["matplotlib", "numpy", "plotext"],
        "server": ["httpx2", "numpy", "sqlalchemy"],
    }
    assert found["optional"] == brought[extra]
    assert found["found"] == len(_closure(python, extra)) + 1


@pytest.mark.parametrize(
    ("extra", "without"),
    [
        (
            "server",
            (
                *("energy_grid.demo.charts", "energy_grid.demo.report", "energy_grid.demo.show"),
                *_OF_FORECASTERS,
            ),
        ),
        ("demo", (*_OF_SERVERS, *_OF_CLIENTS)),
        ("keeper", (*_OF_SERVERS, "energy_grid.demo", *_OF_TWINS, *_OF_CLIENTS)),
        ("api", _OF_KEEPERS),
        ("", (*_OF_KEEPERS, *_OF_CLIENTS)),
    ],
)
def test_wheel__every_module__is_imported_without_ape(
    extra: str, without: Sequence[str], pythons: Mapping[str, Path], tmp_path: Path
) -> None:
    program = f"""
        import pkgutil
        import sys
        from importlib import import_module

        import energy_grid

        found = pkgutil.walk_packages(energy_grid.__path__, "energy_grid.")
        names = [each.name for each in found if not each.name.startswith({without!r})]
        for name in names:
            import_module(name)
        print(len(names), [name for name in sys.modules if name.split(".")[0] in ("ape", "solcx")])
    """
    count, _, ape = _python(pythons[extra], program, tmp_path).partition(" ")
    files = [path.relative_to(ROOT) for path in (ROOT / "energy_grid").rglob("*.py")]
    names = [".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in files]
    wanted = [name for name in names if not name.startswith(without)]
    assert (int(count), ape.strip()) == (len(wanted) - 1, "[]")


@pytest.mark.parametrize(
    ("extra", "missing", "command"),
    [
        ("demo", "numpy", ("demo",)),
        ("keeper", "numpy", ("audit-batch", "1", "orders.json")),
        ("keeper", "numpy", ("community", "audit", "1", "2024-01-01")),
        ("server", "pydantic_settings", ("serve", "--print-config")),
    ],
)
def test_wheel__without_the_extra__the_command_says_what_to_install(
    extra: str,
    missing: str,
    command: Sequence[str],
    python: Path,
    market: tuple[str, Path],
    tmp_path: Path,
) -> None:
    url, deployment = market
    place = () if extra in ("demo", "server") else ("--rpc", url, "--deployment", str(deployment))
    done = subprocess.run(
        [str(python.with_name("energy-grid")), *command, *place],
        cwd=tmp_path,
        env={"PATH": _PATH, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    output = f"energy-grid: {missing} is missing: pip install 'energy-grid[{extra}]'\n"
    assert done.stderr == output


def test_wheel__with_the_extra__the_demo_starts_and_needs_the_contracts_alone(
    pythons: Mapping[str, Path], tmp_path: Path
) -> None:
    done = subprocess.run(
        [str(pythons["demo"].with_name("energy-grid")), "demo"],
        # No checkout is here or above, wherever the tests keep their files.
        cwd="/",
        env={"PATH": _PATH, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "no ape-config.yaml here or above: run this in a checkout of the project" in done.stderr


def test_wheel__data__is_in_it(python: Path, tmp_path: Path) -> None:
    program = """
        from importlib.resources import files

        from energy_grid.chain.abi import contract_names, load

        for name in contract_names():
            assert load(name).entries
        print(*sorted(
            str(path.relative_to(files("energy_grid")))
            for path in files("energy_grid").rglob("*")
            if path.is_file() and path.suffix not in (".py", ".pyc")
        ), sep="\\n")
    """
    shipped = _python(python, program, tmp_path).split()
    there = _do("git", "ls-files", "energy_grid").split()
    names = [name.removeprefix("energy_grid/") for name in there if not name.endswith(".py")]
    assert shipped == sorted(names)
    assert {"py.typed", "contracts/abis/Settlement.json"} <= {*shipped}
    assert any(name.startswith("demo/data/") for name in shipped)


def test_wheel__a_program__trades_and_reads_what_happened(
    python: Path, market: tuple[str, Path], tmp_path: Path
) -> None:
    url, deployment = market
    program = f"""
        from energy_grid.client import (Account, Energy, EnergyGrid, OrderType, errors, events)

        account = Account.local(11)
        with EnergyGrid.connect({url!r}, {str(deployment)!r}) as market:
            market.plan(account, market.money.faucet(market.coins("50"))).execute()
            market.deposit_with_permit(account, market.coins("50")).execute()
            plan = market.place_order(
                account, OrderType.BUY, energy=Energy.kwh("1.5"), price=market.price("0.25")
            )
            order = plan.execute().order_id
            (created,) = market.events(events.EnergyTrading_OrderCreated, trader=account.address)
            print(order == created.order_id, Energy(created.amount), created.order_type.name)
            deposited = next(market.follow(events.Settlement_Deposited))
            print(deposited.account == account.address, deposited.amount)
            try:
                market.withdraw(account, market.coins("50")).execute()
            except errors.Settlement_InsufficientBalance as refusal:
                print(refusal.available)
    """
    assert _python(python, program, tmp_path).splitlines() == [
        "True 1.5 kWh BUY",
        "True 50000000",
        "49625000",
    ]


def test_wheel__the_command__says_its_version_and_reads_the_chain(
    python: Path, market: tuple[str, Path], tmp_path: Path
) -> None:
    url, deployment = market
    command = str(python.with_name("energy-grid"))
    version = _run(command, "--version", at=tmp_path)
    assert re.fullmatch(r"energy-grid \d+\.\d+\.\d+\n", version)
    read = ("offer", "list", "--rpc", url, "--deployment", str(deployment), "--json")
    assert json.loads(_run(command, *read, at=tmp_path)) == []


_TYPED = """
from energy_grid.client import (Account, Energy, EnergyGrid, OrderType, Price, errors, events)


def trade(market: EnergyGrid, account: Account) -> None:
    plan = market.place_order(
        account, OrderType.BUY, energy=Energy.kwh("1.5"), price=market.price("0.25")
    )
    reveal_type(plan)
    order = plan.execute().order_id
    reveal_type(order)
    for created in market.events(events.EnergyTrading_OrderCreated, trader=account.address):
        reveal_type(created.order_type)
        created.order_number
    for event in market.follow([events.Settlement_Deposited, events.Settlement_Withdrawn]):
        if isinstance(event, events.Settlement_Withdrawn):
            reveal_type(event.to)
    try:
        market.settle_trades(account, [order]).execute()
    except errors.Settlement_InDebt as refusal:
        reveal_type(refusal.debt)
        refusal.debts
    market.place_order(account, OrderType.BUY, wh=1, price=1)
    reveal_type(Energy.kwh("1.5") + Energy.wh(5))
    reveal_type(market.price("0.25").cost_up(1500))
"""


def test_wheel__a_program_under_strict_types__knows_events_and_errors(
    python: Path, tmp_path: Path
) -> None:
    (tmp_path / "program.py").write_text(_TYPED)
    checked = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent"),
            *("--python-executable", str(python), "--config-file", "", "program.py"),
        ],
        cwd=tmp_path,
        env={"PATH": _PATH, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line.partition(": ")[2] for line in checked.stdout.splitlines()]
    shown = [line.removeprefix("note: Revealed type is ") for line in lines if "Revealed" in line]
    assert shown == [
        '"energy_grid.market.plan.Plan[energy_grid.contracts.energy_trading'
        '.EnergyTrading_OrderCreated]"',
        '"int"',
        '"energy_grid.domain.enums.OrderType"',
        '"str"',
        '"int"',
        '"energy_grid.domain.quantities.Energy"',
        '"energy_grid.domain.quantities.Money"',
    ]
    assert [line for line in lines if line.startswith("error: ")] == [
        'error: "EnergyTrading_OrderCreated" has no attribute "order_number"  [attr-defined]',
        'error: "Settlement_InDebt" has no attribute "debts"; maybe "debt"?  [attr-defined]',
        'error: Unexpected keyword argument "wh" for "place_order" of "Orders"; did you mean "who"?'
        "  [call-arg]",
    ]


def _do(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def _environment(wheel: Path, extra: str) -> Path:
    """The interpreter of a new environment, beside the wheel."""
    folder = wheel.parent / f"environment-{extra}"
    _do(sys.executable, "-m", "venv", "--without-pip", str(folder))
    python = folder / "bin" / "python"
    uv = str(Path(sys.executable).with_name("uv"))
    install = ("pip", "install", "-q", "--no-cache", "--offline", "--no-deps")
    _do(uv, *install, "--python", str(python), str(wheel))
    (site,) = folder.glob("lib/python3.*/site-packages")
    for needed in _closure(python, extra).values():
        _link(needed, site)
    return python


def _python(python: Path, program: str, folder: Path) -> str:
    return _run(str(python), "-c", dedent(program), at=folder)


def _run(*command: str, at: Path) -> str:
    """What a program prints that finds nothing of ours by its surroundings."""
    done = subprocess.run(
        command,
        cwd=at,
        env={"PATH": _PATH, "HOME": str(at), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "120"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout


def _closure(python: Path, extra: str) -> dict[str, Distribution]:
    """What the wheel that is installed there declares to need with an extra, and what that needs,
    by name."""
    (metadata,) = python.parents[1].glob("lib/python3.*/site-packages/energy_grid-*.dist-info")
    wanted: list[tuple[Distribution, frozenset[str]]] = [
        (Distribution.at(metadata), frozenset([extra]))
    ]
    found: dict[str, Distribution] = {}
    while wanted:
        needing, extras = wanted.pop()
        for line in needing.requires or ():
            needed = Requirement(line)
            applies = needed.marker is None or any(
                needed.marker.evaluate({"extra": extra}) for extra in ("", *extras)
            )
            key = re.sub(r"[-_.]+", "-", needed.name).lower()
            if applies and (key not in found or needed.extras):
                found[key] = distribution(needed.name)
                wanted.append((found[key], frozenset(needed.extras)))
    return found


def _link(needed: Distribution, site: Path) -> None:
    """Make a distribution that is installed here visible there as well."""
    for file in needed.files or ():
        top = file.parts[0]
        if top not in ("..", "__pycache__") and not (site / top).exists():
            (site / top).symlink_to(Path(str(needed.locate_file(top))))
