"""Records the deployment on a local chain for `energy_grid.backend.local_market`: part of `make
contracts`."""

from __future__ import annotations

import json
import lzma
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from energy_grid.backend import local_market
from energy_grid.chain.rpc.anvil import Anvil

_ROOT = Path(__file__).resolve().parents[1]
# A gateway proves what it has read once its day is settled: events wait for that.
_PARAMETERS = {"slotLength": 3600, "verificationTime": 86_400}


def main() -> None:
    """Deploy on a fresh Anvil, and write down what was sent."""
    with TemporaryDirectory() as folder, Anvil() as node:
        file = Path(folder) / "deployment.json"
        command = [str(Path(sys.executable).with_name("ape")), "run", "deploy"]
        command += ["--network", f"ethereum:local:{node.url}", "--deployment-file", str(file)]
        for name, value in _PARAMETERS.items():
            command += ["--set", f"{name}={value}"]
        environment = {"APE_DATA_FOLDER": str(_ROOT / ".ape"), **os.environ}
        subprocess.run(command, cwd=_ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        names = [
            name
            for number in range(1, node.block_number + 1)
            for name in node.block(number)["transactions"]
        ]
        record = {
            "deployment": json.loads(file.read_text()),
            "transactions": [node.rpc("eth_getRawTransactionByHash", name) for name in names],
        }
    target = Path(local_market.__file__).with_name(local_market.FILE)
    target.write_bytes(lzma.compress(json.dumps(record).encode()))
    print(f"wrote {len(names)} transactions to {target.relative_to(_ROOT)}")


if __name__ == "__main__":
    main()
