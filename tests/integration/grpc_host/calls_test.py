# SPDX-License-Identifier: Apache-2.0
"""Calls as programs make them, through stubs that protoc has generated from the committed files."""

import grpc
from google.protobuf import struct_pb2

from host import HostTest, eventually, main
from nexpo.v1 import auth_pb2, operations_pb2, schedules_pb2, schedules_pb2_grpc, users_pb2

INVALID = grpc.StatusCode.INVALID_ARGUMENT


class Calls(HostTest):
    def setUp(self):
        super().setUp()
        self.host = self.start()
        self.client = self.connect(self.host).sign_in()
        self.users = self.client.users

    def create(self, email, *metadata, **fields):
        return self.users.Create.with_call(users_pb2.CreateUser(email=email, **fields),
                                           metadata=[*self.client.metadata, *metadata])

    def update(self, *metadata, mask=(), **fields):
        request = users_pb2.UpdateUser(**fields)
        request.update_mask.paths.extend(mask)
        return self.users.Update(request, metadata=[*self.client.metadata, *metadata])

    def test_a_record_is_made_read_changed_and_removed(self):
        ada, _ = self.create("Ada@example.com", name="Ada", role=users_pb2.ROLE_VIEWER)
        self.assertRegex(ada.id, "^usr_[0-9a-z]{26}$")
        self.assertEqual((ada.email, ada.name, ada.role, ada.version), ("ada@example.com", "Ada", 4, 1))
        self.assertEqual(ada.created_at, ada.updated_at)
        read = self.users.Get(users_pb2.GetUser(id=ada.id), metadata=self.client.metadata)
        self.assertEqual(read, ada)
        self.assertEqual(self.update(id=ada.id, role=users_pb2.ROLE_ADMIN).name, "Ada")
        self.users.Remove(users_pb2.RemoveUser(id=ada.id), metadata=self.client.metadata)
        self.assert_fails(grpc.StatusCode.NOT_FOUND, "user_not_found", self.users.Get, users_pb2.GetUser(id=ada.id),
                          metadata=self.client.metadata)

    def test_absent_fields_have_their_defaults(self):
        self.assertEqual(self.create("bob@example.com")[0].role, users_pb2.ROLE_MEMBER)
        self.assertEqual(self.create("eve@example.com", role=users_pb2.ROLE_UNSPECIFIED)[0].role, users_pb2.ROLE_MEMBER)

    def test_every_broken_rule_is_named(self):
        failure = self.assert_fails(INVALID, "validation_failed", self.create, "nobody", name="two\nlines", role=77)
        self.assertEqual(failure.violations, {"email": "format", "name": "format", "role": "enum"})
        self.assertEqual(failure.domain, "nexpo")
        self.assertEqual(failure.request_id, failure.trailers["x-request-id"])
        self.assertEqual(self.assert_fails(INVALID, "validation_failed", self.create, "").violations,
                         {"email": "required"})

    def test_codes_and_reasons_are_those_of_the_operation(self):
        self.create("ada@example.com")
        self.assert_fails(grpc.StatusCode.ALREADY_EXISTS, "email_taken", self.create, "ADA@example.com")
        stranger = self.connect(self.host)
        self.assert_fails(grpc.StatusCode.UNAUTHENTICATED, "sign_in_required", stranger.users.Me, users_pb2.GetMe())
        self.assert_fails(grpc.StatusCode.UNAUTHENTICATED, "token_invalid", stranger.users.Me, users_pb2.GetMe(),
                          metadata=[("authorization", "Bearer forged")])
        self.assert_fails(INVALID, "header_invalid", stranger.users.Me, users_pb2.GetMe(),
                          metadata=[("authorization", "Basic abc")])
        self.assert_fails(grpc.StatusCode.UNAUTHENTICATED, "credentials_invalid", stranger.auth.Login,
                          auth_pb2.Login(email="ada@example.com", password="wrong horse"))

    def test_limits_say_when_to_come_back(self):
        host = self.start(environment={"NEXPO_LIMITS_CALLER_PER_MINUTE": "5"})
        client = self.connect(host).sign_in()
        for _ in range(5):
            client.users.Me(users_pb2.GetMe(), metadata=client.metadata)
        failure = self.assert_fails(grpc.StatusCode.RESOURCE_EXHAUSTED, "rate_limited", client.users.Me,
                                    users_pb2.GetMe(), metadata=client.metadata)
        self.assertTrue(0 < failure.retry_seconds <= 60)

    def test_a_mask_names_what_changes(self):
        ada, _ = self.create("ada@example.com", name="Ada")
        self.assertEqual(self.update(id=ada.id, name="Countess").name, "Countess")
        self.assertEqual(self.update(id=ada.id, mask=["name"]).name, "")
        changed = self.update(id=ada.id, name="Ada", role=users_pb2.ROLE_VIEWER, mask=["role"])
        self.assertEqual((changed.name, changed.role), ("", users_pb2.ROLE_VIEWER))
        failure = self.assert_fails(INVALID, "validation_failed", self.update, id=ada.id, mask=["email"])
        self.assertEqual(failure.violations, {"update_mask": "unknown"})

    def test_a_version_guards_a_change(self):
        ada, _ = self.create("ada@example.com")
        self.assertEqual(self.update(("if-match", '"v1"'), id=ada.id, name="Ada").version, 2)
        self.assert_fails(grpc.StatusCode.ABORTED, "version_mismatch", self.update, ("if-match", "1"), id=ada.id,
                          name="Eve")
        self.assert_fails(INVALID, "header_invalid", self.update, ("if-match", "soon"), id=ada.id, name="Eve")

    def test_a_repeat_with_the_same_key_gets_the_first_answer(self):
        first, call = self.create("ada@example.com", ("idempotency-key", "once"))
        self.assertNotIn("idempotent-replayed", dict(call.trailing_metadata()))
        again, call = self.create("ada@example.com", ("idempotency-key", "once"))
        self.assertEqual(again, first)
        self.assertEqual(dict(call.trailing_metadata())["idempotent-replayed"], "true")
        self.assert_fails(grpc.StatusCode.FAILED_PRECONDITION, "idempotency_key_reused", self.create,
                          "bob@example.com", ("idempotency-key", "once"))

    def test_ids_of_calls_and_traces_come_back(self):
        trace = "0af7651916cd43dd8448eb211c80319c"
        _, call = self.create("ada@example.com", ("x-request-id", "req_mine"),
                              ("traceparent", f"00-{trace}-b7ad6b7169203331-01"))
        trailers = dict(call.trailing_metadata())
        self.assertEqual(trailers["x-request-id"], "req_mine")
        self.assertEqual(trailers["traceparent"].split("-")[1], trace)
        line = eventually(lambda: self.host.access("Users/Create"), "the line in the log")[-1]
        self.assertEqual((line["code"], line["request_id"], line["peer"]), ("ok", "req_mine", "127.0.0.1"))
        self.assertGreater(line["bytes"], 0)

    def test_operations_can_be_called_by_name(self):
        invoke = self.client.operations.Invoke
        value = struct_pb2.Struct()
        value.update({"email": "ada@example.com", "role": "viewer"})
        answer = invoke(operations_pb2.InvokeOperation(operation="users.create", input=value),
                        metadata=self.client.metadata)
        self.assertEqual((answer.output["email"], answer.output["version"]), ("ada@example.com", 1))
        self.assertEqual(invoke(operations_pb2.InvokeOperation(operation="users.me"),
                                metadata=self.client.metadata).output["role"], "owner")
        failure = self.assert_fails(INVALID, "validation_failed", invoke,
                                    operations_pb2.InvokeOperation(operation="users.create"),
                                    metadata=self.client.metadata)
        self.assertEqual(failure.violations, {"email": "required"})
        self.assert_fails(grpc.StatusCode.UNIMPLEMENTED, "operation_unknown", invoke,
                          operations_pb2.InvokeOperation(operation="users.fly"), metadata=self.client.metadata)
        self.assert_fails(grpc.StatusCode.PERMISSION_DENIED, "permission_denied", invoke,
                          operations_pb2.InvokeOperation(operation="auth.rotate_keys"), metadata=self.client.metadata)

    def test_json_and_times_and_lists_are_of_their_own_types(self):
        schedules = schedules_pb2_grpc.SchedulesStub(self.client.channel)
        preview = schedules.Preview(schedules_pb2.PreviewSchedule(rule="0 3 * * *", count=3),
                                    metadata=self.client.metadata)
        self.assertEqual([time.ToDatetime().hour for time in preview.times], [3, 3, 3])
        payload = struct_pb2.Value()
        payload.struct_value.update({"deep": {"er": [1, 2.5, None, "x"]}})
        request = schedules_pb2.CreateSchedule(name="nightly", kind="nobody.knows", rule="0 3 * * *", payload=payload)
        failure = self.failure(schedules.Create, request, metadata=self.client.metadata)
        self.assertEqual((failure.reason, failure.violations.get("kind")), ("validation_failed", "schedulable"),
                         failure.violations)


