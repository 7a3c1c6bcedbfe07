"""An agent's screens are told what the PBX says of their phone, and nothing of another's."""

import storage.queues

LISTED = {"Queue": "sales", "Name": "Ann", "Location": "PJSIP/101", "Status": "1"}


def event(name: str, **headers: str) -> bytes:
    lines = [f"Event: {name}", "Timestamp: 1795343076.1"]
    return ("\r\n".join([*lines, *(f"{k}: {v}" for k, v in headers.items())]) + "\r\n\r\n").encode()


def paused(extension: str = "101", reason: str = "Lunch") -> bytes:
    interface = f"PJSIP/{extension}"
    return event(
        "QueueMemberPause", Queue="sales", MemberName="Ann", Interface=interface,
        StateInterface=interface, Membership="static", Status="1", Paused="1", PausedReason=reason,
    )  # fmt: skip


def is_now(state: str, why: str = ""):
    def holds(screen) -> bool:
        [told] = screen.view.presences.values() or [{"state": "", "why": ""}]
        return (told["state"], told["why"]) == (state, why)

    return holds


async def test_a_screen_is_told_and_another_agent_is_not(stage) -> None:
    await stage.start()
    ann, ben = await stage.screen("101"), await stage.screen("102")
    await ann.until(is_now("offline", "no_queue"))
    stage.pbx.say(paused())
    await ann.until(is_now("paused", "Lunch"))
    assert is_now("offline", "no_queue")(ben)
    assert is_now("paused", "Lunch")(await stage.screen("101"))  # a screen that comes later


async def test_a_cut_cable_makes_it_unknown_and_the_list_puts_it_right(stage) -> None:
    await stage.start()
    ann = await stage.screen("101")
    stage.pbx.say(paused())
    await ann.until(is_now("paused", "Lunch"))
    stage.pbx.cut()
    await ann.until(is_now("unknown"))
    await ann.until(is_now("offline", "no_queue"))  # the list after the cut names no member
    assert [told["queues"] for told in ann.view.presences.values()] == [[]]


async def test_a_phone_that_is_given_to_another_takes_its_state_along(stage) -> None:
    await stage.start()
    ann, ben = await stage.screen("101"), await stage.screen("102")
    stage.pbx.say(paused())
    await ann.until(is_now("paused", "Lunch"))
    await stage.move("101", to="102")
    await ann.until(lambda s: not s.view.presences)
    await ben.until(lambda s: len(s.view.presences) == len(("101", "102")))
    states = {told["extension"]: told["state"] for told in ben.view.presences.values()}
    assert states == {"101": "paused", "102": "offline"}


async def test_a_queue_is_told_by_its_label_and_offered_where_agents_log_in(stage) -> None:
    await stage.start()
    ann = await stage.screen("101")
    stage.pbx.say(paused())
    await ann.until(is_now("paused", "Lunch"))
    async with stage.database.writing() as session:
        for name, label in (("sales", "Sales line"), ("night", "Night")):
            queue = await storage.queues.ensure(session, stage.pbx_id, name)
            await storage.queues.rename(session, queue.id, label, by=None)
            await storage.queues.arrange(
                session, queue.id, wrap_up_seconds=0, wrap_up_pauses=False, agents_log_in=True,
                by=None,
            )  # fmt: skip
    await stage.bridge.phones_changed()
    [told] = await ann.until(lambda s: [p for p in s.view.presences.values() if p["joinable"]])
    assert [each["label"] for each in told["queues"]] == ["Sales line"]
    assert told["joinable"] == [{"name": "night", "label": "Night"}]
