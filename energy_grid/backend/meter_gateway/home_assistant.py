"""Meters in Home Assistant, by its discovery over MQTT: import and export for its Energy page.

    <prefix>/sensor/energy-grid-<meter>/<value>/config    what there is, retained
    energy-grid/<chain id>/<meter>/state                  the newest reading that counts, retained

The state is the gateway's word, not the device's: what is quarantined is not in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from energy_grid.backend.meter_gateway.payload import topic_of
from energy_grid.contracts.smart_meter import MeterReading

__all__ = ["configurations", "state"]

# Name, field, unit, kind of device, kind of value, and what the field is divided by.
_VALUES = (
    ("Import", "importWh", "Wh", "energy", "total_increasing", 1),
    ("Export", "exportWh", "Wh", "energy", "total_increasing", 1),
    ("Voltage", "voltageDecivolts", "V", "voltage", "measurement", 10),
    ("Frequency", "frequencyCentihertz", "Hz", "frequency", "measurement", 100),
)


def configurations(prefix: str, chain_id: int, meter: str) -> Iterator[tuple[str, bytes]]:
    """The messages by which Home Assistant learns of a meter.

    Args:
        prefix: of its discovery, mostly ``homeassistant``.
    """
    node = f"energy-grid-{meter}"
    device = {"identifiers": [node], "name": f"Meter {meter}", "manufacturer": "energy-grid"}
    for name, field, unit, kind, state_class, divisor in _VALUES:
        value = f"value_json.{field}" + (f" / {divisor}" if divisor > 1 else "")
        content = {
            "name": name,
            "unique_id": f"{node}-{name.lower()}",
            "state_topic": topic_of(chain_id, meter, "state"),
            "value_template": f"{{{{ {value} }}}}",
            "unit_of_measurement": unit,
            "device_class": kind,
            "state_class": state_class,
            "device": device,
        }
        yield f"{prefix}/sensor/{node}/{name.lower()}/config", json.dumps(content).encode()


def state(chain_id: int, meter: str, reading: MeterReading) -> tuple[str, bytes]:
    """The message with the newest reading of a meter."""
    content = {
        "timestamp": reading.timestamp,
        "importWh": reading.consumption,
        "exportWh": reading.production,
        "voltageDecivolts": reading.voltage,
        "frequencyCentihertz": reading.grid_frequency,
    }
    return topic_of(chain_id, meter, "state"), json.dumps(content).encode()
