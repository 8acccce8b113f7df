"""What can go wrong with a local stack, in words for the person at the terminal."""


class StackError(Exception):
    """The stack cannot go on; the text says which part, why, and what to do."""


class PortTakenError(StackError):
    """Another program listens on a port that this state folder remembers for a part."""

    def __init__(self, part: str, port: int, ports_file: str) -> None:
        super().__init__(
            f"Port {port}, which {part} uses, is taken by another program. "
            f"Stop that program, or remove {part!r} from {ports_file} to get a new port."
        )
        self.part = part
        self.port = port


class PartFailedError(StackError):
    """A part ended or did not become ready; carries the last lines of its log."""

    def __init__(self, part: str, reason: str, log_tail: str = "") -> None:
        text = f"{part} {reason}."
        if log_tail:
            text += f" The last lines of its log:\n{log_tail}"
        super().__init__(text)
        self.part = part


class StateInUseError(StackError):
    """A running stack holds this state folder."""


class MissingBinaryError(StackError):
    """A server's program is not installed."""
