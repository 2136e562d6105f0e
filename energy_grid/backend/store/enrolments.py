"""Invitations of households, and what has been signed for the registration of their meters."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, LargeBinary, String, Table

from energy_grid.backend.store.metadata import METADATA

__all__ = ["ENROLMENTS"]

ENROLMENTS = Table(
    "enrolments",
    METADATA,
    # Who knows it is invited.
    Column("id", String(32), primary_key=True),
    # What the registrar calls the household: its address, such as "Elm Street 4".
    Column("name", String(100), nullable=False),
    Column("meter", String(42), nullable=False, unique=True),
    Column("region", String(32), nullable=False),
    # W.
    Column("rated_power", BigInteger, nullable=False),
    Column("is_settlement", Boolean, nullable=False),
    # Unix seconds of the chain.
    Column("invited_at", BigInteger, nullable=False),
    # Whose meter it is to be; NULL until somebody has accepted.
    Column("account", String(42)),
    # Of the device's proof: its registers in Wh, and until when it can be registered so.
    Column("imported", BigInteger),
    Column("exported", BigInteger),
    Column("deadline", BigInteger),
    Column("proof", LargeBinary),
    # What the account's holder has signed.
    Column("consent", LargeBinary),
)
