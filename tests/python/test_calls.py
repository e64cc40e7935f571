# SPDX-License-Identifier: Apache-2.0
"""Calls, and what they take and answer."""

from __future__ import annotations

import copy
import dataclasses
import datetime
import pickle
from typing import Any

import nexpo
import pytest
from nexpo.testing import ManualClock


def test_creates_and_reads_a_user(acme: nexpo.Api) -> None:
    before = datetime.datetime.now(datetime.UTC)
    ada = acme.users.create(email="Ada@example.com", role="owner")
    assert isinstance(ada, nexpo.User)
    assert ada.email == "ada@example.com"
    assert ada.role is nexpo.Role.OWNER
    assert str(ada.role) == "owner"
    assert abs(ada.created_at - before) < datetime.timedelta(minutes=1)
    assert ada.created_at.tzinfo is datetime.UTC
    assert ada.version == 1
    assert acme.users.get(id=ada.id) == ada


def test_iterates_over_all_pages(acme: nexpo.Api) -> None:
    emails = [f"user{i}@example.com" for i in range(7)]
    for email in emails:
        acme.users.create(email=email)
    assert [user.email for user in acme.users.list(limit=3)] == emails
    assert [len(page.items) for page in acme.users.list(limit=3).pages()] == [3, 3, 1]
    page = acme.users.list(limit=5).page()
    assert page.next is not None
    assert [user.email for user in acme.users.list(cursor=page.next)] == emails[5:]


def test_a_list_asks_nothing_before_it_is_read(backend: nexpo.Backend) -> None:
    users = backend.as_anonymous().users.list()
    with pytest.raises(nexpo.Unauthenticated):
        next(iter(users))


def test_an_update_tells_absent_none_and_a_value_apart(acme: nexpo.Api) -> None:
    ada = acme.users.create(email="ada@example.com", name="Ada")
    assert acme.users.update(id=ada.id).name == "Ada"
    assert acme.users.update(id=ada.id, name=nexpo.UNSET, role="admin").name == "Ada"
    assert acme.users.update(id=ada.id, name="Countess").name == "Countess"
    assert acme.users.update(id=ada.id, name=None).name == ""


def test_what_answers_nothing_answers_none(acme: nexpo.Api) -> None:
    ada = acme.users.create(email="ada@example.com")
    assert acme.users.remove(id=ada.id) is None  # type: ignore[func-returns-value]


def test_an_error_is_of_the_class_of_its_code(acme: nexpo.Api) -> None:
    acme.users.create(email="ada@example.com")
    with pytest.raises(nexpo.AlreadyExists) as caught:
        acme.users.create(email="ada@example.com")
    assert caught.value.reason == "email_taken"
    assert caught.value.code == "already_exists"
    assert isinstance(caught.value, nexpo.Error)
    with pytest.raises(nexpo.NotFound, match="user_not_found"):
        acme.users.get(id="usr_01j8x4mq3he5nr7w0c2k9v6t1b")


def test_every_code_has_a_class() -> None:
    from nexpo._errors import BY_CODE

    assert sorted(BY_CODE) == list(range(1, 17))
    assert all(getattr(nexpo, kind.__name__) is kind for kind in BY_CODE.values())


def test_bad_input_names_every_field(acme: nexpo.Api) -> None:
    bad: Any = {"email": 7, "name": "x" * 300, "role": "king"}
    with pytest.raises(nexpo.InvalidArgument) as caught:
        acme.users.create(**bad)
    rules = {broken.field: broken.rule for broken in caught.value.violations}
    assert rules == {"/email": "type", "/name": "max", "/role": "enum"}
    assert "/role must be one of: owner, admin, member, viewer" in str(caught.value)


def test_who_may_not_call_learns_only_that(backend: nexpo.Backend) -> None:
    bad: Any = 7
    with pytest.raises(nexpo.Unauthenticated):
        backend.as_anonymous().users.create(email=bad)


@pytest.mark.parametrize(
    ("arguments", "field", "rule"),
    [
        ({"limit": True}, "/limit", "type"),
        ({"limit": "5"}, "/limit", "type"),
        ({"limit": 1.5}, "/limit", "type"),
        ({"limit": float("nan")}, "/limit", "type"),
        ({"limit": 2**100}, "/limit", "range"),
        ({"limit": -(2**63)}, "/limit", "range"),
        ({"limit": 0}, "/limit", "min"),
        ({"limit": None}, "/limit", "type"),
        ({"cursor": b"abc"}, "/cursor", "type"),
        ({"cursor": "\udc80"}, "/cursor", "utf8"),
        ({"cursor": "a\0b"}, "/cursor", "nul"),
        ({"role": 1}, "/role", "type"),
        ({"role": object()}, "/role", "type"),
    ],
)
def test_refuses_what_does_not_fit(acme: nexpo.Api, arguments: dict[str, Any], field: str, rule: str) -> None:
    acme.users.create(email="ada@example.com")  # makes the organization
    with pytest.raises(nexpo.InvalidArgument) as caught:
        acme.users.list(**arguments).page()
    assert [(broken.field, broken.rule) for broken in caught.value.violations] == [(field, rule)]


