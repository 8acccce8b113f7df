"""Settings: read from the environment, validated, unknown ones refused, secrets hidden."""

from typing import Any, ClassVar

import pytest
from pydantic import SecretStr, ValidationError

from services.common.config import ServiceSettings, SettingsError


class EchoSettings(ServiceSettings):
    service_name: ClassVar[str] = "echo"

    pepper: SecretStr = SecretStr("")


def test_settings_come_from_the_environment_with_the_service_prefix(monkeypatch: Any) -> None:
    monkeypatch.setenv("PARTERRE_ECHO_LISTEN", "0.0.0.0:7000")
    monkeypatch.setenv("PARTERRE_ECHO_MAX_IN_FLIGHT_CALLS", "7")
    monkeypatch.setenv("LISTEN", "ignored:1")

    settings = EchoSettings.load()

    assert (settings.listen, settings.max_in_flight_calls) == ("0.0.0.0:7000", 7)


def test_an_unknown_variable_with_the_prefix_is_refused(monkeypatch: Any) -> None:
    monkeypatch.setenv("PARTERRE_ECHO_LISTN", "0.0.0.0:7000")

    with pytest.raises(SettingsError, match="PARTERRE_ECHO_LISTN"):
        EchoSettings.load()


def test_variables_of_other_services_are_not_ours_to_judge(monkeypatch: Any) -> None:
    monkeypatch.setenv("PARTERRE_ECHOES_LISTN", "x")

    EchoSettings.load()


def test_a_wrong_value_is_named_and_not_shown(monkeypatch: Any) -> None:
    monkeypatch.setenv("PARTERRE_ECHO_MAX_IN_FLIGHT_CALLS", "s3cret")

    with pytest.raises(SettingsError, match="PARTERRE_ECHO_MAX_IN_FLIGHT_CALLS") as caught:
        EchoSettings.load()

    assert "s3cret" not in str(caught.value)


def test_a_secret_can_come_from_a_file(monkeypatch: Any, tmp_path: Any) -> None:
    (tmp_path / "pepper").write_text("from-file\n")
    monkeypatch.setenv("PARTERRE_ECHO_PEPPER_FILE", str(tmp_path / "pepper"))

    settings = EchoSettings.load()

    assert settings.pepper.get_secret_value() == "from-file"


def test_a_secret_file_that_is_missing_is_named(monkeypatch: Any, tmp_path: Any) -> None:
    monkeypatch.setenv("PARTERRE_ECHO_PEPPER_FILE", str(tmp_path / "nowhere"))

    with pytest.raises(SettingsError, match="nowhere"):
        EchoSettings.load()


def test_settings_cannot_be_changed() -> None:
    settings = EchoSettings()

    with pytest.raises(ValidationError):
        settings.listen = "other:1"


def test_printing_settings_hides_secrets() -> None:
    settings = EchoSettings(pepper=SecretStr("s3cret"), database_url=SecretStr("pg://u:pw@h/d"))

    shown = str(settings.redacted()) + repr(settings)

    assert "s3cret" not in shown
    assert "pw" not in shown
