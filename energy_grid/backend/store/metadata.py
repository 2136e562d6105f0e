"""What all tables share: the naming of their constraints, and integers of any size."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Dialect, MetaData, Numeric
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

__all__ = ["METADATA", "Wide", "integer"]

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_DIGITS = 78
_INTEGER_BITS = 63


class _AsItIs(UserDefinedType[Any]):
    """A column of SQLite that changes nothing: every other kind makes large numbers floats."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "BLOB"


class Wide(TypeDecorator[int]):
    """An integer of up to 256 bits, exact on both databases.

    PostgreSQL has decimals of any length. SQLite has integers of 64 bits: what is larger it gets as
    78 digits, which it sorts behind all integers, so that the order is that of the numbers. Those
    below -2^63 are exact, but not in order.
    """

    impl = Numeric(_DIGITS, 0)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(_AsItIs())
        return dialect.type_descriptor(Numeric(_DIGITS, 0))

    def process_bind_param(self, value: int | None, dialect: Dialect) -> Any:
        is_small = value is None or -(2**_INTEGER_BITS) <= value < 2**_INTEGER_BITS
        return value if is_small or dialect.name != "sqlite" else f"{value:0{_DIGITS}}"

    def process_result_value(self, value: Any, dialect: Dialect) -> int | None:
        return None if value is None else int(value)


def integer(bits: int) -> TypeEngine[int]:
    """The column type of whole numbers of so many bits, without a sign."""
    return BigInteger() if bits <= _INTEGER_BITS else Wide()
