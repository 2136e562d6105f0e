"""Pictures of all pages, for README.md and docs/concepts/pages.md: the neighbourhood after days.

    make pictures

People look at them; nothing compares them.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from io import BytesIO
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any, cast

from PIL import Image
from playwright.sync_api import Browser, expect

from energy_grid.api.client import EnergyGridApi
from energy_grid.api.errors import ApiError
from energy_grid.backend.neighbourhood.village import SEED
from energy_grid.chain.accounts import Account
from energy_grid.demo import simbench
from energy_grid.demo.residents import residents
from tests.support.artifacts import ROOT
from tests.support.brokers import free_port
from tests.support.browser import PHONE, WIDE, browsing

_FOLDER = ROOT / "docs/assets/pages"
_DAYS, _PATIENCE_SECONDS, _COLOURS = 4, 900, 128
_README, _README_HEIGHT = ROOT / "docs/home.png", 1100
_SIZES = {"phone": PHONE, "wide": WIDE}
_OWNER = Account.local(1)
_DARK = ("home", "analytics")


def main() -> None:
    """Take them all."""
    _FOLDER.mkdir(exist_ok=True)
    with (
        TemporaryDirectory() as folder,
        _neighbourhood(Path(folder)) as (address, day),
        browsing() as browser,
    ):
        for name, (who, path) in _pages(day).items():
            for (size, _), dark in product(_SIZES.items(), (False, True)):
                if not dark or name in _DARK:
                    file = _FOLDER / f"{name}-{size}{'-dark' if dark else ''}.png"
                    _take(browser, address, who, path, size, dark, file)
                    print(file.relative_to(ROOT), flush=True)
    with Image.open(_FOLDER / "home-wide.png") as home:
        home.crop((0, 0, home.width, _README_HEIGHT)).save(_README, optimize=True)


def _pages(day: date) -> Mapping[str, tuple[Account | None, str]]:
    """Of each picture: who looks, and at what."""
    people = residents(simbench.load("summer", None).households, SEED)
    house = next(each.wallet for each in people if each.household.battery is not None)
    return {
        "market": (None, "/"),
        "home": (house, f"/home?day={day}"),
        "statement": (house, f"/home/statement?month={day:%Y-%m}"),
        "trade": (house, "/trade"),
        "batches": (None, "/trade/batches"),
        "batch": (None, "/trade/batches/1"),
        "spot": (house, "/trade/spot"),
        "simulation": (None, "/simulate"),
        "analytics": (house, f"/analytics?from={day.replace(day=1)}&to={day}"),
        "operator": (_OWNER, "/operator"),
        "enrolment": (_OWNER, "/enrol"),
        "administration": (_OWNER, "/administration"),
        "programs": (None, "/docs"),
    }


@contextmanager
def _neighbourhood(folder: Path) -> Iterator[tuple[str, date]]:
    """A market that has lived some days: its address, and its last closed day."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("energy-grid")), "serve", "--speed", "max"]
    command += ["--days", str(_DAYS), "--folder", str(folder), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            address, until = f"http://127.0.0.1:{port}", monotonic() + _PATIENCE_SECONDS
            while (day := _last_day(address)) is None:
                if monotonic() > until or server.poll() is not None:
                    raise SystemExit("the neighbourhood has not closed its days")
                sleep(1)
            yield address, day
        finally:
            server.terminate()


def _last_day(address: str) -> date | None:
    """The last closed day, once all but the running ones are closed."""
    try:
        with EnergyGridApi(address) as api:
            head = api.market().head.chain_time.date()
            days = api.totals(str(head - timedelta(days=_DAYS)), str(head))
    except ApiError:
        return None
    return date.fromisoformat(days[-1].day) if len(days) >= _DAYS - 1 else None


def _take(
    browser: Browser,
    address: str,
    who: Account | None,
    path: str,
    size: str,
    dark: bool,
    file: Path,
) -> None:
    context = browser.new_context(
        viewport=cast(Any, _SIZES[size]),
        locale="en-GB",
        timezone_id="Europe/Berlin",
        color_scheme="dark" if dark else "light",
        service_workers="block",
    )
    if who is not None:
        with EnergyGridApi(address) as api:
            token = api.sign_in(who).token
        signed_in = {"Authorization": f"Bearer {token}"}
        assert context.request.post(f"{address}/pages/session", headers=signed_in).ok
    page = context.new_page()
    page.goto(address + path)
    expect(page.locator(".chart .plot:empty")).to_have_count(0)
    taken = Image.open(BytesIO(page.screenshot(full_page=True)))
    taken.quantize(_COLOURS).save(file, optimize=True)
    context.close()


if __name__ == "__main__":
    main()
