"""`make verify`: the invariants, checked on the live databases and the provider's own record."""

from deploy.verify.report import Line
from deploy.verify.run import verify

__all__ = ["Line", "verify"]
