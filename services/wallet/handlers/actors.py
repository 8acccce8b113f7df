"""Who makes the call being served, for the audit."""

from services.common.rpc.call import current_call
from services.wallet.use_cases.ports import Actor


def current_actor() -> Actor:
    call = current_call()
    return Actor(call.caller.principal, sorted(call.caller.roles), call.request_id)
