"""Whether the time of refusing a signature tells how much of it was right: a statistic.

    python -m tests.load.signature_timing [--samples N] [--record]

Signatures that are wrong in the first character and in the last one are checked in random order;
Welch's t of the two sets of times must stay below 4.5, the rule of dudect.
"""

from __future__ import annotations

import argparse
import gc
import math
import random
import statistics
import sys
import time

from services.payment.adapters.payu.signatures import is_signed, signature_of
from tests.load import results

MAX_T = 4.5
BODY = b'{"order": {"status": "COMPLETED"}}' * 20
KEYS = ("a second key of ours", "a former key of ours")
ALLOWED = frozenset({"sha256"})
# Interrupted measurements say something about the machine, not about us.
KEPT_SHARE = 0.9


def main(samples: int, *, record: bool) -> int:
    """Measure and print; 0 when nothing can be told from the times."""
    early, late = measured(samples)
    t = welch(early, late)
    lines = [
        f"{samples} refusals, {statistics.mean(early):.0f} ns when wrong at the first character",
        f"and {statistics.mean(late):.0f} ns when wrong at the last",
        f"Welch's t = {t:.2f} (at most {MAX_T}): {'HOLDS' if abs(t) < MAX_T else 'DOES NOT HOLD'}",
    ]
    print("\n".join(["", results.heading("signature timing"), "", *lines]))
    if record:
        results.append("signature timing", lines)
    return 0 if abs(t) < MAX_T else 1


def measured(samples: int) -> tuple[list[int], list[int]]:
    """Time both kinds of wrong signatures, in an order that the machine cannot follow."""
    right = signature_of(BODY, KEYS[0], "sha256")
    wrong = [_flipped(right, 0), _flipped(right, len(right) - 1)]
    chance = random.Random(0)  # noqa: S311 - an order, not a secret.
    times: tuple[list[int], list[int]] = ([], [])
    gc.disable()
    try:
        for _ in range(samples):
            kind = chance.randrange(2)
            # Anew each time: where it lies in memory is worth a nanosecond, which t would tell.
            header = _header(wrong[kind])
            began = time.perf_counter_ns()
            is_signed(BODY, header, KEYS, ALLOWED)
            times[kind].append(time.perf_counter_ns() - began)
    finally:
        gc.enable()
    early, late = (sorted(each)[: int(len(each) * KEPT_SHARE)] for each in times)
    return early, late


def welch(left: list[int], right: list[int]) -> float:
    """Give Welch's t of two samples."""
    spread = statistics.variance(left) / len(left) + statistics.variance(right) / len(right)
    return (statistics.mean(left) - statistics.mean(right)) / math.sqrt(spread)


def _flipped(signature: str, place: int) -> str:
    other = "0" if signature[place] != "0" else "1"
    return signature[:place] + other + signature[place + 1 :]


def _header(signature: str) -> str:
    return f"sender=checkout;signature={signature};algorithm=SHA-256;content=DOCUMENT"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m tests.load.signature_timing", description=__doc__
    )
    parser.add_argument("--samples", type=int, default=200_000)
    parser.add_argument("--record", action="store_true", help="add the result to RESULTS.md")
    options = parser.parse_args()
    sys.exit(main(options.samples, record=options.record))
