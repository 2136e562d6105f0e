"""A server that says nothing secret, whatever happens to it."""

from __future__ import annotations

from pathlib import Path

import requests
from sqlalchemy import make_url, text

from energy_grid.backend.store.database import Database
from tests.integration.backend.api.conftest import ORIGIN, sign
from tests.integration.exchange import Exchange
from tests.support.databases import new_database
from tests.support.deploying import wait_until
from tests.support.serving import address_of, serving

_KEY, _PASSWORD = "key=5f0c6a5d9e", "hunter-and-2"


def test_serve__whose_requests_succeed_and_fail__prints_no_secret(
    exchange: Exchange, file: Path, tmp_path: Path
) -> None:
    who = exchange.traders[0]
    url = make_url(new_database("postgresql", tmp_path)).set(password=_PASSWORD)
    shown = url.render_as_string(hide_password=False)
    config = tmp_path / "serve.toml"
    config.write_text(f'origins = ["{ORIGIN}"]\n')
    options = ("--config", str(config), "--database", shown, "--role", "api")
    node = ("--rpc", f"{exchange.grid.node.url}/?{_KEY}", "--deployment", str(file))
    with serving(tmp_path / "data", *options, *node) as running:
        server = address_of(running)
        wait_until(lambda: requests.get(f"{server}/ready", timeout=10).status_code == 200)
        api = f"{server}/api/v1"
        asked = requests.post(f"{api}/session/challenge", json={"account": who.address}, timeout=20)
        message = asked.json()["message"]
        signature = sign(who, message)
        signed = {"message": message, "signature": signature}
        token = requests.post(f"{api}/session", json=signed, timeout=20).json()["token"]
        mine = {"Authorization": f"Bearer {token}"}
        answers = [
            requests.get(f"{api}/orders", headers=mine, timeout=20),
            requests.post(f"{api}/session", json=signed, timeout=20),
            requests.get(f"{api}/market", timeout=20),
        ]
        assert [each.status_code for each in answers] == [200, 401, 200]
        broken = Database(shown)
        with broken.writing() as connection:
            connection.execute(text("DROP TABLE sessions"))
        broken.close()
        answers.append(requests.get(f"{api}/orders", headers=mine, timeout=20))
        assert answers[-1].status_code == 500
        wait_until(lambda: "Traceback" in running.printed("stdout"))
        printed = running.printed("stdout")
    everything = printed + "".join(each.text for each in answers)
    for secret in (_KEY, _PASSWORD, token, signature[2:60]):
        assert secret not in everything
