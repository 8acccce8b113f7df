"""When a second start may skip a service's migrations."""

from deploy.local.databases import ServiceDatabase
from deploy.local.schema_marker import fingerprint, is_current, note_current
from deploy.local.state_folder import StateFolder
from deploy.local.topology import SERVICES, ServiceSpec

DATABASE = ServiceDatabase("booking", "app", "owner", "admin")
BOOKING = SERVICES[1]


def a_state(folder):
    state = StateFolder(folder)
    state.create()
    return state


def test_a_schema_that_was_migrated_just_like_that_is_current(tmp_path):
    state = a_state(tmp_path)
    wanted = fingerprint(BOOKING, DATABASE, test_clock=True)

    note_current(state, BOOKING, wanted)

    assert is_current(state, BOOKING, wanted)


def test_another_clock_setting_is_migrated_again(tmp_path):
    state = a_state(tmp_path)
    note_current(state, BOOKING, fingerprint(BOOKING, DATABASE, test_clock=True))

    wanted = fingerprint(BOOKING, DATABASE, test_clock=False)

    assert not is_current(state, BOOKING, wanted)


def test_a_service_whose_migrations_are_not_known_is_always_migrated(tmp_path):
    state = a_state(tmp_path)
    stranger = ServiceSpec("stranger", "tests.no.such.service")
    wanted = fingerprint(stranger, DATABASE, test_clock=True)

    note_current(state, stranger, wanted)

    assert not is_current(state, stranger, wanted)
