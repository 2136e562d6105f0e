"""How far the day is: a bar in a terminal, now and then a line anywhere else."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from energy_grid.cli.numbers import clock
from energy_grid.demo.calendar import Phase, Step
from energy_grid.demo.trading_day import DayPlan

__all__ = ["ProgressBar", "ProgressLines", "progress_for"]

_LINES = 6
_DOING = {Phase.TRADE: "signed orders", Phase.METER: "readings"}


class ProgressLines:
    """A few lines for the whole day."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._plan: DayPlan | None = None

    def log(self, line: str) -> None:
        """Print it."""
        self._console.print(line, style="dim" if line.startswith(" ") else None)

    def begin(self, plan: DayPlan) -> None:
        """The day begins."""
        self._plan = plan
        self.log(f"Living {plan.days[0].day} in {len(plan.slots)} slots")

    def step(self, step: Step) -> None:
        """Print a line when another part of the day is over."""
        if self._plan is None or step.phase is not Phase.METER or step.at <= self._plan.start:
            return
        count = len(self._plan.slots)
        done = (step.at - self._plan.start) // self._plan.slot_seconds
        if done % (count // _LINES) == 0:
            self.log(f"  until {clock(step.at)}: {done} of {count} slots read")

    def end(self) -> None:
        """The day is over."""
        self._plan = None


class ProgressBar(ProgressLines):
    """A bar that is gone when the day is over."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self._progress = Progress(
            TextColumn("  {task.description:<26}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )

    def begin(self, plan: DayPlan) -> None:
        """Show the bar."""
        super().begin(plan)
        self._progress.start()
        self._progress.add_task("", total=len(plan.steps))

    def step(self, step: Step) -> None:
        """Move it on."""
        done = f"{clock(step.at)} {_DOING[step.phase]}"
        self._progress.update(self._progress.task_ids[0], advance=1, description=done)

    def end(self) -> None:
        """Take it away, whether the day has ended well or not."""
        self._progress.stop()


def progress_for(console: Console) -> ProgressLines:
    """What suits a console."""
    return ProgressBar(console) if console.is_terminal else ProgressLines(console)
