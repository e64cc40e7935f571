# SPDX-License-Identifier: Apache-2.0
"""Calls operations through the Python package for python_door.cpp: a question a line on standard input, which is a
socket, and an answer a line back."""

import base64
import datetime
import decimal
import inspect
import json
import socket

import nexpo
from nexpo.testing import ManualClock


def to_json(value):
    """An answer as JSON has it."""
    if isinstance(value, nexpo.Page) or hasattr(value, "__dataclass_fields__"):
        return {name: to_json(getattr(value, name)) for name in value.__slots__}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    if isinstance(value, datetime.datetime):
        text = value.replace(tzinfo=None).isoformat()
        return (text.rstrip("0") if "." in text else text) + "Z"
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, bytes):
        return base64.urlsafe_b64encode(value).decode().rstrip("=")
    return value


def method(api, operation):
    service, name = operation.split(".")
    return getattr(getattr(api, service, None), name, None)


def call(api, operation, arguments):
    """What Python itself refuses, before there is a call, is a violation at the other doors."""
    function = method(api, operation)
    wanted = inspect.signature(function).parameters
    violations = [
        nexpo.Violation(field=f"/{name}", rule="unknown", message="is no parameter") for name in arguments if name not in wanted
    ]
    given = {name: value for name, value in arguments.items() if name in wanted}
    for name, parameter in wanted.items():
        if parameter.default is parameter.empty and name not in given:
            given[name] = None
            violations.append(nexpo.Violation(field=f"/{name}", rule="required", message="is needed"))
    named = {broken.field for broken in violations}
    try:
        answer = function(**given)
        answer = answer.page() if isinstance(answer, nexpo.Listing) else answer
        if not violations:
            return {} if answer is None else answer
        raise nexpo.InvalidArgument("bad arguments", reason="validation_failed")
    except nexpo.InvalidArgument as error:
        if violations:
            error.reason = "validation_failed"
            error.violations = (*violations, *(broken for broken in error.violations if broken.field not in named))
        raise


def answer(backend, question):
    if "offers" in question:
        return method(backend.as_anonymous(), question["offers"]) is not None
    try:
        token = question["token"]
        api = backend.authenticate(token) if token else backend.as_anonymous()
        return {"output": to_json(call(api, question["operation"], question["input"]))}
    except nexpo.Error as error:
        return {
            "code": error.code,
            "reason": error.reason,
            "message": error.message,
            "violations": [to_json(broken) for broken in error.violations],
        }


def main():
    clock = ManualClock()
    with socket.socket(fileno=0) as connection, connection.makefile("rw", encoding="utf-8") as lines:
        settings = json.loads(lines.readline())
        limits = {
            "address_per_minute": 0,
            "account_per_minute": 0,
            "caller_per_minute": 0,
            "failed_identity_per_minute": 0,
        }
        with nexpo.open(
            **settings,
            clock=clock,
            auth={"open_registration": True},
            limits=limits,
            work={"housekeeping": False},
            threads={"jobs": 0},
        ) as backend:
            print("true", file=lines, flush=True)
            for line in lines:
                question = json.loads(line)
                if "operation" in question:
                    clock.advance(0.000001)
                print(json.dumps(answer(backend, question), ensure_ascii=False), file=lines, flush=True)


if __name__ == "__main__":
    main()
