"""`make mutants`: do the tests notice when a contract is wrong?

Draws changes of the contracts at random, and runs the contract tests against each, those of the
contract's own folder first, until one fails. What survives is shown as a diff: either a test is
missing, or the change alters nothing that anybody could see, which `equivalent.yaml` then says.

An interrupted run goes on where it was: the killed are kept in `.build/mutants`, the survivors are
tried again.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from threading import Lock

import yaml

from tests.mutants.compiling import Codes, changed_codes, sources, trees
from tests.mutants.deploying import DeploymentRefusedError, deployment, write_build
from tests.mutants.sites import Mutant, mutants_of
from tests.support.artifacts import BUILD, ROOT

_FOLDER = BUILD / "mutants"
_EQUIVALENT = Path(__file__).with_name("equivalent.yaml")
_NOT_MUTATED = ("contracts/mocks/", "contracts/interfaces/")
_WORKERS = 2
_TIMEOUT_SECONDS = 1800
_PASSED, _FAILED, _NOT_COLLECTED = 0, 1, 2
_UNIT, _INVARIANT, _ATTACKS = "tests/unit/contracts", "tests/invariant", "tests/attacks"
# Where the tests of a contract are, below `_UNIT`.
_TESTS = {
    "Settlement": "settlement",
    "EnergyAccounts": "energy",
    "Communities": "communities",
    "CommunityDays": "community_days",
    "Tariffs": "tariffs",
    "EnergyTrading": "trading",
    "PeerToPeerTrading": "spot",
    "SmartMeter": "metering",
    "GridManagement": "grid",
    "LoadMonitoring": "load",
    "GridOperatorVerification": "operators",
    "BalancingCoordination": "balancing",
    "StabilityMaintenance": "stability",
    "DemandResponse": "demand_response",
    "PriceOracle": "oracles",
    "WeatherOracle": "oracles",
    "GridOracle": "oracles",
    "EnergyAssetNFT": "assets",
    "AssetMetadata": "assets",
    "AssetShares": "shares",
    "CarbonCredits": "carbon",
    "EnergyToken": "tokens",
    "GovernanceToken": "tokens",
    "GridGovernor": "governance",
}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a mutant.

    Attributes:
        outcome: killed, survived, listed (as equivalent), equal (code), or uncompilable.
        by: what killed it.
    """

    mutant: Mutant
    outcome: str
    by: str = ""
    seconds: float = 0

    @property
    def counts(self) -> bool:
        return self.outcome in ("killed", "survived")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, default=150, help="that compile and alter the code")
    parser.add_argument("--least", type=float, default=99.0, help="percent to be killed")
    options = parser.parse_args()
    _FOLDER.mkdir(parents=True, exist_ok=True)
    results = _Campaign(options.seed, options.count).run()
    return _report(results, options.least)


class _Campaign:
    def __init__(self, seed: int, count: int) -> None:
        self._seed, self._count = seed, count
        self._drawn = _drawn(seed)
        self._equivalent = _equivalent(self._drawn)
        self._sent = deployment()
        content = json.dumps(sources(), sort_keys=True).encode()
        self._kept = _FOLDER / f"{seed}-{sha256(content).hexdigest()[:16]}.jsonl"
        self._before = _kept(self._kept)
        self._lock = Lock()
        self._next = iter(self._drawn)
        self._under_way = 0
        self._results: dict[Mutant, Result] = {}

    def run(self) -> list[Result]:
        """Results in the order in which their mutants were drawn."""
        with ThreadPoolExecutor(_WORKERS) as pool:
            for done in [pool.submit(self._work, number) for number in range(_WORKERS)]:
                done.result()
        return [self._results[each] for each in self._drawn if each in self._results]

    def _work(self, worker: int) -> None:
        folder = _FOLDER / f"worker-{worker}"
        while (mutant := self._take()) is not None:
            result = self._before.get(mutant)
            if result is None:
                began = time.monotonic()
                outcome, by = self._tried(mutant, folder)
                result = Result(mutant, outcome, by, round(time.monotonic() - began, 1))
            self._put(result)

    def _take(self) -> Mutant | None:
        """The next one, as long as all that are under way would not be enough."""
        with self._lock:
            counted = sum(result.counts for result in self._results.values())
            mutant = next(self._next, None) if counted + self._under_way < self._count else None
            self._under_way += mutant is not None
            return mutant

    def _put(self, result: Result) -> None:
        with self._lock:
            self._under_way -= 1
            self._results[result.mutant] = result
            if result.counts:
                print(f"{len(self._results):4} {_line(result)}", flush=True)
            if result.mutant not in self._before and result.outcome != "survived":
                with self._kept.open("a") as file:
                    file.write(json.dumps(asdict(result)) + "\n")

    def _tried(self, mutant: Mutant, folder: Path) -> tuple[str, str]:
        if _place(mutant) in self._equivalent:
            return "listed", ""
        changed = changed_codes(mutant)
        if changed is None:
            return "uncompilable", ""
        if not changed:
            return "equal", ""
        try:
            write_build(folder, changed, self._sent)
        except DeploymentRefusedError:
            return "killed", "the deployment"
        for paths in _stages(changed):
            failed = _failed_test(folder, paths)
            if failed is not None:
                return "killed", failed
        return "survived", ""


