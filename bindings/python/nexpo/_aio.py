# SPDX-License-Identifier: Apache-2.0
# Written by bindings/python/generate/generate.py; not for editing.

"""The operations, as coroutines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from nexpo import _core
from nexpo._events import AsyncSubscription
from nexpo._listing import AsyncListing
from nexpo._services import (
    API_KEYS_CREATE,
    API_KEYS_GET,
    API_KEYS_LIST,
    API_KEYS_REMOVE,
    API_KEYS_ROTATE,
    AUTH_KEYS,
    AUTH_LOGIN,
    AUTH_LOGOUT,
    AUTH_REFRESH,
    AUTH_ROTATE_KEYS,
    AUTH_SIGN_UP,
    AUTH_VALIDATE,
    JOBS_CANCEL,
    JOBS_GET,
    JOBS_LIST,
    JOBS_REPLAY,
    JOBS_RETRY,
    ORGANIZATIONS_BOOTSTRAP,
    SCHEDULES_CREATE,
    SCHEDULES_GET,
    SCHEDULES_LIST,
    SCHEDULES_PREVIEW,
    SCHEDULES_REMOVE,
    SCHEDULES_RUN,
    SCHEDULES_UPDATE,
    USERS_CREATE,
    USERS_GET,
    USERS_LIST,
    USERS_ME,
    USERS_REMOVE,
    USERS_UPDATE,
    WEBHOOKS_CREATE,
    WEBHOOKS_DELIVERIES,
    WEBHOOKS_DISABLE,
    WEBHOOKS_ENABLE,
    WEBHOOKS_GET,
    WEBHOOKS_LIST,
    WEBHOOKS_REMOVE,
    WEBHOOKS_REPLAY,
    WEBHOOKS_ROTATE,
    WEBHOOKS_TEST,
    WEBHOOKS_UPDATE,
)
from nexpo._struct import JsonValue
from nexpo._types import (
    ApiKey,
    BootstrapResult,
    Event,
    Job,
    JobStateLike,
    JsonWebKeySet,
    MissedRuns,
    MissedRunsLike,
    NewApiKey,
    NewWebhook,
    RanSchedule,
    ReplayedJobs,
    ReplayedWebhook,
    Role,
    RoleLike,
    RotatedKeys,
    Schedule,
    SchedulePreview,
    TokenInfo,
    Tokens,
    User,
    Webhook,
    WebhookDelivery,
    WebhookScheme,
    WebhookSchemeLike,
)
from nexpo._unset import UNSET, Unset

__all__ = [
    "AsyncApi",
    "AsyncApiKeys",
    "AsyncAuth",
    "AsyncEvents",
    "AsyncJobs",
    "AsyncOrganizations",
    "AsyncSchedules",
    "AsyncUsers",
    "AsyncWebhooks",
]


class AsyncAuth:
    """`auth` of the caller's organization, for asyncio."""

    __slots__ = ("_api", "_start")

    def __init__(self, api: _core.Api) -> None:
        self._api = api
        self._start = api.start

    async def sign_up(self, *, email: str, password: str, name: str = "", organization: str | None = None) -> Tokens:
        """Open an account with an organization of its own.

        Off unless `auth.open_registration` is set.

        Args:
            organization: Name of the new organization; made up when absent.

        Raises:
            PermissionDenied: `registration_closed`.
            AlreadyExists: `email_taken`.
            ResourceExhausted: `sign_in_busy`.
        """
        return await self._start(AUTH_SIGN_UP, email, password, name, organization)

    async def login(self, *, email: str, password: str, organization: str | None = None) -> Tokens:
        """Sign in with an address and a password.

        Args:
            organization: Slug or id; the oldest membership when absent.

        Raises:
            Unauthenticated: `credentials_invalid`.
            PermissionDenied: `organization_not_joined`.
            ResourceExhausted: `sign_in_busy`.
        """
        return await self._start(AUTH_LOGIN, email, password, organization)

    async def refresh(self, *, refresh_token: str) -> Tokens:
        """Exchange a refresh token for new tokens.

        A refresh token works once. A repeat within ten seconds gets the same successor; a later one ends the session.

        Raises:
            Unauthenticated: `refresh_token_invalid`, `refresh_token_reused`.
        """
        return await self._start(AUTH_REFRESH, refresh_token)

    async def logout(self) -> None:
        """End the session.

        Its access and refresh tokens are refused at once.

        Raises:
            FailedPrecondition: `no_session`.
        """
        return await self._start(AUTH_LOGOUT)

    async def validate(self, *, access_token: str) -> TokenInfo:
        """Say whether an access token is good, and whose it is."""
        return await self._start(AUTH_VALIDATE, access_token)

    async def keys(self) -> JsonWebKeySet:
        """Get the public keys that verify access tokens."""
        return await self._start(AUTH_KEYS)

    async def rotate_keys(self, *, revoke: bool = False) -> RotatedKeys:
        """Replace the key that signs access tokens.

        The new key is published now and signs after `auth.signing_key_publish_seconds`; the old one verifies until
        its last token has expired.

        Args:
            revoke: The old keys have leaked: the new one signs at once, and tokens that the old ones signed are
                refused.
        """
        return await self._start(AUTH_ROTATE_KEYS, revoke)


