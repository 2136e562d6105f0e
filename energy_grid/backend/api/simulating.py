"""What if: communities that are simulated for pages and programs, few at once."""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus

from energy_grid.backend.api.limits import Few
from energy_grid.backend.api.problems import ProblemError
from energy_grid.demo.community import Recording, parse_recording, village
from energy_grid.domain.battery import Battery
from energy_grid.domain.simulation import Simulation, Terms
from energy_grid.errors import InputError

__all__ = ["read_csv", "refusal", "simulated"]

# A week of the village takes a part of a second, the most that a request can hold a second or two.
_SIMULATING = Few(2, "other communities are being simulated")


def simulated(
    who: str,
    source: str | Recording,
    terms: Terms,
    *,
    slot_seconds: int | None = None,
    panels: int | None = None,
    batteries: int | None = None,
    battery: Battery | None = None,
) -> Simulation:
    """What a community would have paid.

    Args:
        who: asks; one at a time of each.
        source: a week of the demo's village, or somebody's own households.

    Raises:
        ProblemError: the same asks already, or others do.
        EnergyGridError: see `Recording.simulate`.
    """
    with _SIMULATING.place(who):
        if isinstance(source, str):
            return _of_village(source, terms, slot_seconds, panels, batteries, battery)
        return source.simulate(
            terms,
            slot_seconds=slot_seconds,
            panels=panels,
            batteries=batteries,
            battery=battery,
        )


def read_csv(text: str) -> Recording:
    """Somebody's own households.

    Raises:
        ProblemError: a row is none.
    """
    try:
        return parse_recording(text)
    except InputError as error:
        raise refusal(f"{error}", "csv", "mend that row, and send all of them again") from None


def refusal(detail: str, field: str, next: str) -> ProblemError:
    """What was sent cannot be simulated."""
    return ProblemError(
        HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-request", detail, field=field, next=next
    )


@lru_cache(16)
def _of_village(
    week: str,
    terms: Terms,
    slot_seconds: int | None,
    panels: int | None,
    batteries: int | None,
    battery: Battery | None,
) -> Simulation:
    return village(week).simulate(
        terms, slot_seconds=slot_seconds, panels=panels, batteries=batteries, battery=battery
    )
