"""Does it pay to default, to withhold, to keep grid energy, to trade with oneself? And would the
search notice if it did?"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from random import Random
from types import ModuleType
from typing import Any

import pytest

from tests.model import market as model
from tests.support import strategies
from tests.support.examples import Seeds
from tests.support.strategies import Strategy, World, best_attack, best_honest, outcome, play

WORLDS = 500
PARTS = 4
STEPS = 40


def gain(seed: int) -> int:
    """What the best attack found brings beyond the best honest strategy and rounding."""
    random = Random(seed)
    world = World.random(random)
    honest = best_honest(world)
    attack = best_attack(world, honest, random, STEPS)
    return outcome(world, attack) - outcome(world, honest) - world.tolerance


@pytest.mark.parametrize("part", range(PARTS))
def test_best_attack__random_worlds__gains_nothing(part: int, seeds: Seeds) -> None:
    for seed in seeds(WORLDS // PARTS):
        assert gain(seed) <= 0, f"repeat part {part} with --hypothesis-seed={seed}"


def test_best_honest__what_it_promises__is_what_comes_out() -> None:
    """Slots are independent, as the search for the honest best assumes; the books are in order."""
    random = Random(1)
    for _ in range(20):
        world = World.random(random)
        honest = best_honest(world)
        for strategy in (honest, best_attack(world, honest, random, STEPS)):
            play(world, strategy).check()
        for _ in range(10):
            assert outcome(world, another_honest(world, random)) <= outcome(world, honest)


def another_honest(world: World, random: Random) -> Strategy:
    flag = partial(random.choice, (False, True))
    first, second = (
        tuple(random.randint(min(0, -kwh), max(0, -kwh)) for kwh in profile)
        for profile in world.own
    )
    return Strategy(
        traded=(first, second),
        member=(flag(), flag()),
        keeps=((flag(), flag()), (flag(), flag())),
    )


BROKEN = {
    "nets are shared, not what is metered": {
        "return min(plus(rest), plus(net)), min(plus(-rest), plus(-net))": (
            "return plus(rest), plus(-rest)"
        )
    },
    "late readings are free": {"account.pending += charge": "account.pending += 0"},
    "a span pays its cheapest price": {"dearest = max(": "dearest = min("},
    "a span earns its highest feed-in": {"lowest = min(self": "lowest = max(self"},
    "purchases are kept and drawn free": {
        "kept = min(surplus, plus(net) - given, room)": "kept = min(surplus, room)",
        "- drawn * (price - value)": "- drawn * 0",
    },
    "purchases are kept and covered by the day's cheapest": {
        "kept = min(surplus, plus(net) - given, room)": "kept = min(surplus, room)",
        "- drawn * (price - value)": "- drawn * tariff.feed_in",
    },
}


def broken_market(lines: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """The model's class, from modules in which some lines are others."""
    modules = [each for name, each in sys.modules.items() if name.startswith(f"{model.__name__}.")]
    sources = {each.__name__: inspect.getsource(each) for each in (*modules, model)}
    whole = "".join(sources.values())
    assert all(whole.count(line) == 1 for line in lines)
    for name in _in_order(sources):
        source = sources[name].replace(model.__name__, "broken_market")
        for line, instead in lines.items():
            source = source.replace(line, instead)
        broken = ModuleType(name.replace(model.__name__, "broken_market"))
        monkeypatch.setitem(sys.modules, broken.__name__, broken)
        exec(compile(source, broken.__name__, "exec"), broken.__dict__)
    return broken.Market


def _in_order(sources: Mapping[str, str]) -> Iterator[str]:
    """Each after those that it imports; the package last."""
    done: set[str] = set()
    while len(done) < len(sources):
        for name, source in sources.items():
            imported = {other for other in sources if f"from {other} import" in source}
            if name not in done and imported <= done:
                done.add(name)
                yield name


@pytest.mark.parametrize("rule", BROKEN)
def test_best_attack__a_broken_rule__is_found(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strategies, "Market", broken_market(BROKEN[rule], monkeypatch))
    assert any(gain(seed) > 0 for seed in range(150))
