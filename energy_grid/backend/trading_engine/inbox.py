"""A folder for files of signed orders, such as ``energy-grid order sign`` writes.

    orders/street.json                put there whole: written under a name that begins with a dot
    orders/taken/street.json          once the engine has read it
    orders/taken/street.answers.json  [{"order": "0x..", "state": "RECEIVED"}, ..

An answer has an order's hash, its state, and for a rejected one the ``reason``; ``refused`` instead
says that an account has too many. What is no order has only ``malformed``, with its place in the
file and what is wrong with it.
"""

from __future__ import annotations

import errno
import json
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from energy_grid.backend.trading_engine.door import Door, TooManyOrdersError
from energy_grid.backend.trading_engine.states import OrderState
from energy_grid.chain.files import rewritten
from energy_grid.client import EnergyGrid
from energy_grid.domain.batch import Refusal
from energy_grid.domain.signed_orders import SignedOrder
from energy_grid.errors import InputError
from energy_grid.market.order_file import sift_orders

__all__ = ["Inbox"]

_POLL_SECONDS = 1.0
# Orders of a step, and characters of a file's name that its answers have.
_AT_ONCE, _NAME = 200, 200
# Errors that end by themselves: no room on the disk.
_FULL = (errno.ENOSPC, errno.EDQUOT)
_Answers = list[dict[str, str]]
# A file, its orders that are left, and the answers behind and before those.
_Reading = tuple[Path, list[SignedOrder], _Answers, _Answers]


class Inbox:
    """Brings files of orders to the engine's door; a `Service`.

    A file that was read when the process ended is read again: an order that is known keeps its
    place, and gives the same answer.

    Args:
        folder: where the files are looked for.
    """

    name = "inbox"

    def __init__(
        self,
        market: EnergyGrid,
        door: Door,
        folder: Path,
        *,
        log: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._log, self._bad = log, set[Path]()
        self._reading: _Reading | None = None
        self._domain, self._door, self._folder = market.trading_domain, door, folder
        self._taken = folder / "taken"
        self._taken.mkdir(parents=True, exist_ok=True)
        self._files = 0
        self._states: Counter[OrderState] = Counter()

    def step(self) -> float:
        """Take some orders of a file, if there is one.

        Raises:
            ChainError, DatabaseGoneError: take the step again after a while.
        """
        if self._reading is None:
            files = [each for each in self._folder.glob("[!.]*.json") if each not in self._bad]
            if not files:
                return _POLL_SECONDS
            self._reading = self._begun(min(files))
        file, orders, malformed, answers = self._reading
        for order in orders[:_AT_ONCE]:
            answers.append(self._answer(order))
        del orders[:_AT_ONCE]
        if orders:
            return 0.0
        self._reading = None
        answers += malformed
        try:
            with rewritten(self._taken / f"{file.stem[:_NAME]}.answers.json") as stream:
                stream.write("[\n" + ",\n".join(map(json.dumps, answers)) + "\n]\n")
            file.replace(self._taken / file.name)
        except OSError as error:
            if error.errno in _FULL:
                raise
            # Others do not wait for a file that cannot be put away.
            self._bad.add(file)
            self._log(f"{self.name}: {file.name} stays where it is: {error.strerror}")
        self._files += 1
        return 0.0

    def describe(self) -> str:
        """How many files and orders were taken since the start."""
        states = ", ".join(f"{count} {state.lower()}" for state, count in self._states.items())
        return f"{self._files} files of orders{f': {states}' if states else ''}"

    def metrics(self) -> Mapping[str, float]:
        """Files and orders since the start."""
        return {"files_total": self._files, "orders_total": self._states.total()}

    def _begun(self, file: Path) -> _Reading:
        """A file with the orders that are in it, and the answers to all else."""
        try:
            orders, malformed = sift_orders(file, self._domain)
        except InputError as error:
            return file, [], [{"malformed": str(error)}], []
        return file, list(orders), [{"malformed": each} for each in malformed], []

    def _answer(self, order: SignedOrder) -> dict[str, str]:
        try:
            receipt = self._door.submit(order)
        except TooManyOrdersError as error:
            return {"order": f"0x{error.order_hash.hex()}", "refused": str(error)}
        self._states[receipt.state] += 1
        answer = {"order": f"0x{receipt.order_hash.hex()}", "state": receipt.state.value}
        reason = {} if receipt.reason is Refusal.NONE else {"reason": receipt.reason.name}
        return answer | reason
