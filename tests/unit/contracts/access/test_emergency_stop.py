"""The stop and the authority, which all contracts that have one inherit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.core.attack_suite import Street
from tests.support.core.chain import refused
from tests.support.core.meter_suite import REGISTRAR

STOPPABLE = ("Settlement", "EnergyTrading", "PeerToPeerTrading")
MANAGED = (
    *STOPPABLE,
    *("Tariffs", "EnergyAccounts", "GridManagement", "SmartMeter"),
    *("PriceOracle", "WeatherOracle", "GridOracle"),
)
STRANGER = "0x" + 40 * "5"
RUNNING, PAUSED, SHUTDOWN = range(3)
STEPS = {"pause": PAUSED, "unpause": RUNNING, "shutdown": SHUTDOWN}


@pytest.fixture(scope="module")
def deployed() -> Street:
    """All contracts; the registrar may do everything."""
    return Street()


@pytest.fixture
def street(deployed: Street) -> Iterator[Street]:
    """Running, again for each test."""
    mark = deployed.chain.snapshot()
    yield deployed
    deployed.chain.revert(mark)


@pytest.mark.parametrize("name", STOPPABLE)
def test_stop__each_step__is_reported_and_fits_its_level(street: Street, name: str) -> None:
    """pause and unpause, then shutdown for good, from either level."""
    contract, level = street[name], RUNNING
    for before in (["pause", "unpause"], ["pause"]):
        mark = street.chain.snapshot()
        for step in (*before, "shutdown"):
            assert contract.stopLevel() == level
            for other, aim in STEPS.items():
                if fits(level, aim):
                    continue
                with refused("EmergencyStop_WrongLevel", level):
                    contract.call(other, by=REGISTRAR)
            contract.call(step, by=REGISTRAR)
            level = STEPS[step]
            ((_, event, values),) = street.chain.logs
            assert (event, values["level"], values["by"].lower()) == (
                *("StopLevelChanged", level),
                REGISTRAR.lower(),
            )
        for step in STEPS:
            with refused("EmergencyStop_WrongLevel", SHUTDOWN):
                contract.call(step, by=REGISTRAR)
        street.chain.revert(mark)
        level = RUNNING


def fits(level: int, aim: int) -> bool:
    """Whether a step leads from a level to its aim."""
    if aim == SHUTDOWN:
        return level != SHUTDOWN
    return level == (RUNNING if aim == PAUSED else PAUSED)


@pytest.mark.parametrize("name", STOPPABLE)
def test_stop__by_a_stranger__is_refused(street: Street, name: str) -> None:
    for step in STEPS:
        with refused("AccessManagedUnauthorized", STRANGER):
            street[name].call(step, by=STRANGER)


@pytest.mark.parametrize("name", STOPPABLE)
def test_stop__of_one_contract__leaves_the_others_running(street: Street, name: str) -> None:
    street[name].shutdown(by=REGISTRAR)
    assert [street[other].stopLevel() for other in STOPPABLE] == [
        SHUTDOWN if other == name else RUNNING for other in STOPPABLE
    ]


@pytest.mark.parametrize("name", MANAGED)
def test_set_authority__by_the_manager_alone__is_another_contract(
    street: Street, name: str
) -> None:
    """The successor decides from then on: any contract will do, which is only asked, and says
    no."""
    contract, manager, successor = street[name], street.manager, street.token.address
    for caller in (STRANGER, REGISTRAR):
        with refused("AccessManagedUnauthorized", caller):
            contract.setAuthority(successor, by=caller)
    with refused("AccessManagedInvalidAuthority", STRANGER):
        manager.updateAuthority(contract.address, STRANGER, by=REGISTRAR)
    manager.updateAuthority(contract.address, successor, by=REGISTRAR)
    assert contract.authority() == successor
    if name in STOPPABLE:
        with refused("AccessManagedUnauthorized", REGISTRAR):
            contract.pause(by=REGISTRAR)
