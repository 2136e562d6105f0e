"""Somebody who reads the feed now and then, and has to be told everything exactly once."""

from __future__ import annotations

from energy_grid.backend.store.database import Database
from energy_grid.backend.store.news import OLDEST, Event, Void, newest_place, read_news

__all__ = ["Listener"]


class Listener:
    """Keeps what it was told, and lets go of what is void."""

    def __init__(self) -> None:
        self.place = OLDEST
        self.told: dict[tuple[int, int], Event] = {}

    def hear(self, url: str, most: int) -> bool:
        """Read on; gives whether there is more."""
        database = Database(url)
        with database.reading() as connection:
            end = newest_place(connection)
            for news in read_news(connection, self.place, most):
                assert news.place > self.place
                self.place = news.place
                for each in news.told:
                    if isinstance(each, Void):
                        void = range(each.first, each.last + 1)
                        self.told = {at: one for at, one in self.told.items() if at[0] not in void}
                    elif isinstance(each, Event):
                        at = each.block, each.log_index
                        assert at not in self.told, f"{at} was told twice"
                        self.told[at] = each
        database.close()
        return self.place < end

    def hear_all(self, url: str) -> dict[tuple[int, int], Event]:
        """Read to the end; gives what holds then."""
        while self.hear(url, most=50):
            pass
        return self.told