def _drawn(seed: int) -> list[Mutant]:
    """All mutants, in the order of the seed."""
    names = [name for name in sources() if not name.startswith(_NOT_MUTATED)]
    found = [
        mutant
        for name, tree in trees(names).items()
        for mutant in mutants_of(name, sources()[name], tree)
    ]
    random.Random(seed).shuffle(found)
    return found


def _stages(changed: Codes) -> Iterator[Sequence[str]]:
    """What is run one after the other: the nearest tests, the invariants, attacks, all others."""
    nearest = list(dict.fromkeys(f"{_UNIT}/{_TESTS[name]}" for name in changed if name in _TESTS))
    if nearest:
        yield nearest
    yield [_INVARIANT, _ATTACKS]
    yield [_UNIT, *(f"--ignore={path}" for path in nearest)]


def _failed_test(folder: Path, paths: Sequence[str]) -> str | None:
    """The first test that fails on this build; None if all pass."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n0", "-p", "no:cacheprovider"]
    tested = {"TESTED_BUILD": str(folder), "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "examples")}
    environment = {**os.environ, **tested}
    try:
        done = subprocess.run(
            [*command, "--hypothesis-seed=0", *paths],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"more than {_TIMEOUT_SECONDS} seconds"
    if done.returncode == _PASSED:
        return None
    if done.returncode not in (_FAILED, _NOT_COLLECTED):
        raise RuntimeError(f"pytest ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    found = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    return found[1] if found else "a test that could not start"


# Texts


def _place(mutant: Mutant) -> tuple[str, str, str, str]:
    """Where a mutant is and what it does, whatever the line's number."""
    before, after = _lines(mutant)
    return mutant.source, mutant.function, before, after


def _lines(mutant: Mutant) -> tuple[str, str]:
    """The lines of a change, before and after it, each as one without indentation."""
    content = sources()[mutant.source].encode()
    first = content.rfind(b"\n", 0, mutant.start) + 1
    last = content.find(b"\n", mutant.end)
    parts = content[first : mutant.start], content[mutant.end : last]
    before = content[first:last].decode()
    return " ".join(before.split()), " ".join(mutant.text.join(map(bytes.decode, parts)).split())


def _line(result: Result) -> str:
    mutant = result.mutant
    number = sources()[mutant.source].encode().count(b"\n", 0, mutant.start) + 1
    where = f"{mutant.source}:{number}"
    by = f" by {result.by}" if result.by else ""
    return f"{result.outcome:8} {mutant.operator:10} {where:50} {result.seconds:6.1f} s{by}"


def _equivalent(drawn: Sequence[Mutant]) -> set[tuple[str, str, str, str]]:
    """What is listed as equivalent.

    Raises:
        SystemExit: an entry is of no mutant that there is any more.
    """
    listed = {
        (entry["source"], entry["function"], entry["before"], entry["after"])
        for entry in yaml.safe_load(_EQUIVALENT.read_text()) or ()
    }
    for stale in listed - {_place(mutant) for mutant in drawn}:
        raise SystemExit(f"{_EQUIVALENT.name} lists what is no mutant: {stale}")
    return listed


def _kept(path: Path) -> dict[Mutant, Result]:
    if not path.exists():
        return {}
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    results = [Result(**{**entry, "mutant": Mutant(**entry["mutant"])}) for entry in entries]
    return {result.mutant: result for result in results}


def _report(results: Sequence[Result], least: float) -> int:
    """Print what came of it; gives the exit code."""
    counts: Mapping[str, Counter[str]] = {
        outcome: Counter(each.mutant.operator for each in results if each.outcome == outcome)
        for outcome in ("killed", "survived", "listed", "equal", "uncompilable")
    }
    print("\n" + f"{'operator':12}" + "".join(f"{outcome:>14}" for outcome in counts))
    for operator in sorted({each.mutant.operator for each in results}):
        figures = "".join(f"{counter[operator]:14}" for counter in counts.values())
        print(f"{operator:12}{figures}")
    print(f"{'all':12}" + "".join(f"{counter.total():14}" for counter in counts.values()))
    for result in results:
        if result.outcome == "survived":
            print(f"\n{_line(result)}\n{_diff(result.mutant)}")
    killed, survived = counts["killed"].total(), counts["survived"].total()
    percent = 100 * killed / max(killed + survived, 1)
    print(f"\n{killed} of {killed + survived} killed: {percent:.1f} %")
    return 0 if percent >= least else 1


def _diff(mutant: Mutant) -> str:
    before = sources()[mutant.source]
    lines = difflib.unified_diff(
        before.splitlines(),
        mutant.applied(before).splitlines(),
        mutant.source,
        f"{mutant.source} ({mutant.function}, {mutant.operator})",
        lineterm="",
    )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
