"""What calls of staff read alike: who acts."""

from services.booking.domain.staff import Staff
from services.common.rpc.call import current_call


def staff_of_call() -> Staff:
    """Say who of the staff makes the call being served."""
    call = current_call()
    caller = call.caller
    return Staff(caller.subject, tuple(sorted(caller.roles)), caller.cinemas, call.request_id)
