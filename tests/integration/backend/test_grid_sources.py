"""Weather and prices from files and from a server of the machine's own."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from energy_grid.backend.grid_service.places import SourceError, read_place
from energy_grid.backend.grid_service.sources import prices_in, weather_in
from energy_grid.contracts.weather_oracle import Weather
from energy_grid.errors import InputError

MONDAY, HOUR = 1_704_067_200, 3600
WEATHER: dict[str, Any] = {
    "latitude": 52.52,
    "utc_offset_seconds": 0,
    "hourly_units": {
        "time": "iso8601",
        "temperature_2m": "°C",
        "wind_speed_10m": "km/h",
        "cloud_cover": "%",
        "shortwave_radiation": "W/m²",
    },
    "hourly": {
        "time": ["2024-01-01T00:00", "2024-01-01T01:00"],
        "temperature_2m": [-3.14, 2],
        "wind_speed_10m": [7.2, 10.0],
        "cloud_cover": [75, 100],
        "shortwave_radiation": [0.5, 812.6],
    },
}


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """Serves one answer at any path; gives the address."""
    servers: list[HTTPServer] = []

    def start(body: bytes, status: int = 200, **headers: str) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *arguments: Any) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/v1/forecast?key=secret"

    yield start
    for each in servers:
        each.shutdown()
        each.server_close()


def test_weather__of_each_hour__in_the_oracles_units(serve: Callable[..., str]) -> None:
    weather = weather_in(serve(json.dumps(WEATHER).encode()))
    assert weather(MONDAY + HOUR - 1) == Weather(
        irradiance=0, temperature=-314, wind_speed=200, cloud_cover=7500
    )
    # 10 km/h are 2.777.. m/s.
    assert weather(MONDAY + HOUR) == Weather(
        irradiance=813, temperature=200, wind_speed=278, cloud_cover=10_000
    )
    with pytest.raises(SourceError, match="no values of 2024-01-01 02:00:00 UTC"):
        weather(MONDAY + 2 * HOUR)


@pytest.mark.parametrize(
    ("path", "value", "word"),
    [
        (("utc_offset_seconds",), 3600, "not in UTC"),
        (("hourly_units", "temperature_2m"), "°F", "°F"),
        (("hourly", "temperature_2m"), [None, None], "TypeError"),
        (("hourly", "temperature_2m"), ["3", "4"], "TypeError"),
        (("hourly", "temperature_2m"), [], "IndexError"),
        (("hourly", "temperature_2m"), [float("nan")], "TypeError"),
        (("hourly", "time"), ["now"], "ValueError"),
        (("hourly",), [], "TypeError"),
    ],
)
def test_weather__malformed__is_silent(
    tmp_path: Path, path: tuple[str, ...], value: Any, word: str
) -> None:
    document = json.loads(json.dumps(WEATHER))
    place = document
    for each in path[:-1]:
        place = place[each]
    place[path[-1]] = value
    file = tmp_path / "weather.json"
    file.write_text(json.dumps(document))
    with pytest.raises(SourceError, match=word):
        weather_in(str(file))(MONDAY)


def test_prices__of_each_hour(tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_text("time,price\n2024-01-01T00:00,0.2512345\n2024-01-01T01:00,-0.01\n")
    price = prices_in(str(file), 6)
    assert [price(MONDAY), price(MONDAY + HOUR)] == [251_234, -10_000]
    with pytest.raises(SourceError, match="none of 2024-01-01 02:00:00 UTC"):
        price(MONDAY + 2 * HOUR)
    for wrong in ("2024-01-01T00:00,NaN", "2024-01-01T00:00,x", "2024,1"):
        file.write_text(wrong)
        with pytest.raises(SourceError, match="malformed"):
            price(MONDAY)


def test_place__what_can_go_wrong__is_said_without_secrets(
    serve: Callable[..., str], tmp_path: Path
) -> None:
    elsewhere = serve(b"elsewhere")
    assert read_place(elsewhere) == "elsewhere"
    for place, word in (
        (serve(b"", 302, Location=elsewhere), "answers with 302"),
        (serve(b"", 500), "answers with 500"),
        (serve(bytes(2**20 + 1)), "larger than 1048576 bytes"),
        (serve(b"\xff"), "is no text"),
        ("http://127.0.0.1:1/x?key=secret", "does not answer"),
        (str(tmp_path / "none"), "No such file"),
    ):
        with pytest.raises(SourceError, match=word) as said:
            read_place(place)
        assert "secret" not in str(said.value)
    with pytest.raises(InputError, match=r"a file or an http\(s\):// address, this is ftp://"):
        read_place("ftp://127.0.0.1/x")
