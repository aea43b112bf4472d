"""Do moments come at regular intervals? Jitter, missing beats and bursts are borne.

The question is put as a comparison, not as a score with a threshold of its own. Of the intervals
between beats, as many as possible are to lie near a base period or a few times it (beats that are
missing); that share is held against the share that chance would put there. Chance is the larger of
three: arrivals at random (exponential intervals) at the rate of the mean and of the median, and
people (log-normal intervals, at least as wide as e to the one). What is left over chance, Cohen's
kappa, says how regular the moments are; the binomial bound of Chernoff says whether so few
moments can say so at all.

Sources: RITA (github.com/activecm/rita, analysis/beacons.go) merges connections of one moment and
scores intervals by their median absolute deviation over the median, which is the jitter given here
(on intervals that were folded: RITA's own are torn apart by missing beats). Judging a period
against chance, and the lower limit on samples that follows from it, is BAYWATCH's thought (Hu et
al., DSN 2016), which draws chance by permutation. Successors at a period, for beats that stand
among other traffic, are the autocorrelation of the point process.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Rhythm", "beats", "rhythm"]

Numbers = npt.NDArray[np.float64]

_WIDTHS = (0.02, 0.06, 0.15, 0.3, 0.5)
"""Half widths of the window around a period, as shares of it."""
_MULTIPLES = (1, 2, 4)
"""Up to so many periods may lie between two beats that were seen."""
_PERIODS = 48
"""Base periods tried, at even distances on a scale of logarithms."""
_MOST = 600
"""Intervals looked at, the latest: more say no more, and times change."""
_APART = 4.0
"""Gaps this many times as long as the ones within a burst part two bursts."""
_ENOUGH = 40.0
"""Bits beyond which more evidence makes no reading better."""
_PEOPLE = 1.0
"""Least standard deviation of the logarithm of intervals between what people do."""


@dataclass(frozen=True)
class Rhythm:
    """How regular moments are.

    Attributes:
        period: seconds between beats.
        jitter: median absolute deviation of the folded intervals over the period (RITA's).
        beats: moments, those of one burst counted once.
        missed: share of the beats of the span that are not there.
        share: of the intervals, those at the period or a few times it.
        kappa: share beyond chance, 1 where all intervals are regular, 0 or less where none needs
            to be.
        evidence: bits by which the regular share speaks against chance.
        among: whether the beats stand among other traffic to the same place.
    """

    period: float
    jitter: float
    beats: int
    missed: float
    share: float
    kappa: float
    evidence: float
    among: bool = False


def beats(times: Numbers, gap: float) -> npt.NDArray[np.intp]:
    """Return the positions of the moments that begin a beat: more than ``gap`` after the last."""
    if not len(times):
        return np.empty(0, dtype=np.intp)
    return np.flatnonzero(np.concatenate(([True], np.diff(times) > gap)))


def rhythm(times: Numbers, *, resolution: float = 1.0, least: int = 6) -> Rhythm | None:
    """Find the most regular reading of some moments.

    Args:
        times: seconds, ascending.
        resolution: moments no farther apart than this are one beat; a period is at least three
            times as long.
        least: beats without which nothing is said.

    Returns:
        The reading that speaks most against chance, regular or not; None where there are too few
        beats.
    """
    found: list[Rhythm] = []
    for gap in _gaps(times, resolution):
        merged = times[beats(times, gap)]
        if len(merged) >= least:
            found += _intervals(merged, 3 * resolution)
            found += _successors(merged, 3 * resolution)
    return _best(found)


def _best(found: list[Rhythm]) -> Rhythm | None:
    """Return the best reading: few intervals off count for more than many of them.

    Beats among other traffic also look like some rhythm of all of it, though a poor one.
    """
    whole = max((r for r in found if not r.among), key=_worth, default=None)
    among = max((r for r in found if r.among), key=_worth, default=None)
    if whole is None or among is None:
        return whole or among
    clearer = _worth(among) > 0 and among.evidence > 1.5 * whole.evidence
    return among if clearer or not _worth(whole) else whole


def _worth(found: Rhythm) -> float:
    """Weigh a reading; beats among other traffic need not be most of it."""
    least = 0.25 if found.among else 0.5
    return found.kappa * min(found.evidence, _ENOUGH) if found.kappa > least else 0.0


def _gaps(times: Numbers, resolution: float) -> list[float]:
    """Return the resolution, and the gap that parts bursts where there are bursts."""
    steps = np.sort(np.diff(times[beats(times, resolution)]))
    first = len(steps) // 5
    if len(steps) < 8:
        return [resolution]
    leaps = steps[first + 1 :] / steps[first:-1]
    widest = int(np.argmax(leaps)) if len(leaps) else 0
    if len(leaps) and leaps[widest] >= _APART:
        return [resolution, float(steps[first + widest] * math.sqrt(leaps[widest]))]
    return [resolution]


def _chance(low: Numbers, high: Numbers, steps: Numbers) -> Numbers:
    """Return how probable an interval between bounds is by chance, the largest of three ways.

    Args:
        low: lower bounds, an array of any number of dimensions.
        high: upper bounds, likewise.
        steps: the intervals that were seen.
    """
    median = float(np.median(steps))
    spread = max(float(np.std(np.log(steps))), _PEOPLE) * math.sqrt(2)
    scaled = [_erf(np.log(bound / median) / spread) / 2 for bound in (low, high)]
    ways = [scaled[1] - scaled[0]]
    for mean in (float(steps.mean()), median / math.log(2)):
        ways.append(np.exp(-low / mean) - np.exp(-high / mean))
    chance: Numbers = np.clip(np.max(ways, axis=0), 1e-9, 1 - 1e-9)
    return chance


def _erf(x: Numbers) -> Numbers:
    """Return the error function, to 1.5e-7 (Abramowitz and Stegun, 7.1.26)."""
    t = 1 / (1 + 0.3275911 * np.abs(x))
    terms = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)
    tail = sum(a * t ** (i + 1) for i, a in enumerate(terms)) * np.exp(-x * x)
    value: Numbers = np.sign(x) * (1 - tail)
    return value


def _bits(share: Numbers, chance: Numbers, count: Numbers | int) -> Numbers:
    """Return the bits of Chernoff's bound on so large a share; 0 where it is no larger."""
    share = np.clip(share, 1e-9, 1 - 1e-9)
    away = share * np.log2(share / chance) + (1 - share) * np.log2((1 - share) / (1 - chance))
    bits: Numbers = np.where(share > chance, away, 0.0) * count
    return bits


def _intervals(moments: Numbers, shortest: float) -> list[Rhythm]:
    """Read the intervals as a period and a few times it."""
    steps = np.diff(moments)[-_MOST:]
    low, high = np.quantile(steps, [0.05, 0.85])
    low = max(float(low), shortest)
    if high < low:
        return []
    periods = np.geomspace(low * 0.9, high * 1.1, _PERIODS)
    median = float(np.median(steps))
    periods = np.append(periods, median)
    best: Rhythm | None = None
    for most in _MULTIPLES:
        ratio = steps[None, :] / periods[:, None]
        fold = np.clip(np.rint(ratio), 1, most)
        off = np.abs(ratio - fold) / np.sqrt(fold)
        for width in _WIDTHS:
            share = (off <= width).mean(axis=1)
            chance = np.zeros(len(periods))
            edge = 0.0
            for k in range(1, most + 1):  # windows that touch are counted once
                reach = width * math.sqrt(k)
                left, right = max(k - reach, edge, 0.0), k + reach
                chance += _chance(periods * max(left, 1e-9), periods * right, steps)
                edge = right
            chance = np.clip(chance, 1e-9, 1 - 1e-9)
            kappa = (share - chance) / (1 - chance)
            bits = _bits(share, chance, len(steps))
            worth = np.where(kappa > 0.5, kappa * np.minimum(bits, _ENOUGH), 0.0)
            at = int(np.argmax(worth))
            if best is None or worth[at] > _worth(best):
                best = _read(steps, float(periods[at]), most, width, len(moments),
                             float(kappa[at]), float(bits[at]))  # fmt: skip
    return [best] if best is not None else []


def _read(
    steps: Numbers, period: float, most: int, width: float, count: int, kappa: float, bits: float
) -> Rhythm:
    """Describe the intervals at a base period, which they themselves refine."""
    fold = np.clip(np.rint(steps / period), 1, most)
    regular = np.abs(steps / period - fold) <= width * np.sqrt(fold)
    kept = (steps / fold)[regular]
    if not len(kept):
        return Rhythm(period, 1.0, count, 0.0, 0.0, kappa, bits)
    period = float(np.median(kept))
    jitter = float(np.median(np.abs(kept - period)) / period)
    lost = float((fold[regular] - 1).sum())
    missed = lost / (lost + len(kept))
    return Rhythm(period, jitter, count, missed, float(regular.mean()), kappa, bits)


def _successors(moments: Numbers, shortest: float) -> list[Rhythm]:
    """Read beats among other traffic: moments that have a successor just one period later."""
    moments = moments[-_MOST:]
    count, span = len(moments), float(moments[-1] - moments[0])
    if count < 20 or span <= 0:
        return []
    later = np.concatenate([moments[k:] - moments[:-k] for k in range(1, 6)])
    later = later[(later >= shortest) & (later <= span / 8)]
    if not len(later):
        return []
    width = 0.04
    scale = np.log(later)
    bins = np.floor((scale - scale.min()) / width).astype(int)
    counts = np.bincount(bins)
    # arrivals at random have as many pairs in a bin as it is long
    expected = np.exp(scale.min() + width * np.arange(len(counts)))
    likely = np.argsort(-(counts / np.sqrt(expected)), kind="stable")[:12]
    best: Rhythm | None = None
    for period in np.exp(scale.min() + (likely + 0.5) * width):
        for reach in (0.01, 0.03, 0.1):
            left, right = moments + period * (1 - reach), moments + period * (1 + reach)
            whole = right <= moments[-1]
            has = np.searchsorted(moments, right, "right") > np.searchsorted(moments, left, "left")
            # the rate around each moment, not that of the whole: people come in crowds
            near = np.searchsorted(moments, moments + 3 * period, "right") - np.searchsorted(
                moments, moments + 1e-9, "right"
            )
            chance = 1 - np.exp(-(near / (3 * period)) * 2 * reach * period)
            tried = int(whole.sum())
            if tried < 20:
                continue
            share, by_chance = float(has[whole].mean()), float(np.mean(chance[whole]))
            by_chance = min(max(by_chance, 1e-9), 1 - 1e-9)
            bits = float(_bits(np.array(share), np.array(by_chance), tried))
            kappa = (share - by_chance) / (1 - by_chance)
            tie = Rhythm(float(period), reach / 2, int(has.sum()), 0.0, share, kappa, bits, True)
            if best is None or kappa * bits > best.kappa * best.evidence:
                best = tie
    return [best] if best is not None else []
