# SPDX-License-Identifier: Apache-2.0
# Written by bindings/python/generate/generate.py; not for editing.

"""The operations `webhooks.…`, as coroutines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from nexpo import _core
from nexpo._listing import AsyncListing
from nexpo._services.webhooks import (
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
from nexpo._types.webhooks import (
    JobStateLike,
    NewWebhook,
    ReplayedWebhook,
    Webhook,
    WebhookDelivery,
    WebhookScheme,
    WebhookSchemeLike,
)
from nexpo._unset import UNSET, Unset

__all__ = ["AsyncWebhooks"]


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
        return AsyncListing(self._start, WEBHOOKS_LIST, 1, (limit, cursor))

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
        return AsyncListing(self._start, WEBHOOKS_DELIVERIES, 2, (id, limit, cursor, state))

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
