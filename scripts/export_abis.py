"""Ship the compiled ABIs, and the classes of their events and errors, with the package:
`ape run export_abis`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from scripts._deploy.errors import one_line

FOLDER = Path(__file__).resolve().parents[1] / "energy_grid/contracts/abis"


@click.command()
def cli() -> None:
    """Write what the package ships of every deployed contract."""
    from scripts._artifacts import load_artifacts, load_interfaces
    from scripts._deploy.plan import GROUP, STANDALONE
    from scripts._typed import generated

    names = (*STANDALONE, *GROUP)
    with one_line():
        artifacts = load_artifacts(names)
        files = {
            FOLDER / f"{name}.json": json.dumps(artifact.abi, indent=2) + "\n"
            for name, artifact in artifacts.items()
        }
        for path, text in (files | generated(artifacts, load_interfaces(names))).items():
            path.write_text(text)
            click.echo(path)
