"""How the provider behaves when nothing is scripted; changeable at run time, kept in the record."""

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from deploy.payu_emulator.record import Record
from deploy.payu_emulator.signature import ALGORITHMS


class BehaviourError(ValueError):
    """A setting that does not exist or cannot have this value."""


@dataclass
class Behaviour:
    """`auto_pay_after_ms` null: nobody pays by itself. `retry_factor` scales the ladder's waits."""

    retry_factor: float = 1.0
    signature_algorithm: str = "SHA-256"
    token_lifetime_s: int = 43199
    refund_delay_ms: int = 500
    auto_pay_after_ms: int | None = None
    notification_timeout_ms: int = 10_000

    def change(self, changes: dict[str, Any], record: Record) -> None:
        """Change some settings at once, or raise BehaviourError and change none."""
        kinds = {each.name: each.type for each in fields(self)}
        for name, value in changes.items():
            if name not in kinds or not _fits(name, value):
                raise BehaviourError(f"{name} cannot be {value!r}")
        for name, value in changes.items():
            setattr(self, name, value)
        record.keep_setting("behaviour", json.dumps(asdict(self)))

    def set_back(self, defaults: "Behaviour", record: Record) -> None:
        """Go back to the defaults, and let the record remember nothing else."""
        self.__dict__.update(asdict(defaults))
        record.keep_setting("behaviour", "")


def _fits(name: str, value: Any) -> bool:
    if name == "signature_algorithm":
        return value in ALGORITHMS
    if name == "auto_pay_after_ms" and value is None:
        return True
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def read_behaviour(record: Record, retry_factor: float) -> Behaviour:
    """Take what the record remembers; else the defaults with the process's own retry factor."""
    kept = record.setting("behaviour")
    return Behaviour(**json.loads(kept)) if kept else Behaviour(retry_factor=retry_factor)
