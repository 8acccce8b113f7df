"""`python -m deploy.local run|reset|token|status`."""

import argparse
import sys
from pathlib import Path

from deploy.local import commands
from deploy.local.environment import PROJECT
from deploy.local.errors import StackError
from deploy.local.tokens import DEFAULT_LIFETIME_SECONDS, ROLES, person

DEFAULT_STATE = PROJECT / ".parterre"


def main() -> int:
    """Run one command; a StackError is shown without a traceback."""
    options = _parser().parse_args()
    try:
        match options.command:
            case "run":
                test_clock = not options.no_test_clock
                return commands.run(commands.RunOptions(options.state, test_clock))
            case "reset":
                return commands.reset(options.state)
            case "token":
                cinemas = [cinema for cinema in options.cinemas.split(",") if cinema]
                somebody = person(options.role, subject=options.subject, cinemas=cinemas)
                return commands.token(options.state, somebody, options.ttl_seconds)
            case _:
                return commands.status(options.state)
    except StackError as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    every = argparse.ArgumentParser(add_help=False)
    every.add_argument(
        "--state", type=Path, default=DEFAULT_STATE, help="the folder with all data and keys"
    )
    commands_of = parser.add_subparsers(dest="command", required=True)
    run = commands_of.add_parser("run", parents=[every], help="start everything; Ctrl-C stops it")
    run.add_argument(
        "--no-test-clock", action="store_true", help="real time only: nothing can move the clock"
    )
    commands_of.add_parser("reset", parents=[every], help="wipe the state folder")
    commands_of.add_parser("status", parents=[every], help="say what runs")
    token = commands_of.add_parser("token", parents=[every], help="print a token for a role")
    token.add_argument("role", choices=ROLES)
    token.add_argument("--cinemas", default="", help="cinema ids with commas, or '*'")
    token.add_argument("--subject", default=None, help="account or staff id; a fresh UUID if none")
    token.add_argument("--ttl-seconds", type=int, default=DEFAULT_LIFETIME_SECONDS)
    return parser


if __name__ == "__main__":
    sys.exit(main())
