"""Random examples and state machines on a chain: each example begins where the test began."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ClassVar, Protocol

import hypothesis.stateful
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tests.support.market import Market

__all__ = [
    "ChainMachine",
    "Drive",
    "Seeds",
    "drive",
    "live_all",
    "on_chain",
    "rewound",
    "rule",
    "seeds",
]

# The market of a test is shared by its examples, and `rewound` puts it back after each. Hypothesis
# would shrink a failure for minutes here: it is printed as it was found, with what repeats it.
on_chain = settings(
    deadline=None,
    max_examples=25,
    print_blob=True,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
# A soak goes on with the next seed after so many times as many examples as a test has.
_SOAK_EXAMPLES = 10
_SOAK_SEEDS = 100


@contextmanager
def rewound(market: Market) -> Iterator[None]:
    """Whatever happens inside is undone at the end."""
    before = market.node.snapshot()
    funded = set(market._funded)
    try:
        yield
    finally:
        market.node.revert(before)
        market._funded.intersection_update(funded)


class ChainMachine(RuleBasedStateMachine):
    """A state machine at a market, run by `drive`, which counts the calls of its rules, also those
    that another rule makes."""

    market: ClassVar[Market]
    calls: ClassVar[Counter[str]]


def rule(**strategies: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """As Hypothesis's, for a `ChainMachine`."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def counted(machine: ChainMachine, *given: Any, **drawn: Any) -> Any:
            machine.calls[function.__name__] += 1
            return function(machine, *given, **drawn)

        decorated: Callable[..., Any] = hypothesis.stateful.rule(**strategies)(counted)
        return decorated

    return decorate


class Drive(Protocol):
    """`drive`, as the options of the test run say."""

    def __call__(
        self, kind: type[ChainMachine], market: Market, *, examples: int, steps: int
    ) -> None: ...


def drive(
    kind: type[ChainMachine],
    market: Market,
    *,
    examples: int,
    steps: int,
    first_seed: int | None = None,
    calls: int = 0,
) -> None:
    """Run a machine for so many examples of so many rules each; at least until ``calls`` rules
    were called, which are then printed."""
    machine = type(kind.__name__, (kind,), {"market": market, "calls": Counter()})
    number = start = secrets.randbits(32) if first_seed is None else first_seed
    count = examples * _SOAK_EXAMPLES if calls else examples
    limits = settings(on_chain, max_examples=count, stateful_step_count=steps)
    began = time.monotonic()
    while True:
        try:
            run_state_machine_as_test(seed(number)(machine), settings=limits)
        except BaseException as error:
            error.add_note(f"{kind.__name__} failed: repeat with --hypothesis-seed={number}")
            raise
        number += 1
        if machine.calls.total() >= calls:
            break
    if calls:
        seconds = time.monotonic() - began
        print(f"\n{kind.__name__}: {machine.calls.total():,} calls in {seconds:,.0f} s,", end=" ")
        print(f"seeds {start} to {number - 1}, {count} examples of {steps} calls each")
        for name, times in machine.calls.most_common():
            print(f"{times:>10,} {name}")


class Seeds(Protocol):
    """`seeds`, as the options of the test run say."""

    def __call__(self, count: int) -> range: ...


def seeds(count: int, *, first_seed: int | None = None, soak: bool = False) -> range:
    """So many seeds that follow each other, others in every run; a hundred times as many in a
    soak."""
    start = secrets.randbits(32) if first_seed is None else first_seed
    return range(start, start + count * (_SOAK_SEEDS if soak else 1))


def live_all(worlds: range, live: Callable[[int], object]) -> None:
    """A life of every seed; a failure says of which, and `pytest -rP` what was lived."""
    began = time.monotonic()
    for number in worlds:
        try:
            live(number)
        except BaseException as error:
            error.add_note(f"repeat with --hypothesis-seed={number}")
            raise
    seconds = time.monotonic() - began
    print(f"\n{len(worlds)} worlds in {seconds:,.0f} s, seeds {worlds.start} to {worlds.stop - 1}")
