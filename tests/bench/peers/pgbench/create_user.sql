-- SPDX-License-Identifier: Apache-2.0
-- What users.create writes: the profile under a random address, the audit entry and the event, in one transaction. Ids are
-- as long as ours and ascend with time as ours do. -D organization=ID
\set a random(1, 9000000000000000000)
\set b random(1, 9000000000000000000)
BEGIN;
INSERT INTO user_profiles (id, organization_id, email, name, role, created_at, updated_at, version)
VALUES ('usr_' || lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000000)::bigint), 13, '0') || right(to_hex(:a::bigint), 13),
        :organization, to_hex(:a::bigint) || to_hex(:b::bigint) || '@example.com', 'Ada Lovelace', 'member', now(), now(), 1)
ON CONFLICT (organization_id, email) DO NOTHING;
INSERT INTO audit_entries (id, organization_id, at, actor_kind, actor_id, operation, target, outcome, request_id, address)
VALUES ('aud_' || lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000000)::bigint), 13, '0') || right(to_hex(:b::bigint), 13),
        :organization, now(), 'system', '', 'users.create', 'usr_' || right(to_hex(:a::bigint), 13), 'ok',
        'req_' || to_hex(:b::bigint), '');
INSERT INTO outbox_events (id, organization_id, event, payload, request_id, created_at)
VALUES ('evt_' || lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000000)::bigint), 13, '0') || right(to_hex(:a::bigint), 13),
        :organization, 'user.created',
        jsonb_build_object('user_id', 'usr_' || to_hex(:a::bigint), 'email', to_hex(:b::bigint) || '@example.com', 'role', 'member'),
        'req_' || to_hex(:b::bigint), now());
COMMIT;
