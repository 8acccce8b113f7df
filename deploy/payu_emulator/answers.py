"""Answers in the provider's shape: JSON with a status, and errors in its envelope."""

import json
from typing import Any

from aiohttp import web

SUCCESS = {"statusCode": "SUCCESS", "statusDesc": "Request processing successful"}


class PayuError(Exception):
    """A refusal in the provider's words."""

    def __init__(
        self,
        http_status: int,
        status_code: str,
        description: str,
        *,
        severity: str | None = None,
        code: str | None = None,
        literal: str | None = None,
        **beside: Any,
    ) -> None:
        super().__init__(f"{status_code}: {description}")
        self.http_status = http_status
        status = {
            "statusCode": status_code,
            "severity": severity,
            "code": code,
            "codeLiteral": literal,
            "statusDesc": description,
        }
        self.body = {
            **beside,
            "status": {name: value for name, value in status.items() if value is not None},
        }


def answer(
    body: Any, http_status: int = 200, headers: dict[str, str] | None = None
) -> web.Response:
    return web.Response(
        body=json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode(),
        status=http_status,
        content_type="application/json",
        charset="utf-8",
        headers=headers,
    )


async def read_json(request: web.Request) -> dict[str, Any]:
    """Read a JSON object; an empty body is an empty object. Raises PayuError ERROR_SYNTAX."""
    raw = await request.read()
    if not raw.strip():
        return {}
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise PayuError(400, "ERROR_SYNTAX", "Request body is not valid JSON") from error
    if not isinstance(body, dict):
        raise PayuError(400, "ERROR_SYNTAX", "Request body is not a JSON object")
    return body


def missing(field: str) -> PayuError:
    return PayuError(
        400, "ERROR_VALUE_MISSING", f"Missing required field: {field}", severity="ERROR"
    )


def invalid(field: str, why: str) -> PayuError:
    return PayuError(
        400, "ERROR_VALUE_INVALID", f"Invalid value of field {field}: {why}", severity="ERROR"
    )


def not_found() -> PayuError:
    return PayuError(
        404, "DATA_NOT_FOUND", "Could not find data for given criteria.", severity="INFO"
    )
