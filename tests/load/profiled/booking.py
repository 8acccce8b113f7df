"""The service under the sampler: `python -m tests.load.profiled.booking rpc|worker|migrate`."""

from tests.load.profiled.sampler import run

if __name__ == "__main__":
    run("services.booking")
