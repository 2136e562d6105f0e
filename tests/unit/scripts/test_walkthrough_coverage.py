"""What a walkthrough counts as shown, and as impossible to show."""

from __future__ import annotations

from scripts._walkthrough.coverage import Coverage

CAST = "SafeCastOverflowedUintDowncast"


def test_missing__error_that_one_contract_cannot_raise__is_not_asked_for() -> None:
    coverage = Coverage(("SmartMeter",))
    assert CAST in coverage.unreachable
    assert not any(CAST in line for line in coverage.missing())


def test_missing__another_contract_declares_the_error_too__is_asked_for() -> None:
    coverage = Coverage(("SmartMeter", "PriceOracle"))
    assert CAST not in coverage.unreachable
    assert f"{CAST} was not provoked" in coverage.missing()


def test_missing__unreachable_error_was_raised__is_named() -> None:
    coverage = Coverage(("SmartMeter",))
    coverage.refuses(CAST)
    assert f"{CAST} is not unreachable" in coverage.missing()


def test_missing__function_was_refused__still_counts_as_not_called() -> None:
    coverage = Coverage(("SmartMeter",))
    address = "0x" + 40 * "1"
    (abi,) = coverage.abis.values()
    coverage.watch(abi, address)
    selector = next(each.selector for each in abi.functions.values() if each.name == "meterCount")
    coverage.calls(address, selector, refused=True)
    assert "SmartMeter.meterCount() was not called" in coverage.missing()
    coverage.calls(address, selector)
    assert "SmartMeter.meterCount() was not called" not in coverage.missing()
