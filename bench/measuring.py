"""Every question of every contender, by turns, in rounds: requests a second, and processor time for each request."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from bench.processes import seconds_of


class Done(NamedTuple):
    """How much was answered; seconds of processor time beside those of the processes; how long it took, where that is not all the time."""

    count: int
    own: float = 0.0
    seconds: float | None = None


Work = Callable[[float], Done]
"""Asks for so many seconds."""


@dataclass
class Runner:
    """One contender's way to answer one question, the processes that work for it beside PostgreSQL, and what comes before each round."""

    work: Work
    processes: tuple[int, ...] = ()
    before: Callable[[], None] = lambda: None


@dataclass
class Measured:
    """What each round found."""

    rates: list[float] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Requests a second, in the median."""
        return statistics.median(self.rates)

    @property
    def cost(self) -> float:
        """Milliseconds of processor time a request, in the median."""
        return statistics.median(self.milliseconds)


Found = dict[str, dict[str, Measured]]


def measure(asked: dict[str, dict[str, Runner]], postgres: int, rounds: int, seconds: float, told: Callable[[str], None]) -> Found:
    """By question and contender. The first round only warms up; contenders change places, so that none always comes first."""
    found: Found = {question: {name: Measured() for name in runners} for question, runners in asked.items()}
    for number in range(rounds + 1):
        for question, runners in asked.items():
            for name in sorted(runners, reverse=bool(number % 2)):
                runner = runners[name]
                runner.before()
                before, began = seconds_of(*runner.processes, postgres), time.monotonic()
                done = runner.work(seconds if number else 1)
                passed = done.seconds or time.monotonic() - began
                used = seconds_of(*runner.processes, postgres) - before + done.own
                if number and done.count:
                    found[question][name].rates.append(done.count / passed)
                    found[question][name].milliseconds.append(1000 * used / done.count)
        told(f"round {number} of {rounds}" if number else "warmed up")
    return found


def ratios(more: list[float], less: list[float]) -> list[float]:
    """Round by round: what disturbs a round disturbs both."""
    return [one / other for one, other in zip(more, less, strict=False) if other]
