"""The options of `scoreboard loadtest run`, and the plan that they make."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.arguments import read_board
from cli.loadtest.expressions import (
    parse_distribution,
    parse_duration,
    parse_mix,
    parse_rate,
    parse_stages,
)
from cli.loadtest.objectives import Term, parse_objectives
from cli.loadtest.plan import Grant, Plan, Segment, Target
from scoreboard.domain.identifiers import MAIN_BOARD, BoardId

if TYPE_CHECKING:
    from scoreboard.settings import Settings

DEFAULT_DURATION_S = 10.0
DEFAULT_TIMEOUT_S = 10.0
DEFAULT_MIX = {"increment": 80, "top": 15, "user": 5}
ACTION_LIFE_MAX_S = 300
CONNECTIONS_MAX = 20_000
WATCHERS_MAX = 20_000
USERS_MAX = 1_000_000
REQUESTS_MAX = 1_000_000_000
PROCESSES_MAX = 64
VIEW = "top:10"

# Any: Typer takes no container for the result of a parser. `Options` names the true types.

UrlOption = Annotated[str, typer.Option(help="Where the scoreboard is.")]
BoardOption = Annotated[
    BoardId | None,
    typer.Option(
        "--board",
        parser=read_board,
        metavar="BOARD",
        help="The board; must be named if the run writes.  [default: main, only to read]",
    ),
]
ConnectionsOption = Annotated[
    int, typer.Option(min=1, max=CONNECTIONS_MAX, help="Open connections, of all processes.")
]
RateOption = Annotated[
    float | None,
    typer.Option(
        parser=parse_rate,
        metavar="PER_S",
        help="Open loop: so many requests a second, however long answers take. Without it each "
        "connection waits for its answer (closed loop).",
    ),
]
DurationOption = Annotated[
    float | None,
    typer.Option(
        parser=parse_duration,
        metavar="TIME",
        help="How long requests are sent.  [default: 10s, or until --requests are]",
    ),
]
RequestsOption = Annotated[
    int | None, typer.Option(min=1, max=REQUESTS_MAX, help="End after so many requests.")
]
RampOption = Annotated[
    float | None,
    typer.Option(
        parser=parse_duration,
        metavar="TIME",
        help="Raise the rate, or the connections in use, evenly from none at first.",
    ),
]
StagesOption = Annotated[
    Any,
    typer.Option(
        parser=parse_stages,
        metavar="STAGES",
        help="Open loop whose rate changes: 100:10s,500:30s.",
    ),
]
MixOption = Annotated[
    Any,
    typer.Option(
        parser=parse_mix,
        metavar="MIX",
        help="Weights of the operations.  [default: increment=80,top=15,user=5]",
    ),
]
UsersOption = Annotated[
    int, typer.Option(min=1, max=USERS_MAX, help="Users who take part; the same in every run.")
]
DistributionOption = Annotated[
    float | None,
    typer.Option(
        parser=parse_distribution,
        metavar="HOW",
        help="How users are drawn: uniform, or zipf:1.1 for a few busy ones.  [default: uniform]",
    ),
]
GrantOption = Annotated[
    Grant,
    typer.Option(
        help="ahead: sign action tokens with the key file. live: ask POST /actions for each; a "
        "grant does not count as an answer, only the increment after it."
    ),
]
WatchersOption = Annotated[
    int, typer.Option(min=0, max=WATCHERS_MAX, help=f"WebSockets that watch {VIEW}.")
]
ProcessesOption = Annotated[
    int, typer.Option(min=1, max=PROCESSES_MAX, help="Processes that make the load.")
]
TimeoutOption = Annotated[
    float | None,
    typer.Option(
        parser=parse_duration, metavar="TIME", help="Give up an answer after.  [default: 10s]"
    ),
]
SloOption = Annotated[
    Any,
    typer.Option(
        "--slo",
        parser=parse_objectives,
        metavar="TERMS",
        help="Exit code 1 unless all hold: p99<50ms,errors<0.1%,throughput>1000/s.",
    ),
]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Write the result as JSON, for a report; `-` is stdout, without the summary.",
    ),
]
OwnedOption = Annotated[
    bool,
    typer.Option(
        "--yes-i-own-this-server", help="Allow a --url that is not this machine; it is yours."
    ),
]


@dataclass(frozen=True, slots=True)
class Options:
    """As they were given; None where the user left the choice to us."""

    url: str
    board: BoardId | None
    connections: int
    rate: float | None
    duration: float | None
    requests: int | None
    ramp: float | None
    stages: list[tuple[float, float]] | None
    mix: dict[str, int] | None
    users: int
    distribution: float | None
    grant: Grant
    watchers: int
    processes: int
    timeout: float | None
    slo: list[Term] | None
    output: Path | None
    as_json: bool
    yes_i_own_this_server: bool

    def check(self) -> None:
        """Raises BadParameter where options contradict each other."""
        if self.board is None and "increment" in self._mix:
            raise typer.BadParameter(
                "--board must say which board to write to, because events are append-only: the "
                "made-up users stay on it. Make one with `scoreboard boards create loadtest`."
            )
        if self.stages and (self.rate or self.ramp or self.duration):
            raise typer.BadParameter("--stages say it all: leave --rate, --ramp, --duration out.")
        if self.processes > self.connections:
            raise typer.BadParameter("--processes may not be more than --connections.")
        duration_s = self._duration_s()
        if self.ramp and duration_s is not None and self.ramp > duration_s:
            raise typer.BadParameter("--ramp may not be longer than --duration.")
        if not self.watchers and any(each.is_of_watchers for each in self.slo or ()):
            raise typer.BadParameter("--slo speaks of watchers: add some with --watchers.")

    def plan(self, target: Target, settings: Settings) -> Plan:
        """The plan of the whole run, before it is split."""
        return Plan(
            target=target,
            board=self.board or MAIN_BOARD,
            mix=self._mix,
            segments=self._segments(),
            connections=self.connections,
            duration_s=self._duration_s(),
            ramp_s=self.ramp or 0.0,
            requests=self.requests,
            users=self.users,
            zipf=self.distribution or 0.0,
            grant=self.grant,
            watchers=self.watchers,
            view=VIEW,
            timeout_s=self.timeout or DEFAULT_TIMEOUT_S,
            keys_file=str(settings.keys_file),
            issuer=settings.issuer,
            action_life_s=min(settings.action_life_max_s, ACTION_LIFE_MAX_S),
        )

    def describe(self, plan: Plan) -> dict[str, str | int | float | bool | None]:
        """The configuration for the result; holds no secret."""
        return {
            "url": plan.target.url,
            "board": plan.board,
            "loop": "open" if plan.segments else "closed",
            "rate": self.rate,
            "stages": ",".join(f"{rate:g}:{lasts:g}s" for rate, lasts in self.stages or ()) or None,
            "connections": plan.connections,
            "durationS": plan.load_lasts_s,
            "rampS": plan.ramp_s,
            "requests": plan.requests,
            "mix": ",".join(f"{name}={weight}" for name, weight in plan.mix.items()),
            "users": plan.users,
            "distribution": f"zipf:{plan.zipf:g}" if plan.zipf else "uniform",
            "grant": plan.grant,
            "watchers": plan.watchers,
            "processes": self.processes,
            "timeoutS": plan.timeout_s,
        }

    @property
    def _mix(self) -> dict[str, int]:
        return self.mix or DEFAULT_MIX

    def _duration_s(self) -> float | None:
        if self.duration is not None:
            return self.duration
        if self.requests is None:
            return DEFAULT_DURATION_S
        if self.rate is None:
            return None
        # Within a ramp half as many arrive as after it.
        return self.requests / self.rate + (self.ramp or 0.0) / 2

    def _segments(self) -> tuple[Segment, ...]:
        if self.stages:
            return tuple(Segment(rate, rate, lasts_s) for rate, lasts_s in self.stages)
        duration_s = self._duration_s()
        if self.rate is None or duration_s is None:
            return ()
        ramp_s = self.ramp or 0.0
        rising = (Segment(0.0, self.rate, ramp_s),) if ramp_s else ()
        level = Segment(self.rate, self.rate, duration_s - ramp_s)
        return (*rising, level) if level.lasts_s > 0 else rising
