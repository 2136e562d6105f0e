"""Clients that others generate from the interface's description compile, and so do programs that
use them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi import APIRouter

from energy_grid.backend.api.application import make_application
from tests.support.artifacts import ROOT

# Lines of JSON are no JSON to the generator; and nobody reads what it writes, so as it is.
CONFIG = """\
content_type_overrides: {application/jsonl: application/octet-stream}
post_hooks: []
"""
COMPILER = {
    "compilerOptions": {"noEmit": True, "strict": True, "target": "es2022", "types": []},
    "files": ["program.ts"],
}
NODE = ROOT / "node_modules/.bin"
PYTHON = """\
from generated import AuthenticatedClient, Client
from generated.api.market import market
from generated.api.orders import my_orders, place_order
from generated.models import MarketInfo, OrderPage, OrderState, Problem, SignedOrderDocument


def coin(client: Client) -> str:
    found = market.sync(client=client)
    assert isinstance(found, MarketInfo)
    return found.coin.symbol


def open_wh(client: AuthenticatedClient) -> int:
    found = my_orders.sync(client=client, state=[])
    assert isinstance(found, OrderPage)
    return sum(each.amount_wh for each in found.items if each.state == OrderState.OPEN)


async def place(client: Client, order: SignedOrderDocument) -> str:
    found = await place_order.asyncio(client=client, body=order, idempotency_key="7")
    assert found is not None
    return found.detail if isinstance(found, Problem) else found.id


my_orders.sync(client=Client(base_url="http://127.0.0.1:8000"))
"""
# The one finding: a list of an account's own things needs a client that is signed in.
WRONG = PYTHON.count("\n")
TYPESCRIPT = """\
import type { components, paths } from "./generated";

type Schemas = components["schemas"];
type Place = paths["/api/v1/orders"]["post"];
type Body = Place["requestBody"]["content"]["application/json"];
type Refusal = Place["responses"]["4XX"]["content"]["application/problem+json"];

export async function place(order: Body, key: string): Promise<Schemas["Order"]> {
  const header: Place["parameters"]["header"] = { "Idempotency-Key": key };
  const answer = await fetch("/api/v1/orders", {
    method: "POST",
    headers: { "Content-Type": "application/json", ...header },
    body: JSON.stringify(order),
  });
  if (!answer.ok) {
    const problem: Refusal = await answer.json();
    throw new Error(`${problem.detail} ${problem.next ?? ""}`);
  }
  return answer.json();
}

export async function mine(cursor?: string): Promise<[string, number][]> {
  const query: paths["/api/v1/orders"]["get"]["parameters"]["query"] = { cursor, state: ["OPEN"] };
  const page: Schemas["OrderPage"] = await (await fetch(`/api/v1/orders?${query.cursor}`)).json();
  return page.items.map((each) => [each.id, each.amount_wh]);
}

export function told(kind: string, data: string): number | string {
  if (kind === "block") return (JSON.parse(data) as Schemas["NewBlock"]).number;
  if (kind === "order") return (JSON.parse(data) as Schemas["OrderChange"]).state;
  return (JSON.parse(data) as Schemas["ChainEvent"]).event;
}

// @ts-expect-error Money is text: it can be above 2^53.
export const balance: Schemas["Balances"]["balance"] = 5;
// @ts-expect-error There is no such state.
export const state: Schemas["Order"]["state"] = "LOST";
"""


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """The interface's description."""
    app = make_application(lambda: None, APIRouter())  # type: ignore[arg-type, return-value]
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(app.openapi()))
    return path


def done(*command: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_python__generated__has_no_findings(document: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG)
    made = done(
        *(sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning"),
        *("--path", document, "--config", config, "--meta", "none", "--output-path", "generated"),
        folder=tmp_path,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    (tmp_path / "program.py").write_text(PYTHON)
    checked = {"include": ["generated", "program.py"], "pythonVersion": "3.11"}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(checked))
    found = done(
        *(NODE / "pyright", "--outputjson", "-p", tmp_path, "--pythonpath", sys.executable),
        folder=tmp_path,
    )
    report = json.loads(found.stdout)
    assert report["summary"]["filesAnalyzed"] > 90
    assert [
        (Path(each["file"]).name, each["range"]["start"]["line"] + 1)
        for each in report["generalDiagnostics"]
    ] == [("program.py", WRONG)]


def test_typescript__generated__has_no_findings(document: Path, tmp_path: Path) -> None:
    made = done(NODE / "openapi-typescript", document, "-o", "generated.d.ts", folder=tmp_path)
    assert made.returncode == 0, made.stdout + made.stderr
    (tmp_path / "program.ts").write_text(TYPESCRIPT)
    (tmp_path / "tsconfig.json").write_text(json.dumps(COMPILER))
    found = done(NODE / "tsc", "-p", tmp_path, folder=tmp_path)
    assert (found.returncode, found.stdout) == (0, "")
