"""`python -m deploy.programme --week 2026-11-23 --seed 1 --out DIR`."""

import argparse
from datetime import date
from pathlib import Path

from deploy.programme.generate import generate, write


def main() -> None:
    parser = argparse.ArgumentParser(prog="deploy.programme", description=__doc__)
    parser.add_argument("--week", type=date.fromisoformat, required=True, help="its first day")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True, help="folder for the files")
    arguments = parser.parse_args()
    programme = generate(arguments.week, arguments.seed)
    files = write(programme, arguments.out)
    print(
        f"{files} files in {arguments.out}: {len(programme.halls)} halls,"
        f" {len(programme.shows)} screenings from {arguments.week} on."
    )


if __name__ == "__main__":
    main()