def test_takes_lists_of_many_kinds_but_no_text(acme: nexpo.Api) -> None:
    for scopes in (["users:read"], ("users:read",), {"users:read"}):
        given: Any = scopes
        assert acme.api_keys.create(name="importer", scopes=given).scopes == ["users:read"]
    with pytest.raises(nexpo.InvalidArgument, match="/scopes must be an array"):
        acme.api_keys.create(name="importer", scopes="users:read")
    bad: Any = ["users:read", 7]
    with pytest.raises(nexpo.InvalidArgument, match="/scopes/1 must be a string"):
        acme.api_keys.create(name="importer", scopes=bad)


def test_what_an_argument_raises_comes_through(acme: nexpo.Api) -> None:
    class Bad(list[str]):
        def __iter__(self) -> Any:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        acme.api_keys.create(name="importer", scopes=Bad())


def test_an_unknown_argument_is_a_type_error(acme: nexpo.Api) -> None:
    unknown: Any = {"email": "ada@example.com", "surprise": True}
    with pytest.raises(TypeError):
        acme.users.create(**unknown)


def test_takes_times_of_any_zone(acme: nexpo.Api) -> None:
    acme.users.create(email="ada@example.com")  # makes the organization
    noon = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
    times = acme.schedules.preview(rule="0 * * * *", start_at=noon, count=2).times
    assert times[0] == noon
    assert times[0].tzinfo is datetime.UTC
    text: Any = "2026-03-01T10:00:00Z"
    assert acme.schedules.preview(rule="0 * * * *", start_at=text, count=1).times == times[:1]
    with pytest.raises(nexpo.InvalidArgument, match="time zone"):
        acme.schedules.preview(rule="0 * * * *", start_at=noon.replace(tzinfo=None))
    last = datetime.datetime.max.replace(tzinfo=datetime.timezone(datetime.timedelta(hours=-2)))
    with pytest.raises(nexpo.InvalidArgument, match="1 to 9999"):
        acme.schedules.preview(rule="0 * * * *", start_at=last)


def test_structs_are_dataclasses_that_cannot_be_changed(acme: nexpo.Api) -> None:
    ada = acme.users.create(email="ada@example.com")
    with pytest.raises(AttributeError):
        ada.name = "Ada"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        del ada.name
    assert dataclasses.is_dataclass(ada)
    assert [field.name for field in dataclasses.fields(ada)][:3] == ["id", "organization_id", "email"]
    changed = dataclasses.replace(ada, name="Ada")
    assert (changed.name, changed.email) == ("Ada", ada.email)
    assert dataclasses.asdict(ada)["role"] == "member"
    for same in (copy.copy(ada), copy.deepcopy(ada), pickle.loads(pickle.dumps(ada))):
        assert same == ada
        assert hash(same) == hash(ada)
    assert changed != ada
    assert repr(ada).startswith(f"User(id='{ada.id}', ")
    with pytest.raises(TypeError):
        nexpo.User(id="x")  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        nexpo.AuthConfig(surprise=1)  # type: ignore[call-arg]


def test_errors_travel_between_processes() -> None:
    error = nexpo.ResourceExhausted("too many", reason="rate_limited", retry_after=1.5)
    same = pickle.loads(pickle.dumps(error))
    assert type(same) is nexpo.ResourceExhausted
    assert (same.message, same.reason, same.retry_after) == ("too many", "rate_limited", 1.5)


def test_secrets_are_not_shown(backend: nexpo.Backend) -> None:
    tokens = backend.as_anonymous().auth.sign_up(email="ada@example.com", password="correct horse")
    assert tokens.access_token not in repr(tokens)
    assert tokens.refresh_token not in repr(tokens)
    assert "access_token=[redacted]" in repr(tokens)
    assert "hunter2" not in repr(nexpo.Config(database="sqlite:x", sealing_key="hunter2"))


