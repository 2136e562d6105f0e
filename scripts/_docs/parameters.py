"""The page of the numbers that a deployment sets, from the files of scripts/_deploy."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from scripts._docs.solidity import ROOT

__all__ = ["parameter_page"]

_DEPLOY = ROOT / "scripts/_deploy"
_LINE = re.compile(r"^  (\w+): +([\d_]+) +# (.+)$|^  # (.+)$", re.MULTILINE)


def parameter_page() -> dict[Path, str]:
    """The page by where it is in docs/."""
    networks = {path.stem: path for path in sorted((_DEPLOY / "networks").glob("*.yaml"))}
    own = {
        name: yaml.safe_load(path.read_text()).get("parameters") or {}
        for name, path in networks.items()
    }
    parts = [
        "<!-- Written by `make docs` from scripts/_deploy: change that. -->",
        "# Parameters",
        "What a deployment sets, and where a network has a value of its own. Money is in base units"
        " of the settlement token with 6 decimals, prices are per kWh, times are seconds.",
    ]
    text = (_DEPLOY / "defaults.yaml").read_text().partition("\nparameters:\n")[2]
    rows: list[str] = []
    for name, value, what, heading in _LINE.findall(text.partition("\n\n")[0]):
        if heading:
            rows = ["| Parameter | Default | Elsewhere | What |", "|---|---|---|---|"]
            parts += [f"## {heading.rstrip('.')}", rows]
            continue
        others = [
            f"{network}: {values[name]:,}" for network, values in own.items() if name in values
        ]
        rows.append(f"| `{name}` | {int(value):,} | {', '.join(others)} | {what} |")
    lines = ["\n".join(each) if isinstance(each, list) else each for each in parts]
    return {Path("reference/parameters.md"): "\n\n".join(lines) + "\n"}
