"""What is nominal in a region, and how far it may deviate: by a name, or from a file.

A file has what ``energy-grid grid stability bands REGION --json`` prints:

    {"nominal_frequency": 5000, "nominal_voltage": 2300,
     "frequency": {"normal_low": 4950, "normal_high": 5050, "alert_low": 4900, ..},
     "voltage": {"normal_low": 95, ..}}
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from energy_grid.contracts import grid_bands as records
from energy_grid.domain.grid_levels import BANDS, Band
from energy_grid.errors import InputError

__all__ = ["bands_called"]


def bands_called(word: str) -> records.Bands:
    """The bands of a name of `BANDS`, or of a file.

    Raises:
        InputError: it is neither.
    """
    known = BANDS.get(word)
    if known is not None:
        frequency, voltage = known.frequency._asdict(), known.voltage._asdict()
        names = {**known._asdict(), "frequency": frequency, "voltage": voltage}
        return _bands(names)
    try:
        document = json.loads(Path(word).read_text(encoding="utf-8"))
    except OSError:
        raise InputError(
            f"{word} is no file, and none of {', '.join(BANDS)}: energy-grid grid stability bands"
            " REGION --json prints what a file has"
        ) from None
    except (ValueError, RecursionError):
        raise InputError(f"{word} is no JSON") from None
    return _bands(document)


def _bands(document: Any) -> records.Bands:
    return records.Bands(
        **_numbers(document, "nominal_frequency", "nominal_voltage"),
        frequency=_band(document.get("frequency")),
        voltage=_band(document.get("voltage")),
    )


def _band(document: Any) -> records.Band:
    return records.Band(**_numbers(document, *Band._fields))


def _numbers(document: Any, *names: str) -> dict[str, int]:
    known = document if isinstance(document, dict) else {}
    found = {name: known[name] for name in names if type(known.get(name)) is int}
    if len(found) < len(names):
        raise InputError(
            f"bands have whole numbers called {', '.join(names)}: energy-grid grid stability bands"
            " REGION --json shows the format"
        )
    return found