class AsyncApiKeys:
    """`api_keys` of the caller's organization, for asyncio."""

    __slots__ = ("_api", "_start")

    def __init__(self, api: _core.Api) -> None:
        self._api = api
        self._start = api.start

    async def create(self, *, name: str, scopes: Sequence[str], expires_at: datetime | None = None) -> NewApiKey:
        """Make an API key for a program.

        The secret is shown this once. A key has the permissions in `scopes`, which whoever makes it must have too,
        and stays when its maker leaves. No key can have `api_keys:write`, `roles:write` or what only owners may do,
        so that keys make no keys and give no roles: a leaked key does no more once it is removed. An organization has
        at most 1,000 keys.

        Args:
            scopes: Permissions that the caller has too, for example `users:read`. Refused: words that nothing
                asks for (`scope_unknown`), and `api_keys:write`, `roles:write`, `owners:write`, `billing:write`,
                `organizations:remove` (`scope_not_grantable`).
            expires_at: Absent: never.

        Raises:
            PermissionDenied: `scope_not_held`.
            FailedPrecondition: `too_many_api_keys`.
        """
        return await self._start(API_KEYS_CREATE, name, scopes, expires_at)

    def list(self, *, limit: int = 50, cursor: str | None = None) -> AsyncListing[ApiKey]:
        """List the organization's API keys in the order in which they were made.

        Args:
            cursor: `next` of the page before.

        Raises:
            InvalidArgument: `cursor_invalid`.
        """
        return AsyncListing(self._start, API_KEYS_LIST, 1, (limit, cursor,))

    async def get(self, *, id: str) -> ApiKey:
        """Get one API key, without its secret.

        Raises:
            NotFound: `api_key_not_found`.
        """
        return await self._start(API_KEYS_GET, id)

    async def rotate(self, *, id: str, old_valid_seconds: int = 86400) -> NewApiKey:
        """Give an API key a new secret.

        The old secret goes on working for `old_valid_seconds`. At most two work at a time.

        Args:
            old_valid_seconds: How long the old secret goes on working.

        Raises:
            NotFound: `api_key_not_found`.
            PermissionDenied: `scope_not_held`.
            Aborted: `version_mismatch`.
            FailedPrecondition: `rotation_under_way`.
        """
        return await self._start(API_KEYS_ROTATE, id, old_valid_seconds)

    async def remove(self, *, id: str) -> None:
        """Remove an API key.

        Its secrets are refused at once.

        Raises:
            NotFound: `api_key_not_found`.
            Aborted: `version_mismatch`.
        """
        return await self._start(API_KEYS_REMOVE, id)


