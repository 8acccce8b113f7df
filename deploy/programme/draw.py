"""Draws a seat plan as SVG: `python -m deploy.programme.draw [FILE]`.

A file may be in any format that ImportSeatPlan reads. Without one it is the sample hall of
`docs/seat-plan.svg`.
"""

import argparse
import json
import sys
from pathlib import Path

from deploy.programme.hall_layout import Layout, build_plan
from services.catalog.adapters.seat_plan_file import read_seat_plan
from services.catalog.domain.errors import InvalidSeatPlanError
from services.catalog.domain.seat_plan_drawing import draw_seat_plan
from services.catalog.domain.seat_plan_rules import with_bound_companions
from services.catalog.domain.seat_plan_source import ReadOptions

SAMPLE = Layout(seats=148, is_vip=False, has_sofas=True)


def drawn(content: bytes) -> str:
    """Draw the plan of a file; INVALID_SEAT_PLAN."""
    return draw_seat_plan(with_bound_companions(read_seat_plan(content, ReadOptions()).plan))


def sample_file() -> bytes:
    """Make the file of the sample hall."""
    return json.dumps(build_plan(SAMPLE).to_json()).encode()


def main() -> int:
    """Write the drawing to standard output; tell what is wrong on standard error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path)
    path: Path | None = parser.parse_args().file
    try:
        sys.stdout.write(drawn(path.read_bytes() if path is not None else sample_file()))
    except InvalidSeatPlanError as error:
        for violation in error.violations:
            print(f"{violation.field} {violation.description}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
