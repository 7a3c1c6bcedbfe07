"""Links to recordings, for programs: made, listed and withdrawn by who may share them."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from uuid import UUID

import storage.calls
import storage.recordings
import storage.shares
from storage.rules.permissions import Permission
from storage.shares import Wanted
from web import listening
from web.api import cursors, models
from web.api.operations import Ask, operation
from web.keys import DATABASE, SETTINGS

SHARE = Permission.SHARE_RECORDINGS


@operation(
    "GET", "/shares", name="api.shares", scope="recordings", permission=SHARE,
    query=models.ShareQuery, gives=models.Shares,
)  # fmt: skip
async def listed(ask: Ask) -> models.Shares:
    """List links to recordings that the token's user may share, the newest first."""
    query: models.ShareQuery = ask.query
    async with ask.request.app[DATABASE].reading() as session:
        reach = await storage.calls.reach(session, ask.visitor.user_id, ask.visitor.scope(SHARE))
        found = await storage.shares.listed(
            session, reach, older_than=cursors.place(query.cursor, UUID, str), limit=query.limit + 1
        )
    shown, following = cursors.cut(
        [line.share for line in found], query.limit, lambda share: (share.id,)
    )
    return models.Shares(
        shares=[models.Share.model_validate(share) for share in shown], next=following
    )


@operation(
    "POST", "/recordings/{id}/shares", name="api.shares.create", scope="recordings",
    permission=SHARE, body=models.NewShare, gives=models.ShareMade, status=HTTPStatus.CREATED,
)  # fmt: skip
async def create(ask: Ask) -> models.ShareMade:
    """Make a link to a recording.

    `url` holds its secret and is told this once.
    """
    body: models.NewShare = ask.body
    wanted = Wanted(
        lasts=timedelta(hours=body.hours), for_user_id=body.for_user_id, plays=body.plays,
        tells=tuple(body.tells),
    )  # fmt: skip
    async with ask.request.app[DATABASE].writing() as session:
        recording = await storage.recordings.get(session, ask.key())
        await listening.require(session, ask.visitor, SHARE, recording.call_id)
        share, secret = await storage.shares.create(
            session, recording, wanted, by=ask.visitor.user_id, now=datetime.now(UTC)
        )
        await session.flush()
        given = models.Share.model_validate(share)
    place = ask.request.app.router["shared.show"].url_for()
    link = f"{ask.request.app[SETTINGS].public_url}{place}#{secret}"
    return models.ShareMade(**given.model_dump(), url=link)


@operation(
    "POST", "/shares/{id}/withdrawals", name="api.share_withdrawals.create", scope="recordings",
    permission=SHARE, gives=models.Share,
)  # fmt: skip
async def withdraw(ask: Ask) -> models.Share:
    """End a link at once, also for those who listen by it."""
    async with ask.request.app[DATABASE].writing() as session:
        share, recording = await storage.shares.get(session, ask.key())
        await listening.require(session, ask.visitor, SHARE, recording.call_id)
        await storage.shares.withdraw(
            session, share.id, by=ask.visitor.user_id, now=datetime.now(UTC)
        )
        await session.refresh(share)
        return models.Share.model_validate(share)


OPERATIONS = [listed, create, withdraw]