class AsyncUsers:
    """`users` of the caller's organization, for asyncio."""

    __slots__ = ("_api", "_start")

    def __init__(self, api: _core.Api) -> None:
        self._api = api
        self._start = api.start

    async def create(
        self,
        *,
        email: str,
        name: str = "",
        role: RoleLike = Role.MEMBER,
        password: str | None = None,
    ) -> User:
        """Add a user to the organization.

        With a password the user can sign in at once, provided that nobody has an account with this address; an
        account that exists is joined by invitation instead. Giving a password takes the permission `accounts:write`
        as well: whoever has it can sign in as the new user.

        Args:
            role: Only owners make owners.
            password: Used only when nobody has an account with this address. Takes the permission
                `accounts:write`.

        Raises:
            AlreadyExists: `email_taken`.
            PermissionDenied: `owner_required`.
        """
        return await self._start(USERS_CREATE, email, name, role, password)

    def list(self, *, limit: int = 50, cursor: str | None = None, role: RoleLike | None = None) -> AsyncListing[User]:
        """List the organization's users in the order in which they were added.

        Args:
            cursor: `next` of the page before.
            role: Only users with this role.

        Raises:
            InvalidArgument: `cursor_invalid`.
        """
        return AsyncListing(self._start, USERS_LIST, 1, (limit, cursor, role,))

    async def me(self) -> User:
        """Get the caller's own profile.

        Raises:
            NotFound: `user_not_found`.
        """
        return await self._start(USERS_ME)

    async def get(self, *, id: str) -> User:
        """Get one user.

        Raises:
            NotFound: `user_not_found`.
        """
        return await self._start(USERS_GET, id)

    async def update(self, *, id: str, name: str | None | Unset = UNSET, role: RoleLike | None | Unset = UNSET) -> User:
        """Change a user.

        A merge patch: absent fields stay as they are. Members may change their own name with `profile:write`; other
        users take `users:write`, roles `roles:write` as well.

        Args:
            name: Null empties it.
            role: Only owners make or change owners.

        Raises:
            NotFound: `user_not_found`.
            PermissionDenied: `owner_required`.
            FailedPrecondition: `last_owner`.
            Aborted: `version_mismatch`.
        """
        return await self._start(USERS_UPDATE, id, name, role)

    async def remove(self, *, id: str) -> None:
        """Remove a user from the organization.

        The user's sessions in the organization end.

        Raises:
            NotFound: `user_not_found`.
            PermissionDenied: `owner_required`.
            FailedPrecondition: `last_owner`.
            Aborted: `version_mismatch`.
        """
        return await self._start(USERS_REMOVE, id)


class AsyncOrganizations:
    """`organizations` of the caller's organization, for asyncio."""

    __slots__ = ("_api", "_start")

    def __init__(self, api: _core.Api) -> None:
        self._api = api
        self._start = api.start

    async def bootstrap(self, *, email: str, password: str, name: str = "") -> BootstrapResult:
        """Create the organization and its first owner, if it has none.

        Raises:
            AlreadyExists: `email_taken`, `account_exists`.
        """
        return await self._start(ORGANIZATIONS_BOOTSTRAP, email, password, name)


