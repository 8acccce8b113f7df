"""What calls of staff read alike: who acts."""

from services.booking.domain.staff import Staff
from services.common.rpc.call import Call, current_call


def staff_of_call() -> Staff:
    """Say who of the staff makes the call being served."""
    return staff_of(current_call())


def staff_of(call: Call) -> Staff:
    """Say who of the staff makes a call."""
    caller = call.caller
    return Staff(caller.subject, tuple(sorted(caller.roles)), caller.cinemas, call.request_id)
