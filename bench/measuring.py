"""Every question of every contender, by turns, in rounds: processor time of a request, and what its caller
waits."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from bench.processes import seconds_of


class Done(NamedTuple):
    """How many requests were answered; seconds of processor time beside those of the processes; the seconds
    that each took."""

    count: int
    own: float = 0.0
    waits: list[float] | None = None


Work = Callable[[float], Done]
"""Asks for so many seconds."""


@dataclass
class Runner:
    """One contender's way to answer one question, the processes that work for it beside PostgreSQL, and what
    comes before each round."""

    work: Work
    processes: tuple[int, ...] = ()
    before: Callable[[], None] = lambda: None


@dataclass
class Measured:
    """What each round found, in milliseconds: processor time of a request, and the median of what callers
    waited."""

    milliseconds: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    @property
    def cost(self) -> float:
        """Milliseconds of processor time a request, in the median."""
        return statistics.median(self.milliseconds)

    @property
    def wait(self) -> float:
        """Milliseconds that a caller waits, in the median."""
        return statistics.median(self.waits)


Found = dict[str, dict[str, Measured]]


def measure(
    questions: dict[str, dict[str, Runner]],
    postgres: int,
    rounds: int,
    seconds: float,
    say: Callable[[str], None],
) -> Found:
    """By question and contender. The first round only warms up; contenders change places, so that none always
    comes first."""
    found: Found = {
        question: {name: Measured() for name in runners} for question, runners in questions.items()
    }
    for number in range(rounds + 1):
        for question, runners in questions.items():
            for name in sorted(runners, reverse=bool(number % 2)):
                done, used = run(runners[name], seconds if number else 1, postgres)
                if number and done.count:
                    found[question][name].milliseconds.append(1000 * used / done.count)
                    if done.waits:
                        found[question][name].waits.append(1000 * statistics.median(done.waits))
        say(f"round {number} of {rounds}" if number else "warmed up")
    return found


def run(runner: Runner, seconds: float, *others: int) -> tuple[Done, float]:
    """What a runner did, and the seconds of processor time that its processes and the others took for it."""
    runner.before()
    before = seconds_of(*runner.processes, *others)
    done = runner.work(seconds)
    return done, seconds_of(*runner.processes, *others) - before + done.own


def ratios(more: list[float], less: list[float]) -> list[float]:
    """Round by round: what disturbs a round disturbs both."""
    return [one / other for one, other in zip(more, less, strict=False) if other]
