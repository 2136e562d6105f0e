"""The door for VENs: what each may read, and what of theirs is taken."""

from __future__ import annotations

from typing import Any

from energy_grid.backend.grid_service.openadr.callbacks import Callbacks
from energy_grid.backend.grid_service.openadr.clients import Ven, VenClients
from energy_grid.backend.grid_service.openadr.models import (
    ReportRequest,
    ResourceRequest,
    SubscriptionRequest,
    Written,
)
from energy_grid.backend.grid_service.openadr.notifier import begin_telling
from energy_grid.backend.grid_service.openadr.objects import ObjectKind, VenObjects
from energy_grid.backend.grid_service.openadr.opting import Opting
from energy_grid.backend.grid_service.openadr.signals import Signals
from energy_grid.backend.store.database import Database
from energy_grid.errors import EnergyGridError

__all__ = ["UnknownObjectError", "VenDoor"]


class UnknownObjectError(EnergyGridError):
    """An object names another one that there is not, or not for this VEN."""


class VenDoor:
    """What VENs do; threads may share it.

    Args:
        opting: opts out of events and in again.

    Attributes:
        clients: who VENs are.
        signals: what there is.
        objects: what they have written.
    """

    def __init__(
        self, database: Database, signals: Signals, callbacks: Callbacks, opting: Opting
    ) -> None:
        self.clients, self.signals = VenClients(database), signals
        self.objects = VenObjects(database)
        self._database, self._callbacks, self._opting = database, callbacks, opting

    def create(self, ven: Ven, kind: ObjectKind, written: Written) -> dict[str, Any]:
        """Keep a new object of a VEN.

        Raises:
            UnknownObjectError: it names an object that there is not.
            CallbackError: its callback does not want to be told.
            OptError: the VEN cannot opt so.
            TooMuchError, NameTakenError: as of `VenObjects`.
        """
        self._take(ven, written)
        made = self.objects.create(ven.author, kind, written)
        self._begin(ven, made["id"], written)
        return made

    def update(
        self, ven: Ven, kind: ObjectKind, name: str, written: Written
    ) -> dict[str, Any] | None:
        """Write an object anew; None: it is none of the VEN's.

        Raises:
            as `create`.
        """
        if self.objects.find(ven.author, kind, name) is None:
            return None
        self._take(ven, written)
        made = self.objects.update(ven.author, kind, name, written)
        if made is not None:
            self._begin(ven, name, written)
        return made

    def _take(self, ven: Ven, written: Written) -> None:
        """Do what an object asks for before it is kept."""
        if isinstance(written, ResourceRequest):
            if self.objects.find(ven.author, ObjectKind.VEN, written.ven_id) is None:
                raise UnknownObjectError(f"there is no ven {written.ven_id}: create it first")
        elif isinstance(written, ReportRequest):
            if self.signals.event(ven.account, written.event_id) is None:
                raise UnknownObjectError(
                    f"there is no event {written.event_id}, or it does not ask this VEN's account"
                )
            self._opting.follow(ven, written)
        elif isinstance(written, SubscriptionRequest):
            for url in dict.fromkeys(each.callback_url for each in written.object_operations):
                self._callbacks.require_willing(url)

    def _begin(self, ven: Ven, name: str, written: Written) -> None:
        if isinstance(written, SubscriptionRequest):
            begin_telling(self._database, self.signals, ven.account, name, written)
