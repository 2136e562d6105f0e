"""``energy-grid meter``, with the command that needs the extra ``server``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from energy_grid.cli.answers import Answer, facts
from energy_grid.cli.meters import meters
from energy_grid.cli.session import View

__all__ = ["meters"]


def _file(flag: str, help: str) -> typer.models.OptionInfo:
    found: typer.models.OptionInfo = typer.Option(flag, metavar="FILE", help=help)
    return found


@meters.shows("simulate")
def simulate(
    view: View,
    devices: Annotated[
        int, typer.Option("--devices", metavar="NUMBER", min=1, max=100_000, help="How many.")
    ] = 1000,
    hours: Annotated[
        int,
        typer.Option("--hours", metavar="NUMBER", min=0, max=168, help="Of readings, up to now."),
    ] = 24,
    broker: Annotated[
        str | None,
        typer.Option(
            "--broker",
            metavar="ADDRESS",
            help="mqtts://HOST:PORT; by default that of `energy-grid serve` in --folder.",
        ),
    ] = None,
    ca: Annotated[Path | None, _file("--ca", "The certificate of the broker's authority.")] = None,
    certificate: Annotated[
        Path | None, _file("--certificate", "One that may publish to every meter's topic.")
    ] = None,
    key: Annotated[Path | None, _file("--key", "The key of that certificate.")] = None,
    folder: Annotated[
        Path, typer.Option("--folder", metavar="FOLDER", help="Of `energy-grid serve`.")
    ] = Path("energy-grid-data"),
) -> Answer:
    """Publish what simulated devices have signed, with the profiles of the demo, over MQTT.

    Each has a key and a topic of its own, and all share a connection, as behind a concentrator. On
    a local chain their meters are registered first, which takes a minute for a thousand. Elsewhere
    the gateway quarantines what they send: the market does not know them.
    """
    from energy_grid.backend.meter_gateway.broker import HOST, embedded_port
    from energy_grid.backend.meter_gateway.mqtt import BrokerPlace, broker_at
    from energy_grid.backend.neighbourhood.simulator import simulate as run

    if broker is None:
        place = BrokerPlace(host=HOST, port=embedded_port(folder), is_embedded=True)
    else:
        place = broker_at(broker, ca, certificate, key)
    done = run(view.market, place, devices, hours)
    rate = round(done.messages / done.seconds) if done.seconds else 0
    document = {
        "broker": str(place),
        "devices": devices,
        "registered": done.registered,
        "unknown": done.unknown,
        "messages": done.messages,
        "messages_per_second": rate,
    }
    shown = {
        "broker": str(place),
        "devices": f"{devices}, {done.registered} of them newly registered",
        "messages": f"{done.messages}, {rate} a second",
    }
    if done.unknown:
        shown["unknown"] = f"{done.unknown}: what they send is quarantined"
    return Answer(document=document, shown=facts(shown))
