"""What a caller said to being recorded, told by programs."""

from datetime import UTC, datetime

import storage.calls
import storage.consents
from storage.consents import ConsentSource
from storage.rules.permissions import Permission
from web.api import models
from web.api.operations import Ask, operation
from web.keys import DATABASE, DISCARDS


@operation(
    "POST", "/calls/{id}/consents", name="api.consents.create", scope="write",
    permission=Permission.SEE_CALLS, body=models.NewConsent, gives=models.Consent,
)  # fmt: skip
async def tell(ask: Ask) -> models.Consent:
    """Note whether the caller was told of the recording, or refused it.

    A refusal stops a recording that runs, and it is deleted or heard by nobody, by the rules.
    """
    scope = ask.visitor.scope(Permission.SEE_CALLS)
    async with ask.request.app[DATABASE].writing() as session:
        reach = await storage.calls.reach(session, ask.visitor.user_id, scope)
        story = await storage.calls.get(session, ask.key(), reach=reach)
        await storage.consents.tell(
            session, story.call.id, ask.body.state, source=ConsentSource.API,
            by=ask.visitor.user_id, now=datetime.now(UTC),
        )  # fmt: skip
        row = await storage.consents.of_call(session, story.call.id)
        given = models.Consent.model_validate(row)
    ask.request.app[DISCARDS](story.call.id, given.state)
    return given


OPERATIONS = [tell]