class AsyncWebhooks:
    """`webhooks` of the caller's organization, for asyncio."""

    __slots__ = ("_api", "_start")

    def __init__(self, api: _core.Api) -> None:
        self._api = api
        self._start = api.start

    async def create(
        self,
        *,
        url: str,
        description: str = "",
        events: Sequence[str] = (),
        ordered: bool = False,
        scheme: WebhookSchemeLike = WebhookScheme.V1,
    ) -> NewWebhook:
        """Have events posted to a URL.

        The organization's events that fit `events` are posted from now on, signed by the Standard Webhooks
        specification, at least once and in any order unless `ordered`. With the scheme `v1` the secret is shown this
        once. Whoever has the permission can have every event sent anywhere.

        Args:
            url: https, of the public Internet, without a user's name or password.
            description: What it is for.
            events: Names of events, or beginnings such as `user.*`; empty: all.
            ordered: Messages come in the order of their events; one that fails holds up the others.
            scheme: How messages are signed: `v1` with a shared secret, `v1a` with a key pair (Ed25519).

        Raises:
            FailedPrecondition: `too_many_webhooks`.
        """
        return await self._start(WEBHOOKS_CREATE, url, description, events, ordered, scheme)

    def list(self, *, limit: int = 50, cursor: str | None = None) -> AsyncListing[Webhook]:
        """List the organization's webhooks in the order in which they were made.

        Args:
            cursor: `next` of the page before.

        Raises:
            InvalidArgument: `cursor_invalid`.
        """
        return AsyncListing(self._start, WEBHOOKS_LIST, 1, (limit, cursor,))

    async def get(self, *, id: str) -> Webhook:
        """Get one webhook, without its secret.

        Raises:
            NotFound: `webhook_not_found`.
        """
        return await self._start(WEBHOOKS_GET, id)

    async def update(
        self,
        *,
        id: str,
        url: str | None | Unset = UNSET,
        description: str | None | Unset = UNSET,
        events: Sequence[str] | None | Unset = UNSET,
        ordered: bool | None | Unset = UNSET,
    ) -> Webhook:
        """Change a webhook.

        Args:
            url: As for a new one; not null.
            description: Null empties it.
            events: Null: all.
            ordered: Holds for events from now on.

        Raises:
            NotFound: `webhook_not_found`.
            Aborted: `version_mismatch`.
        """
        return await self._start(WEBHOOKS_UPDATE, id, url, description, events, ordered)

    async def remove(self, *, id: str) -> None:
        """Remove a webhook.

        What was not delivered yet is given up.

        Raises:
            NotFound: `webhook_not_found`.
            Aborted: `version_mismatch`.
        """
        return await self._start(WEBHOOKS_REMOVE, id)

    async def enable(self, *, id: str) -> Webhook:
        """Switch a webhook on.

        Its failures are forgotten. What happened meanwhile is not delivered; what was given up can be replayed.

        Raises:
            NotFound: `webhook_not_found`.
            Aborted: `version_mismatch`.
        """
        return await self._start(WEBHOOKS_ENABLE, id)

    async def disable(self, *, id: str) -> Webhook:
        """Switch a webhook off.

        What was not delivered yet is given up.

        Raises:
            NotFound: `webhook_not_found`.
            Aborted: `version_mismatch`.
        """
        return await self._start(WEBHOOKS_DISABLE, id)

    async def rotate(self, *, id: str, old_valid_seconds: int = 86400) -> NewWebhook:
        """Give a webhook a new secret.

        Or a new key pair. For `old_valid_seconds` messages carry both signatures, so that receivers can change over.
        At most two keys sign at a time.

        Args:
            old_valid_seconds: How long messages carry the old signature, too.

        Raises:
            NotFound: `webhook_not_found`.
            Aborted: `version_mismatch`.
            FailedPrecondition: `rotation_under_way`.
        """
        return await self._start(WEBHOOKS_ROTATE, id, old_valid_seconds)

    async def test(self, *, id: str) -> WebhookDelivery:
        """Send a webhook a message of the type webhook.test.

        Whatever its filters. How it went is among the deliveries.

        Raises:
            NotFound: `webhook_not_found`.
            FailedPrecondition: `webhook_disabled`.
        """
        return await self._start(WEBHOOKS_TEST, id)

    def deliveries(
        self,
        *,
        id: str,
        limit: int = 50,
        cursor: str | None = None,
        state: JobStateLike | None = None,
    ) -> AsyncListing[WebhookDelivery]:
        """List the deliveries to a webhook, the newest first.

        Those of the last three days, and for five days those that were given up.

        Args:
            cursor: `next` of the page before.
            state: Only deliveries in this state.

        Raises:
            NotFound: `webhook_not_found`.
            InvalidArgument: `cursor_invalid`.
        """
        return AsyncListing(self._start, WEBHOOKS_DELIVERIES, 2, (id, limit, cursor, state,))

    async def replay(
        self,
        *,
        id: str,
        delivery_id: str | None = None,
        since: datetime | None = None,
        limit: int = 1000,
    ) -> ReplayedWebhook:
        """Send messages to a webhook again.

        The one in `delivery_id`, delivered or not, or all that were given up since a time, with all their attempts
        and the same `webhook-id`.

        Args:
            delivery_id: This one, whether it was delivered or not; absent: those that were given up.
            since: Only those given up at this time or later.
            limit: At most so many, the oldest first.

        Raises:
            NotFound: `webhook_not_found`, `delivery_not_found`.
            FailedPrecondition: `webhook_disabled`, `delivery_under_way`.
        """
        return await self._start(WEBHOOKS_REPLAY, id, delivery_id, since, limit)


