"""Where a person begins."""

import pytest

from fixtures.calls import NOW, set_stage
from pbx_bridge.ids import uuid7
from storage.agents import Agent
from storage.database import Database


async def first_page(browser) -> str:
    response = await browser.client.get("/", allow_redirects=False)
    assert response.status == 303
    return response.headers["Location"]


@pytest.mark.parametrize(
    ("role", "page"),
    [
        ("agent", "/desk"),
        ("supervisor", "/calls/in-progress"),
        ("administrator", "/calls/in-progress"),
    ],
)
async def test_each_role_begins_where_it_works(sign_in, role: str, page: str) -> None:
    assert await first_page(await sign_in(role)) == page


async def test_whoever_sits_at_a_phone_begins_at_the_desk(sign_in, database: Database) -> None:
    supervisor = await sign_in("supervisor")
    stage = await set_stage(database)
    async with database.writing() as session:
        session.add(
            Agent(
                id=uuid7(NOW), user_id=supervisor.user.id, pbx_id=stage.pbx, extension="150",
                interface="PJSIP/150", created_at=NOW,
            )
        )  # fmt: skip
    assert await first_page(supervisor) == "/desk"


async def test_a_stranger_begins_with_the_log_in(stranger) -> None:
    assert (await first_page(stranger)).startswith("/login")
