"""How often a gate opens for the wrong car, and stays shut for the right one: `python -m benchmarks.plates`.

100,000 arrivals with a fixed random seed, judged by the product's own matcher and rules at each level.  Strangers are
planted one look-alike and one edit away from registered plates: a street is kinder.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import sqrt
from random import Random
from uuid import UUID

from gatebook.domain.gates import CameraSetting, Level, Passage, PlateHolder
from gatebook.domain.matching import Matcher
from gatebook.domain.plates import WEIGHTS, look_alike, normalise, one_edit
from gatebook.domain.times import Instant
from gatebook.services.arrivals import Action, Gate, Offered, Read, ReadTold, judged, matched

SEED = 4
REGISTERED = 5_000
ARRIVALS = 100_000
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"
MISREAD = 0.02
"""Of each character; four of five misreadings are of one that looks alike, where there is one."""
NOW = Instant(1_780_000_000 * 10**9)
LOCK = 1
ALIKE = {one: [other for first, other in WEIGHTS if first == one] for one, _ in WEIGHTS}


@dataclass(frozen=True)
class Car:
    """Who comes: `sort` is resident, stranger, look-alike or one edit."""

    plate: str
    sort: str


@dataclass
class Score:
    """What became of all arrivals at one level."""

    level: Level
    opened: int = 0
    missed: int = 0
    residents: int = 0
    false: list[tuple[Car, str, str, str]] = field(default_factory=list)
    """The car, what was read, whose plate opened, and how it was found."""
    sorts: Counter[str] = field(default_factory=Counter)

    @property
    def strangers(self) -> int:
        return sum(self.sorts.values()) - self.residents


def plate(random: Random) -> str:
    return "".join(random.choice(LETTERS if at not in (2, 3) else DIGITS) for at in range(7))


def planted(random: Random, plates: Sequence[str], known: set[str], sort: str) -> str:
    """A plate that is not registered, and lies one step from one that is."""
    while True:
        base = random.choice(plates)
        at = random.randrange(7)
        if sort == "look-alike":
            found = base[:at] + random.choice(ALIKE.get(base[at], ["-"])) + base[at + 1 :]
            near = look_alike(found, base) is not None
        else:
            found = base[:at] + random.choice(LETTERS + DIGITS) + base[at + 1 :]
            near = one_edit(found, base) and look_alike(found, base) is None
        if near and found not in known:
            return found


def cars(random: Random, plates: Sequence[str], arrivals: int) -> Iterator[Car]:
    known = set(plates)
    for _ in range(arrivals):
        sort = random.choices(["resident", "stranger", "look-alike", "one edit"], [60, 20, 10, 10])[0]
        if sort == "resident":
            yield Car(random.choice(plates), sort)
        elif sort == "stranger":
            found = plate(random)
            yield Car(found, "resident" if found in known else sort)
        else:
            yield Car(planted(random, plates, known, sort), sort)


def seen(random: Random, true: str) -> str:
    """The plate as a reader reads it once."""
    read = ""
    for letter in true:
        if random.random() >= MISREAD:
            read += letter
        elif letter in ALIKE and random.random() < 0.8:
            read += random.choice(ALIKE[letter])
        elif random.random() < 0.7:
            read += random.choice(LETTERS + DIGITS)
    return read or true[:1]


def reads(random: Random, car: Car) -> list[ReadTold]:
    """One to three reads of one arrival; a wrong one is told with less confidence, mostly."""
    told = []
    for _ in range(random.randint(1, 3)):
        text = seen(random, car.plate)
        confidence = random.uniform(0.85, 1.0) if text == car.plate else random.uniform(0.6, 0.98)
        offers = []
        if random.random() < 0.3:
            other = car.plate if random.random() < 0.5 else seen(random, car.plate)
            offers = [Offered(other, confidence * random.uniform(0.7, 1.0))]
        told.append(ReadTold(plate=text, confidence=confidence, candidates=offers))
    return told


def run(arrivals: int = ARRIVALS, registered: int = REGISTERED, seed: int = SEED) -> list[Score]:
    """Every level judges the same arrivals."""
    random = Random(seed)
    plates = sorted({plate(random) for _ in range(registered)})
    people = {one: number for number, one in enumerate(plates, 1)}
    matcher = Matcher(plates)
    scores = [Score(level) for level in Level]
    for car in cars(random, plates, arrivals):
        told = reads(random, car)
        for score in scores:
            _judge(score, car, told, matcher, people)
    return scores


def _judge(score: Score, car: Car, told: Sequence[ReadTold], matcher: Matcher, people: dict[str, int]) -> None:
    score.sorts[car.sort] += 1
    score.residents += car.sort == "resident"
    setting = CameraSetting(device=1, level=score.level)
    for one in told:
        read = Read(id=UUID(int=0), occurred=NOW, ahead=False, told=one)
        match = matched(matcher, read)
        holders = [
            PlateHolder(credential=UUID(int=0), person=people[each], plate=each)
            for each in (match.plates if match else ())
        ]
        passages = [Passage(person=holder.person, device=LOCK) for holder in holders]
        gate = Gate(setting=setting, locks=[LOCK], holders=holders, passages=passages)
        found = judged(read, match, gate, NOW)
        if found.action is Action.OPENED:
            score.opened += 1
            if found.matched_plate != car.plate:
                assert match is not None
                if score.level is Level.EXACT:  # a misreading, and letter for letter what opened
                    said = {normalise(one.plate), *(normalise(offer.plate) for offer in one.candidates)}
                    assert found.matched_plate in said
                score.false.append((car, one.plate, str(found.matched_plate), match.step.value))
            return
    score.missed += car.sort == "resident"


def wilson(hits: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """The bounds between which a share lies with 95 %."""
    share, square = hits / of, z * z
    middle = share + square / (2 * of)
    width = z * sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(0.0, (middle - width) / (1 + square / of)), (middle + width) / (1 + square / of)


def main() -> None:
    """Prints the tables of docs/plates.md."""
    begun = time.perf_counter()
    scores = run()
    took_s = time.perf_counter() - begun
    who = ", ".join(f"{number:,} {sort}" for sort, number in scores[0].sorts.most_common())
    print(f"{ARRIVALS:,} arrivals, {REGISTERED:,} plates, random seed {SEED}: {who}; {took_s:.0f} s\n")
    print("| level | opened | false openings | of arrivals, 95 % bounds | missed | of residents, 95 % bounds |")
    print("|---|---|---|---|---|---|")
    for one in scores:
        low, high = wilson(len(one.false), ARRIVALS)
        least, most = wilson(one.missed, one.residents)
        print(
            f"| {one.level} | {one.opened:,} | {len(one.false):,} | {low:.4%} to {high:.4%} | {one.missed:,}"
            f" | {least:.2%} to {most:.2%} |"
        )
    print("\n| level | " + " | ".join(sorted(scores[0].sorts)) + " | by step |\n|---|" + "---|" * 5)
    for one in scores:
        sorts = Counter(car.sort for car, *_ in one.false)
        steps = Counter(step for *_, step in one.false)
        told = " | ".join(str(sorts[sort]) for sort in sorted(one.sorts))
        print(f"| {one.level} | {told} | {', '.join(f'{n} {step}' for step, n in steps.most_common())} |")
    print("\n| the car's plate | it is | read as | opened for | by |\n|---|---|---|---|---|")
    for car, text, opened, step in scores[0].false:
        print(f"| {car.plate} | {car.sort} | {text} | {opened} | {step} |")


if __name__ == "__main__":
    sys.exit(main())
