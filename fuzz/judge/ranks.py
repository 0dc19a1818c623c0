"""Two samples of times, some of them cut off: which is the faster, and is that chance?

Mann-Whitney's U, two-sided: exact where no two values are equal and the samples are small, else by the normal approximation
with its corrections for ties and continuity (Mann and Whitney 1947; Lehmann, Nonparametrics, 1975). A trial that found
nothing counts as later than all that did (math.inf), and such trials are ties.
"""
import math
from functools import lru_cache

EXACT_MAX = 20  # of each sample


def u_of(a, b):
    """How many pairs have a's value above b's; a tie is half a pair."""
    return sum((x > y) + 0.5 * (x == y) for x in a for y in b)


@lru_cache(maxsize=None)
def ways(n, m, u):
    """Of all orders of n and m values, those whose U is u."""
    if u < 0:
        return 0
    if n == 0 or m == 0:
        return int(u == 0)
    return ways(n - 1, m, u - m) + ways(n, m - 1, u)


def p_value(a, b):
    """Of the hypothesis that both come from one distribution."""
    n, m = len(a), len(b)
    u = u_of(a, b)
    values = [*a, *b]
    counts = [values.count(v) for v in set(values)]
    if max(counts) == 1 and max(n, m) <= EXACT_MAX:
        low = int(min(u, n * m - u))
        return min(1.0, 2 * sum(ways(n, m, i) for i in range(low + 1)) / math.comb(n + m, n))
    total = n + m
    variance = n * m / 12 * (total + 1 - sum(c ** 3 - c for c in counts) / (total * (total - 1)))
    if variance == 0:
        return 1.0
    z = max(0.0, abs(u - n * m / 2) - 0.5) / math.sqrt(variance)
    return math.erfc(z / math.sqrt(2))


def chance_to_be_faster(a, b):
    """That a trial of a is faster than one of b (Vargha and Delaney's A): 0.5 says that they are alike."""
    return 1 - u_of(a, b) / (len(a) * len(b))


def holm(p_values):
    """Corrected for how many were asked, in the same order (Holm 1979)."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    corrected, highest = [0.0] * len(p_values), 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, p_values[i] * (len(p_values) - rank)))
        corrected[i] = highest
    return corrected


def median(values):
    """Half of them are below; inf if half of them found nothing."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