def test_every_kind_of_caller(backend: nexpo.Backend) -> None:
    tokens = backend.as_anonymous().auth.sign_up(email="ada@example.com", password="correct horse")
    me = backend.authenticate(tokens.access_token).users.me()
    assert me.email == "ada@example.com"
    client = backend.as_client(token=tokens.access_token, address="192.0.2.1", request_id="req_mine")
    assert client.users.me() == me
    caller = nexpo.Caller(kind="account", user_id=me.id, organization_id=me.organization_id, role="viewer")
    assert [user.id for user in backend.as_caller(caller).users.list()] == [me.id]
    with pytest.raises(nexpo.PermissionDenied):
        backend.as_caller(caller).users.create(email="bob@example.com")
    with pytest.raises(nexpo.Unauthenticated):
        backend.authenticate("forged")
    wrong: Any = "king"
    with pytest.raises(ValueError, match="kind"):
        backend.as_caller(nexpo.Caller(kind=wrong))


def test_options_of_calls(acme: nexpo.Api) -> None:
    ada = acme.users.create(email="ada@example.com")
    once = acme.with_options(idempotency_key="once")
    assert once.users.create(email="bob@example.com") == once.users.create(email="bob@example.com")
    with pytest.raises(nexpo.Aborted, match="version_mismatch"):
        acme.with_options(if_version=7).users.update(id=ada.id, name="x")
    with pytest.raises(nexpo.DeadlineExceeded):
        acme.with_options(timeout=0).users.get(id=ada.id)
    for wrong in (-1.0, float("nan")):
        with pytest.raises(ValueError, match="timeout"):
            acme.with_options(timeout=wrong)


def test_any_operation_by_name(acme: nexpo.Api) -> None:
    ada = acme.invoke("users.create", {"email": "ada@example.com"})
    assert ada["role"] == "member"
    assert acme.invoke("users.list", {"limit": 1})["items"] == [ada]
    with pytest.raises(nexpo.Unimplemented, match="operation_unknown"):
        acme.invoke("users.fly", {})
    deep: Any = {}
    for _ in range(100):
        deep = {"a": deep}
    with pytest.raises(nexpo.InvalidArgument):
        acme.invoke("users.create", deep)
    bad: Any = {"email": object()}
    with pytest.raises(nexpo.InvalidArgument, match="/email"):
        acme.invoke("users.create", bad)


def test_every_operation_is_a_method(backend: nexpo.Backend) -> None:
    acme = backend.as_system("acme")
    for operation in backend.operations():
        service, method = operation.name.split(".")
        for api in (acme, acme.aio):
            function = getattr(getattr(api, service), method)
            assert function.__doc__.startswith(operation.summary), operation.name


def test_what_a_backend_says_of_itself(backend: nexpo.Backend, acme: nexpo.Api) -> None:
    acme.users.create(email="ada@example.com")
    assert backend.health().ok
    assert backend.seal_audit() > 0
    assert backend.verify_audit().faults == []
    assert "nexpo_store_writes" in backend.metrics()
    assert backend.work(max_jobs=5) == 0
    info = next(one for one in backend.operations() if one.name == "users.create")
    assert (info.kind, info.permission, info.emits) == ("mutation", "users:write", ("user.created",))


def test_settings_are_checked_by_name(settings: dict[str, Any]) -> None:
    with pytest.raises(nexpo.InvalidArgument) as caught:
        nexpo.open(settings["database"], auth={"access_token_seconds": 5, "surprise": 1}, migrate="yes")  # type: ignore[arg-type]
    rules = {broken.field: broken.rule for broken in caught.value.violations}
    assert rules == {"/auth/access_token_seconds": "min", "/auth/surprise": "unknown", "/migrate": "type"}
    with pytest.raises(TypeError, match="surprise"):
        nexpo.open(settings["database"], surprise=1)
    with pytest.raises(nexpo.Error):
        nexpo.open("nonsense:")
    with pytest.raises(TypeError):
        nexpo.open(nexpo.Config(database=settings["database"]), migrate=True)


def test_a_config_of_dataclasses(settings: dict[str, Any]) -> None:
    config = nexpo.Config(**{**settings, "threads": nexpo.ThreadsConfig(jobs=0)}, auth=nexpo.AuthConfig(issuer="me"))
    with nexpo.open(config) as backend:
        assert backend.health().ok


def test_a_clock_for_tests(settings: dict[str, Any]) -> None:
    clock = ManualClock()
    with nexpo.open(**settings, clock=clock) as backend:
        acme = backend.as_system("acme")
        ada = acme.users.create(email="ada@example.com")
        assert ada.created_at == clock.now() == datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
        clock.advance(seconds=1.5)
        assert acme.users.update(id=ada.id, name="x").updated_at == ada.created_at + datetime.timedelta(seconds=1.5)
