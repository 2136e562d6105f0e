"""Markets with certificates."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.contracts.certificates.world import CertificateWorld


@pytest.fixture(scope="module")
def deployed() -> CertificateWorld:
    """The plant is read to FIRST."""
    return CertificateWorld()


@pytest.fixture
def world(deployed: CertificateWorld) -> Iterator[CertificateWorld]:
    """As new, for each test."""
    mark = deployed.chain.snapshot()
    kept = dict(deployed.registers), dict(deployed.read_to)
    yield deployed
    deployed.chain.revert(mark)
    deployed.registers, deployed.read_to = kept
