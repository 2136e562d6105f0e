"""When a browser has painted the largest part of a page, and how much program it loaded for that.

python -m tests.bench.pages
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, cast

from playwright.sync_api import Browser

from tests.bench.web import served
from tests.support.browser import PHONE, WIDE, browsing

__all__ = ["PaintRow", "measure_paints"]

_SIZES = {"phone": PHONE, "wide": WIDE}
_PAGES = ("/", "/trade", "/analytics", "/operator")
_WATCH = """
new PerformanceObserver(list => { window.painted = list.getEntries().at(-1).startTime })
  .observe({ type: "largest-contentful-paint", buffered: true })
"""
_LOADED = """
performance.getEntriesByType("resource").filter(each => each.name.endsWith(".js"))
  .reduce((sum, each) => sum + each.encodedBodySize, 0)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaintRow:
    """A page that a browser opens for the first time.

    Attributes:
        size: of its window.
        seconds: from asking for it until its largest part is painted.
        program_bytes: of all programs that it loaded, as they came.
    """

    page: str
    size: str
    seconds: float
    program_bytes: int


def measure_paints(rounds: int = 7) -> Sequence[PaintRow]:
    """Each page in each window; medians of so many browsers without a cache."""
    with served(households=24, periods=3) as market, browsing() as browser:
        address = f"http://127.0.0.1:{market.port}"
        _open(browser, address, WIDE)
        return [
            _row(browser, address + page, page, size, rounds) for page in _PAGES for size in _SIZES
        ]


def _row(browser: Browser, address: str, page: str, size: str, rounds: int) -> PaintRow:
    found = [_open(browser, address, _SIZES[size]) for _ in range(rounds)]
    seconds, loaded = median(each for each, _ in found), found[0][1]
    return PaintRow(page=page, size=size, seconds=seconds, program_bytes=loaded)


def _open(browser: Browser, address: str, size: dict[str, int]) -> tuple[float, int]:
    context = browser.new_context(viewport=cast(Any, size))
    page = context.new_page()
    page.add_init_script(_WATCH)
    page.goto(address, wait_until="networkidle")
    found = page.evaluate("window.painted") / 1000, page.evaluate(_LOADED)
    context.close()
    return found


def main() -> None:
    """Print what was measured."""
    for row in measure_paints():
        print(f"{row.page:<12} {row.size:<6} {row.seconds:.2f} s {row.program_bytes:>8,} bytes")


if __name__ == "__main__":
    main()
