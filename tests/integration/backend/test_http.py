"""What monitoring sees of services."""

from __future__ import annotations

import json
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from energy_grid.backend.api.application import make_application
from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.api.visit import Backend
from energy_grid.errors import InputError
from energy_grid.serve.http import monitoring, serving
from energy_grid.serve.runner import Running, State
from tests.support.services import Steps


def nothing() -> Backend:
    raise ProblemError(503, "starting", "not yet")


def test_http__says_how_services_are() -> None:
    running = [Running("steps", Steps)]
    app = make_application(nothing, monitoring(running))
    with serving(app, "127.0.0.1", 0) as address:

        def asked(path: str) -> tuple[int, str]:
            try:
                with urlopen(f"{address}{path}", timeout=10) as answer:
                    return answer.status, answer.read().decode()
            except HTTPError as error:
                return error.code, error.read().decode()

        assert asked("/health") == (200, '{"status":"ok"}')
        status, text = asked("/ready")
        assert (status, json.loads(text)) == (503, {"ready": False, "roles": {"steps": "starting"}})
        assert 'energy_grid_up{role="steps"} 0.0' in asked("/metrics")[1]
        running[0].state, running[0].service = State.RUNNING, Steps()
        assert asked("/ready")[0] == 200
        assert "energy_grid_steps_told_total 1.0" in asked("/metrics")[1]
        assert "# TYPE energy_grid_steps_told_total counter" in asked("/metrics")[1]
        assert asked("/else")[0] == 404
        port = int(address.rpartition(":")[2])
        with pytest.raises(InputError, match=r"cannot listen at 127\.0\.0\.1:.*another --port"):
            serving(app, "127.0.0.1", port).__enter__()
        status, text = asked("/api/v1/market")
        assert (status, json.loads(text)["type"]) == (503, "urn:energy-grid:problem:starting")