class AsyncJobs:
    """`jobs` of the caller's organization, for asyncio."""

    __slots__ = ("_api", "_start")

    def __init__(self, api: _core.Api) -> None:
        self._api = api
        self._start = api.start

    def list(
        self,
        *,
        limit: int = 50,
        cursor: str | None = None,
        state: JobStateLike | None = None,
        kind: str | None = None,
    ) -> AsyncListing[Job]:
        """List the organization's background jobs in the order in which they were queued.

        Args:
            cursor: `next` of the page before.
            state: Only jobs in this state.
            kind: Only jobs of this kind.

        Raises:
            InvalidArgument: `cursor_invalid`.
        """
        return AsyncListing(self._start, JOBS_LIST, 1, (limit, cursor, state, kind,))

    async def get(self, *, id: str) -> Job:
        """Get one background job.

        Raises:
            NotFound: `job_not_found`.
        """
        return await self._start(JOBS_GET, id)

    async def cancel(self, *, id: str) -> Job:
        """Call a background job off.

        One that is running is asked to stop, and is cancelled unless it succeeds all the same.

        Raises:
            NotFound: `job_not_found`.
            FailedPrecondition: `job_finished`.
        """
        return await self._start(JOBS_CANCEL, id)

    async def retry(self, *, id: str) -> Job:
        """Start a background job that has stopped anew.

        A dead or cancelled job gets all its attempts again; one that waits for its time runs at once.

        Raises:
            NotFound: `job_not_found`.
            FailedPrecondition: `job_not_stopped`.
            AlreadyExists: `job_not_unique`.
        """
        return await self._start(JOBS_RETRY, id)

    async def replay(
        self,
        *,
        ids: Sequence[str] = (),
        kind: str | None = None,
        since: datetime | None = None,
        limit: int = 1000,
    ) -> ReplayedJobs:
        """Start dead background jobs anew.

        All that fit the ids, the kind and the time, the oldest first; those whose unique key another job has stay
        dead.

        Args:
            ids: Only these; empty: all that the rest fits.
            kind: Only of this kind.
            since: Only those that died at this time or later.
            limit: At most so many, the oldest first.
        """
        return await self._start(JOBS_REPLAY, ids, kind, since, limit)


