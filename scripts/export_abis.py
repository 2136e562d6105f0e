"""Ship the compiled ABIs with the package: `ape run export_abis`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from scripts._deploy.errors import one_line

FOLDER = Path(__file__).resolve().parents[1] / "energy_grid/adapters/chain/abis"


@click.command()
def cli() -> None:
    """Write the ABI of every deployed contract to where the package reads it."""
    from scripts._artifacts import load_artifacts
    from scripts._deploy.plan import GROUP, STANDALONE

    with one_line():
        for name, artifact in load_artifacts((*STANDALONE, *GROUP)).items():
            path = FOLDER / f"{name}.json"
            path.write_text(json.dumps(artifact.abi, indent=2) + "\n")
            click.echo(path)
