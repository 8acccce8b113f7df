"""The service config of a channel: which methods gRPC itself may retry, and how."""

from __future__ import annotations

import json
from collections.abc import Iterable

from services.common.rpc.access import specs_of

# A service repeats once, on connection loss; the outermost client does the patient retrying.
PEER_MAX_ATTEMPTS = 2
CLIENT_MAX_ATTEMPTS = 4


def service_config(services: Iterable[str], *, max_attempts: int = CLIENT_MAX_ATTEMPTS) -> str:
    """Write the config for services by full name (their stubs must be imported).

    Only UNAVAILABLE is retried, and only methods that their proto declares free of side effects or
    idempotent.
    """
    names = []
    for service in services:
        for path, spec in specs_of(service).items():
            if spec.retryable:
                names.append({"service": service, "method": path.rpartition("/")[2]})
    config: dict[str, object] = {
        "loadBalancingConfig": [{"round_robin": {}}],
        "retryThrottling": {"maxTokens": 10, "tokenRatio": 0.1},
    }
    if names:
        policy = {
            "maxAttempts": max_attempts,
            "initialBackoff": "0.05s",
            "maxBackoff": "1s",
            "backoffMultiplier": 2,
            "retryableStatusCodes": ["UNAVAILABLE"],
        }
        config["methodConfig"] = [{"name": names, "retryPolicy": policy}]
    return json.dumps(config)