class AsyncSchedules:
    """`schedules` of the caller's organization, for asyncio."""

    __slots__ = ("_api", "_start")

    def __init__(self, api: _core.Api) -> None:
        self._api = api
        self._start = api.start

    def list(self, *, limit: int = 50, cursor: str | None = None) -> AsyncListing[Schedule]:
        """List the organization's schedules in the order in which they were made.

        Args:
            cursor: `next` of the page before.

        Raises:
            InvalidArgument: `cursor_invalid`.
        """
        return AsyncListing(self._start, SCHEDULES_LIST, 1, (limit, cursor,))

    async def get(self, *, id: str) -> Schedule:
        """Get one schedule.

        Raises:
            NotFound: `schedule_not_found`.
        """
        return await self._start(SCHEDULES_GET, id)

    async def create(
        self,
        *,
        name: str,
        kind: str,
        payload: JsonValue = None,
        rule: str,
        time_zone: str = "UTC",
        start_at: datetime | None = None,
        missed: MissedRunsLike = MissedRuns.ONCE,
        overlap: bool = True,
        paused: bool = False,
    ) -> Schedule:
        """Queue a job again and again.

        Each time of the rule queues one job of the kind, whichever process is there first. The kind must be one that
        the application lets people schedule.

        Args:
            name: Unique in the organization.
            kind: Of the jobs; one that may be scheduled.
            payload: What the jobs' handler gets.
            rule: Cron of five or six fields, or an RRULE of RFC 5545.
            time_zone: IANA time zone.
            start_at: Absent: now. The DTSTART of an RRULE.
            missed: What becomes of times at which no worker was there.
            overlap: Jobs may run while one of an earlier time is not finished.
            paused: Nothing is queued.

        Raises:
            AlreadyExists: `schedule_name_taken`.
            FailedPrecondition: `too_many_schedules`.
            InvalidArgument: `schedule_rule_invalid`, `schedule_never_due`, `schedule_start_invalid`, `time_zone_unknown`.
        """
        return await self._start(SCHEDULES_CREATE, name, kind, payload, rule, time_zone, start_at, missed, overlap, paused)

    async def update(
        self,
        *,
        id: str,
        name: str | None | Unset = UNSET,
        payload: JsonValue | None | Unset = UNSET,
        rule: str | None | Unset = UNSET,
        time_zone: str | None | Unset = UNSET,
        start_at: datetime | None | Unset = UNSET,
        missed: MissedRunsLike | None | Unset = UNSET,
        overlap: bool | None | Unset = UNSET,
        paused: bool | None | Unset = UNSET,
    ) -> Schedule:
        """Change, pause or resume a schedule.

        Absent fields stay as they are. Times before the change that were not dealt with are dropped.

        Args:
            name: Unique in the organization.
            payload: What the jobs' handler gets.
            rule: Cron of five or six fields, or an RRULE of RFC 5545.
            time_zone: IANA time zone.
            start_at: Nothing is due before; the DTSTART of an RRULE.
            missed: What becomes of times at which no worker was there.
            overlap: Jobs may run while one of an earlier time is not finished.
            paused: Nothing is queued.

        Raises:
            NotFound: `schedule_not_found`.
            AlreadyExists: `schedule_name_taken`.
            InvalidArgument: `schedule_rule_invalid`, `schedule_never_due`, `schedule_start_invalid`, `time_zone_unknown`.
        """
        return await self._start(SCHEDULES_UPDATE, id, name, payload, rule, time_zone, start_at, missed, overlap, paused)

    async def remove(self, *, id: str) -> None:
        """Remove a schedule.

        Jobs that it has queued stay.

        Raises:
            NotFound: `schedule_not_found`.
        """
        return await self._start(SCHEDULES_REMOVE, id)

    async def run(self, *, id: str) -> RanSchedule:
        """Queue a job of a schedule at once, besides its times.

        Raises:
            NotFound: `schedule_not_found`.
        """
        return await self._start(SCHEDULES_RUN, id)

    async def preview(
        self,
        *,
        rule: str,
        time_zone: str = "UTC",
        start_at: datetime | None = None,
        after: datetime | None = None,
        count: int = 10,
    ) -> SchedulePreview:
        """Say when a rule would be due.

        Args:
            rule: Cron of five or six fields, or an RRULE of RFC 5545.
            time_zone: IANA time zone.
            start_at: Absent: now. The DTSTART of an RRULE.
            after: Only later times; absent: from the start on.

        Raises:
            InvalidArgument: `schedule_rule_invalid`, `schedule_never_due`, `schedule_start_invalid`, `time_zone_unknown`.
        """
        return await self._start(SCHEDULES_PREVIEW, rule, time_zone, start_at, after, count)


class AsyncEvents:
    """`events` of the caller's organization, for asyncio."""

    __slots__ = ("_api", "_start")

    def __init__(self, api: _core.Api) -> None:
        self._api = api
        self._start = api.start

    def subscribe(self, *, events: Sequence[str] = (), after: str | None = None) -> AsyncSubscription:
        """Follow what happens in the organization.

        A stream of server-sent events (WHATWG HTML section 9.2), or of JSON messages over WebSocket (RFC 6455). Every
        event that was committed comes once, in an order that is the same for all. Who was cut off goes on behind the
        last event that came, with `after` or `Last-Event-ID`. Events that the caller may not see are left out.

        Args:
            events: Only events of these names: `user.created`, `user.*` for all of a noun. Empty: all.
            after: The id of an event: everything after it is delivered first, up to seven days old.

        Raises:
            OutOfRange: `event_too_old`.
            NotFound: `event_not_found`.
            ResourceExhausted: `too_many_streams`.
        """
        return AsyncSubscription(self._api, events, after)


class AsyncApi:
    """The backend as one caller sees it, for asyncio: calls do not block the event loop."""

    __slots__ = ("auth", "api_keys", "users", "organizations", "webhooks", "jobs", "schedules", "events")

    def __init__(self, core: _core.Api) -> None:
        self.auth = AsyncAuth(core)
        self.api_keys = AsyncApiKeys(core)
        self.users = AsyncUsers(core)
        self.organizations = AsyncOrganizations(core)
        self.webhooks = AsyncWebhooks(core)
        self.jobs = AsyncJobs(core)
        self.schedules = AsyncSchedules(core)
        self.events = AsyncEvents(core)
