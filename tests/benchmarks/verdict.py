"""CPU of one verdict at 5 and at 200 rules, beside general engines and Python by hand."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import starmap
from typing import Any

import datalogic_py

from governance.compiling import Compiled
from governance.facts import Facts
from governance.tracing import trace
from governance.verdicts import EventSeen, Place
from tests.benchmarks import floor_verdict as floor
from tests.benchmarks import verdict_mix as mix
from tests.benchmarks.comparing import Differs, Line, compared, in_turn
from tests.benchmarks.scene import Scene
from tests.benchmarks.verdict_mix import Case
from tests.governance import judging

FEW, MANY = 5, 200
FASTER, GROWS, TRACE = 1 / 20, 2.0, 1.0
Asked = tuple[EventSeen, Facts, Place]


class Sides:
    """The same questions for everybody, each in the form they like best."""

    def __init__(self, rules: int, count: int) -> None:
        body = mix.policy(rules)
        self.rules = body["rules"]
        self.cases = mix.cases(body, count)
        self.compiled = judging.compiled(body)
        self.plain = [_plain(case) for case in self.cases]
        self.asked = _asked(self.cases)
        self.parsed, self.text, self.values = floor.datalogic(self.rules)
        self.documents = [floor.document(each) for each in self.plain]
        self.handles = [datalogic_py.DataHandle(each) for each in self.documents]
        self.cedar = floor.cedar(self.rules)
        self.requests = [floor.request(each) for each in self.plain[: count // 20]]
        self.by_hand = floor.by_hand(self.rules)
        self.traced = floor.traced_by_hand(self.rules)

    def heed(self) -> float:
        return _each(starmap(self.compiled.judge, self.asked), len(self.asked))

    def heed_anew(self) -> float:
        """Of people whose facts it has never seen; all else it knows."""
        fresh, place = Compiled(self.compiled.policy), self.asked[0][2]
        new = list({facts.digest: facts for _, facts, _ in self.asked}.values())
        for event, _, _ in self.asked:
            fresh.judge(event, new[0], place)
        asked = [(event, facts, place) for (event, _, _), facts in zip(self.asked, new[1:], strict=False)]
        return _each(starmap(fresh.judge, asked), len(asked))

    def heed_traces(self) -> float:
        return _each(map(self._trace, self.asked), len(self.asked))

    def loop_traces(self) -> float:
        return _each(map(self.traced, self.plain), len(self.plain))

    def floor(self, ask: Callable[[Any], Any], questions: Sequence[Any]) -> float:
        return _each(map(ask, questions), len(questions))

    def check(self) -> None:
        """Nobody's figure counts unless all say the same."""
        said = [case.blocked for case in self.cases]
        answers = {
            "Heed": [not self.compiled.judge(*each).released for each in self.asked],
            "datalogic": [self.parsed(each) for each in self.handles],
            "datalogic with text": [self.text(each) for each in self.documents],
            "datalogic with values": [self.values(each) for each in self.plain],
            "Python": [self.by_hand(each) for each in self.plain],
            "cedar": [self.cedar(each) for each in self.requests],
        }
        for who, found in answers.items():
            if found != said[: len(found)]:
                raise Differs(f"{who} says something else")
        for asked, plain in zip(self.asked, self.plain, strict=True):
            mine = [
                (line.rule.id, line.here, line.applies, tuple(each == "yes" for each in line.truths))
                for line in self._trace(asked).lines
            ]
            if mine != self.traced(plain):
                raise Differs("the two traces say different things")

    def _trace(self, asked: Asked) -> Any:
        event, facts, place = asked
        hits = self.compiled.hits(event, facts)
        return trace(self.compiled, event.allowed, facts, hits, place, properties=event.properties)


def _plain(case: Case) -> floor.Asked:
    out = {
        f"{category}_{channel}": word[0] == "-"
        for category, said in case.person["consents"].items()
        for channel, word in said.items()
    }
    return {
        "out": out,
        "state": case.person["jurisdictions"][0],
        "event": case.event.name,
        "properties": case.event.properties,
        "purpose": case.system.purpose,
    }


def _asked(cases: Sequence[Case]) -> list[Asked]:
    """As a batch has them: one object for each person and for each event of the allow list."""
    facts = {id(case.person): judging.facts(case.person) for case in cases}
    listed = {case.event.name: judging.seen(case.event).allowed for case in cases}
    return [
        (
            EventSeen(case.event.name, case.event.properties, listed[case.event.name]),
            facts[id(case.person)],
            judging.place(case.system),
        )
        for case in cases
    ]


def _each(answers: Iterable[Any], count: int) -> float:
    """Microseconds of CPU for one of so many answers, which are fetched one by one and dropped."""
    started = time.process_time()
    deque(answers, maxlen=0)
    return (time.process_time() - started) / count * 1e6


def run(scene: Scene) -> list[Line]:
    """Both sizes, everybody in turn."""
    sides = {rules: Sides(rules, scene.size(2_000, 200)) for rules in (FEW, MANY)}
    for each in sides.values():
        each.check()
    lines = [line for rules, side in sides.items() for line in _beside(scene, rules, side)]
    few, many = sides[FEW], sides[MANY]
    growth = in_turn(scene.rounds, many.heed, few.heed)
    traces = in_turn(scene.rounds, many.heed_traces, many.loop_traces)
    return [
        *lines,
        compared(f"verdict, {MANY} rules to {FEW}", growth, " µs", aim=GROWS, at_most=True),
        compared(f"full trace, {MANY} rules; a loop", traces, " µs", aim=TRACE, at_most=True),
    ]


def _beside(scene: Scene, rules: int, side: Sides) -> list[Line]:
    aim = FASTER if rules == MANY else None
    engines: list[tuple[str, Callable[[Any], bool], Sequence[Any]]] = [
        ("datalogic, parsed before", side.parsed, side.handles),
        ("datalogic, JSON text", side.text, side.documents),
        ("datalogic, Python's values", side.values, side.plain),
        ("cedarpy", side.cedar, side.requests),
    ]
    lines = [
        _line(scene, f"verdict, {rules} rules; {what}", side.heed, partial(side.floor, ask, asked), aim)
        for what, ask, asked in engines
    ]
    by_hand = partial(side.floor, side.by_hand, side.plain)
    return [
        *lines,
        _line(scene, f"verdict, {rules} rules; Python by hand", side.heed, by_hand),
        _line(scene, f"the same, facts never seen before, {rules} rules", side.heed_anew, by_hand),
    ]


def _line(
    scene: Scene, what: str, heed: Callable[[], float], other: Callable[[], float], aim: float | None = None
) -> Line:
    return compared(what, in_turn(scene.rounds, heed, other), " µs", aim=aim, at_most=True)
