"""Who computes heavy numbers: this process, a cluster on this machine, or any Dask cluster.

What is computed is the same everywhere: a function of parts, and of what all of them share, which
each worker is sent once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

from energy_grid.backend.analytics.series import Hours
from energy_grid.backend.hosts import is_loopback
from energy_grid.errors import InputError

__all__ = ["AT_ONCE", "Run", "chunks", "cores_for", "here", "require_scheduler", "workers"]

AT_ONCE = 50
"""Series that are one part."""
_SECONDS = 5

Result = TypeVar("Result")


class Run(Protocol):
    """Gives what a function makes of each part."""

    def __call__(
        self, function: Callable[..., Result], parts: Iterable[Any], **shared: Any
    ) -> list[Result]: ...


def here(function: Callable[..., Result], parts: Iterable[Any], **shared: Any) -> list[Result]:
    """A `Run` in this process, one part after the other."""
    return [function(part, **shared) for part in parts]


def chunks(hours: Hours) -> list[Hours]:
    """The same series in parts."""
    many = len(hours.names)
    return [hours.only(range(at, min(at + AT_ONCE, many))) for at in range(0, many, AT_ONCE)]


def cores_for(series: int) -> int:
    """How many of this machine so many series keep busy: a part each, or less."""
    return min(os.cpu_count() or 1, -(-series // AT_ONCE))


def require_scheduler(address: str) -> None:
    """Refuse what is no address of a Dask scheduler, or one to which anybody could send.

    Raises:
        InputError: it is so.
    """
    try:
        parts = urlsplit(address)
        is_whole = bool(parts.hostname and parts.port) and parts.scheme in ("tcp", "tls")
    except ValueError:
        is_whole = False
    if not is_whole:
        raise InputError(f"{address!r} is no Dask scheduler: give tls://HOST:PORT")
    # Whoever reaches a scheduler without certificates has workers run what they like.
    if parts.scheme == "tcp" and not is_loopback(parts.hostname or ""):
        raise InputError(
            f"households' hours would go to {parts.hostname} unencrypted, and anybody could answer:"
            " use tls:// and certificates, which Dask reads from distributed.comm.tls of its"
            " configuration"
        )


@contextmanager
def workers(scheduler: str = "", cores: int = 1) -> Iterator[Run]:
    """A `Run` as long as the block is.

    Args:
        scheduler: the address of a Dask scheduler, as `require_scheduler` has it; its workers
            need this package with the extra ``foresight``.
        cores: without an address, so many processes of this machine; 1: this one.

    Raises:
        InputError: nobody answers at the address, or it is none.
    """
    if scheduler:
        require_scheduler(scheduler)
    if not scheduler and cores <= 1:
        yield here
        return
    from distributed import Client, LocalCluster

    with ExitStack() as ends:
        place: Any = scheduler
        if not scheduler:
            place = LocalCluster(n_workers=cores, threads_per_worker=1, dashboard_address=None)  # type: ignore[no-untyped-call]
            ends.enter_context(place)
        try:
            client: Any = Client(place, timeout=_SECONDS)  # type: ignore[no-untyped-call]
        # Of a type: there are no certificates for tls://.
        except (OSError, TypeError, ValueError) as error:
            raise InputError(f"no Dask scheduler answers at {scheduler}: {error}") from None
        ends.enter_context(client)

        def run(
            function: Callable[..., Result], parts: Iterable[Any], **shared: Any
        ) -> list[Result]:
            # Of lists, each item would be sent by itself; and what has the same name as what the
            # workers are just forgetting would be lost.
            sent = {
                name: client.scatter([each], broadcast=True, hash=False)[0]
                for name, each in shared.items()
            }
            given = client.scatter([*parts], hash=False)
            found: list[Result] = client.gather(client.map(function, given, pure=False, **sent))
            return found

        yield run
