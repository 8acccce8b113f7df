"""The table of refusals, read from the contracts: `python -m deploy.error_table` writes it.

Each value of an `error_reason.proto` says in its comment: the code, whether `google.rpc.RetryInfo`
comes along, what happened, and which metadata names the particulars.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[1]
PROTOS = PROJECT / "protos" / "cinema"
TABLE_FILE = PROJECT / "docs" / "errors.md"
NEVER_SENT = "UNSPECIFIED"
# What a client may do by itself; every other code needs a person, or another state of things.
_RETRY = {
    "UNAVAILABLE": "yes, after the delay",
    "RESOURCE_EXHAUSTED": "after the delay",
    "ABORTED": "yes: read again, repeat",
    "DEADLINE_EXCEEDED": "with more time",
    "FAILED_PRECONDITION": "when the state has changed",
}
_VALUE = re.compile(
    r"(?P<comment>(?:^  //[^\n]*\n)+)"
    r"^  (?:COMMON_)?ERROR_REASON_(?P<reason>[A-Z0-9_]+) = \d+;",
    re.MULTILINE,
)
_ENUM = re.compile(r"in the domain `(?P<domain>[a-z.]+)`")
_METADATA = re.compile(r"Metadata:(?P<names>(?:[,\s]*`[a-z_]+`)+)[^.]*")
_HEAD = """# Refusals

Every refusal carries `google.rpc.ErrorInfo`: decide by its domain and reason, never by the text.
Made from the contracts by `python -m deploy.error_table`; do not edit it by hand.
"""


@dataclass(frozen=True)
class Refusal:
    """One reason of one domain, as its contract documents it."""

    domain: str
    reason: str
    code: str
    has_retry_info: bool
    metadata: tuple[str, ...]
    description: str

    @property
    def retry(self) -> str:
        """What a client may do by itself."""
        if self.code == "RESOURCE_EXHAUSTED" and not self.has_retry_info:
            return "no"
        return _RETRY.get(self.code, "no")


def refusals() -> list[Refusal]:
    """Read the refusals of all domains: those that every service gives come first."""
    files = sorted(
        PROTOS.glob("*/v1/error_reason.proto"), key=lambda file: file.parts[-3] != "type"
    )
    return [refusal for file in files for refusal in _refusals_of(file.read_text())]


def table() -> str:
    """Write `docs/errors.md`."""
    documented = refusals()
    parts = [_HEAD]
    for domain in dict.fromkeys(refusal.domain for refusal in documented):
        parts.append(f"## `{domain}`{_who(domain)}\n")
        parts.append("| reason | code | retry | metadata | when |\n|---|---|---|---|---|")
        parts += [_row(refusal) for refusal in documented if refusal.domain == domain]
        parts.append("")
    return "\n".join(parts)


def _refusals_of(proto: str) -> Iterator[Refusal]:
    enum = _ENUM.search(proto.replace("\n// ", " "))
    if enum is None:
        raise ValueError("The enum's comment does not name its domain.")
    for value in _VALUE.finditer(proto):
        if value["reason"] == NEVER_SENT:
            continue
        lines = (line.strip().removeprefix("//").strip() for line in value["comment"].splitlines())
        yield _refusal(enum["domain"], value["reason"], " ".join(lines))


def _refusal(domain: str, reason: str, comment: str) -> Refusal:
    head, _, rest = comment.partition(".")
    code, _, extra = head.partition(",")
    if extra:  # `UNAVAILABLE, with google.rpc.RetryInfo.`: the dots belong to the name.
        _, _, rest = comment.partition("`. ")
    names = _METADATA.search(comment)
    return Refusal(
        domain=domain,
        reason=reason,
        code=code,
        has_retry_info="`google.rpc.RetryInfo`" in comment,
        metadata=tuple(re.findall(r"`([a-z_]+)`", names["names"])) if names else (),
        description=_METADATA.sub("", rest).replace("No metadata.", "").strip(" .:"),
    )


def _who(domain: str) -> str:
    return ": every service" if "." not in domain else ""


def _row(refusal: Refusal) -> str:
    metadata = ", ".join(f"`{name}`" for name in refusal.metadata)
    cells = (f"`{refusal.reason}`", refusal.code, refusal.retry, metadata, refusal.description)
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    TABLE_FILE.write_text(table())
