"""A folder for files of signed orders, such as ``energy-grid order sign`` writes.

    orders/street.json                put there whole: written under a name that begins with a dot
    orders/taken/street.json          once the engine has read it
    orders/taken/street.answers.json  [{"order": "0x..", "state": "RECEIVED"}, ..

An answer has an order's hash, its state, and for a rejected one the ``reason``; ``refused`` instead
says that an account has too many. What is no order has only ``malformed``, with its place in the
file and what is wrong with it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from energy_grid.backend.trading_engine.door import Door, TooManyOrdersError
from energy_grid.backend.trading_engine.states import OrderState
from energy_grid.chain.files import rewritten
from energy_grid.client import EnergyGrid
from energy_grid.domain.batch import Refusal
from energy_grid.errors import InputError
from energy_grid.market.order_file import sift_orders

__all__ = ["Inbox"]

_POLL_SECONDS = 1.0


class Inbox:
    """Brings files of orders to the engine's door; a `Service`.

    A file that was read when the process ended is read again: an order that is known keeps its
    place, and gives the same answer.

    Args:
        folder: where the files are looked for.
    """

    name = "inbox"

    def __init__(self, market: EnergyGrid, door: Door, folder: Path) -> None:
        self._domain, self._door, self._folder = market.trading_domain, door, folder
        self._taken = folder / "taken"
        self._taken.mkdir(parents=True, exist_ok=True)
        self._files = 0
        self._states: Counter[OrderState] = Counter()

    def step(self) -> float:
        """Take a file, if there is one.

        Raises:
            ChainError, DatabaseGoneError: take the step again after a while.
        """
        files = sorted(self._folder.glob("[!.]*.json"))
        if not files:
            return _POLL_SECONDS
        file = files[0]
        answers = self._answers(file)
        with rewritten(self._taken / f"{file.stem}.answers.json") as stream:
            stream.write("[\n" + ",\n".join(map(json.dumps, answers)) + "\n]\n")
        file.replace(self._taken / file.name)
        self._files += 1
        return 0.0

    def describe(self) -> str:
        """How many files and orders were taken since the start."""
        states = ", ".join(f"{count} {state.lower()}" for state, count in self._states.items())
        return f"{self._files} files of orders{f': {states}' if states else ''}"

    def metrics(self) -> Mapping[str, float]:
        """Files and orders since the start."""
        return {"files_total": self._files, "orders_total": self._states.total()}

    def _answers(self, file: Path) -> list[dict[str, str]]:
        try:
            orders, malformed = sift_orders(file, self._domain)
        except InputError as error:
            return [{"malformed": str(error)}]
        answers = []
        for order in orders:
            try:
                receipt = self._door.submit(order)
            except TooManyOrdersError as error:
                answers.append({"order": f"0x{error.order_hash.hex()}", "refused": str(error)})
                continue
            self._states[receipt.state] += 1
            answer = {"order": f"0x{receipt.order_hash.hex()}", "state": receipt.state.value}
            reason = {} if receipt.reason is Refusal.NONE else {"reason": receipt.reason.name}
            answers.append(answer | reason)
        return [*answers, *({"malformed": each} for each in malformed)]
