"""Events of SafeProxyFactory.

Made by `ape run export_abis` from the contracts: change those, not this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from energy_grid.chain.event_log import EventLog

__all__ = [
    "SafeProxyFactory_ChainSpecificProxyCreationL2",
    "SafeProxyFactory_ProxyCreation",
    "SafeProxyFactory_ProxyCreationL2",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeProxyFactory_ChainSpecificProxyCreationL2(EventLog):
    """``ChainSpecificProxyCreationL2(contract SafeProxy indexed proxy, address singleton, bytes
    initializer, uint256 saltNonce, uint256 chainId)``
    """

    contract: ClassVar[str] = "SafeProxyFactory"
    event: ClassVar[str] = "ChainSpecificProxyCreationL2"

    proxy: str
    singleton: str
    initializer: bytes
    salt_nonce: int
    chain_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeProxyFactory_ProxyCreation(EventLog):
    """``ProxyCreation(contract SafeProxy indexed proxy, address singleton)``"""

    contract: ClassVar[str] = "SafeProxyFactory"
    event: ClassVar[str] = "ProxyCreation"

    proxy: str
    singleton: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeProxyFactory_ProxyCreationL2(EventLog):
    """``ProxyCreationL2(contract SafeProxy indexed proxy, address singleton, bytes initializer,
    uint256 saltNonce)``
    """

    contract: ClassVar[str] = "SafeProxyFactory"
    event: ClassVar[str] = "ProxyCreationL2"

    proxy: str
    singleton: str
    initializer: bytes
    salt_nonce: int