class Streams(HostTest):
    def setUp(self):
        super().setUp()
        self.client = self.connect(self.start()).sign_in()
        self.users = self.client.users

    def create_many(self, emails, *metadata):
        return self.users.CreateMany((users_pb2.CreateUser(email=email) for email in emails),
                                     metadata=[*self.client.metadata, *metadata])

    def listed(self, **fields):
        return [user.email for user in self.users.ListAll(users_pb2.ListUsers(**fields), metadata=self.client.metadata)]

    def test_many_inputs_are_many_calls(self):
        emails = [f"user{i}@example.com" for i in range(1000)]
        result = self.create_many(emails)
        self.assertEqual((result.succeeded, result.failed), (1000, 0))
        self.assertEqual(sorted(self.listed()), sorted([*emails, "owner@example.com"]))
        self.assertEqual(sorted(self.listed(limit=7)), sorted([*emails, "owner@example.com"]))
        self.assertEqual(self.listed(role=users_pb2.ROLE_OWNER), ["owner@example.com"])

    def test_failures_name_their_inputs(self):
        result = self.create_many(["a@example.com", "nobody", "b@example.com", "A@example.com"])
        self.assertEqual((result.succeeded, result.failed), (2, 2))
        wrong, taken = result.failures
        self.assertEqual((wrong.index, wrong.code, wrong.reason), (1, 3, "validation_failed"))
        self.assertEqual([(v.field, v.rule) for v in wrong.violations], [("email", "format")])
        self.assertIn((taken.index, taken.reason), ((0, "email_taken"), (3, "email_taken")))

    def test_a_repeated_stream_with_a_key_changes_nothing(self):
        emails = [f"user{i}@example.com" for i in range(40)]
        for _ in range(2):
            result = self.create_many(emails, ("idempotency-key", "import-1"))
            self.assertEqual((result.succeeded, result.failed), (40, 0))
        self.assertEqual(len(self.listed()), 41)

    def test_nothing_is_a_stream_too(self):
        result = self.create_many([])
        self.assertEqual((result.succeeded, result.failed, len(result.failures)), (0, 0, 0))

    def test_who_may_not_call_at_all_is_told_so_once(self):
        self.client.metadata = []
        self.assert_fails(grpc.StatusCode.UNAUTHENTICATED, "sign_in_required", self.create_many,
                          (f"user{i}@example.com" for i in range(10_000)))
        self.assert_fails(grpc.StatusCode.UNAUTHENTICATED, "sign_in_required", self.users.ListAll,
                          users_pb2.ListUsers())

    def test_who_was_cut_off_can_go_on(self):
        host = self.start(environment={"NEXPO_LIMITS_CALLER_PER_MINUTE": "60"})
        client = self.connect(host).sign_in()
        client.users.CreateMany((users_pb2.CreateUser(email=f"user{i}@example.com") for i in range(60)),
                                metadata=client.metadata)
        stream = client.users.ListAll(users_pb2.ListUsers(limit=1), metadata=client.metadata)
        emails = []
        with self.assertRaises(grpc.RpcError) as caught:
            for user in stream:
                emails.append(user.email)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
        cursor = dict(caught.exception.trailing_metadata())["nexpo-cursor"]
        rest = self.connect(self.start()).sign_in().users.List(users_pb2.ListUsers(cursor=cursor, limit=200),
                                                               metadata=client.metadata)
        self.assertEqual(len(emails) + len(rest.items), 61)
        self.assertEqual(len({*emails, *(user.email for user in rest.items)}), 61)


if __name__ == "__main__":
    main()
