"""The one folder that holds everything a local stack keeps: data, keys, logs, ports."""

import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.errors import StateInUseError

FOLDER_MODE = 0o700
SECRET_MODE = 0o600
PASSWORD_BYTES = 24
MAX_LOCK_TRIES = 4
LOCK_RETRY_SECONDS = 0.05


class StateFolder:
    """A folder of mode 0700. Files with secrets are 0600 and appear whole or not at all."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    def create(self) -> None:
        """Make the folder and its sub-folders; harmless when they exist."""
        self.root.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        self.root.chmod(FOLDER_MODE)
        for name in ("logs", "keys", "secrets"):
            (self.root / name).mkdir(mode=FOLDER_MODE, exist_ok=True)

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def keys(self) -> Path:
        return self.root / "keys"

    @property
    def mail(self) -> Path:
        return self.root / "mail"

    @property
    def ports_file(self) -> Path:
        return self.root / "ports.json"

    @property
    def record_file(self) -> Path:
        return self.root / "stack.json"

    def password(self, name: str) -> str:
        """Return the random password called `name`: made once, then remembered."""
        path = self.root / "secrets" / name
        if not path.exists():
            write_first_secret(path, secrets.token_urlsafe(PASSWORD_BYTES))
        return path.read_text().strip()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder for one stack.

        Raises StateInUseError when another one holds it. The lock ends with the process.
        """
        self.create()
        descriptor = os.open(self._lock_file, os.O_RDWR | os.O_CREAT, SECRET_MODE)
        try:
            self._take(descriptor)
            yield
        finally:
            os.close(descriptor)

    def in_use(self) -> bool:
        """Whether a running stack holds the folder."""
        if not self._lock_file.exists():
            return False
        descriptor = os.open(self._lock_file, os.O_RDWR)
        try:
            return not _try_lock(descriptor)
        finally:
            os.close(descriptor)

    @property
    def _lock_file(self) -> Path:
        return self.root / "lock"

    def _take(self, descriptor: int) -> None:
        # More than once: somebody who only looks whether it is held, holds it for an instant.
        for _ in range(MAX_LOCK_TRIES):
            if _try_lock(descriptor):
                return
            time.sleep(LOCK_RETRY_SECONDS)
        raise StateInUseError(
            f"A stack is running on {self.root}. Stop it first (Ctrl-C where it runs)."
        )

    def wipe(self) -> None:
        """Remove the folder with all data. Raises StateInUseError while a stack runs on it."""
        if not self.root.exists():
            return
        with self.locked():
            shutil.rmtree(self.root)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def write_secret(path: Path, content: str | bytes) -> None:
    """Write a file of mode 0600; a reader sees the old content or the new, never half."""
    _draft(path, content).replace(path)


def write_first_secret(path: Path, content: str | bytes) -> None:
    """Write a file as `write_secret` does unless there is one: of several writers the first wins."""
    draft = _draft(path, content)
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _draft(path: Path, content: str | bytes) -> Path:
    data = content.encode() if isinstance(content, str) else content
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, SECRET_MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    return draft
