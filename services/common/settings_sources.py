"""Where settings come from: the environment, and files for secrets; nothing unknown passes."""

import os
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

MAX_SECRET_FILE_BYTES = 64 * 1024


class SettingsError(Exception):
    """The settings are wrong; the text says which and never shows a secret's value."""


def holds_a_secret(field: FieldInfo) -> bool:
    """Tell whether the field is a SecretStr, which may be given as a file."""
    return "SecretStr" in str(field.annotation)


class SecretFiles(PydanticBaseSettingsSource):
    """Reads `<PREFIX><FIELD>_FILE` for each secret field that has no value of its own."""

    def __init__(self, settings_cls: type[BaseSettings], prefix: str) -> None:
        super().__init__(settings_cls)
        self._prefix = prefix

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        if not holds_a_secret(field):
            return None, field_name, False
        path = os.environ.get(f"{self._prefix}{field_name.upper()}_FILE")  # noqa: TID251 - the one place
        return (_read_secret(Path(path)) if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        values = {
            name: self.get_field_value(field, name)[0]
            for name, field in self.settings_cls.model_fields.items()
        }
        return {name: value for name, value in values.items() if value is not None}


def refuse_unknown_variables(settings_cls: type[BaseSettings], prefix: str) -> None:
    """Raise when the environment holds a variable with the prefix that no field reads."""
    known = set()
    for name, field in settings_cls.model_fields.items():
        known.add(f"{prefix}{name.upper()}")
        if holds_a_secret(field):
            known.add(f"{prefix}{name.upper()}_FILE")
    unknown = sorted(
        name
        for name in os.environ  # noqa: TID251 - the one place that reads it
        if name.upper().startswith(prefix) and name.upper() not in known
    )
    if unknown:
        raise SettingsError(f"unknown settings: {', '.join(unknown)}")


def _read_secret(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_SECRET_FILE_BYTES + 1)
    except OSError as error:
        raise SettingsError(f"cannot read the secret file {path}: {error.strerror}") from error
    if len(content) > MAX_SECRET_FILE_BYTES:
        raise SettingsError(f"the secret file {path} is larger than {MAX_SECRET_FILE_BYTES} bytes")
    return content.decode().rstrip("\r\n")
