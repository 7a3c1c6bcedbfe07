"""What we ask of the PBX's queues for one member; each value is checked before it is sent."""

from pbx_bridge.ami import Value
from pbx_bridge.ami.shapes import shaped
from pbx_bridge.commands import Asker, queue_pause

__all__ = ["queue_add", "queue_member", "queue_pause", "queue_remove"]


async def queue_add(
    link: Asker, *, queue: str, interface: str, name: str = "", device: str = ""
) -> None:
    """Log a member in; `device` is where its state is read, where that is not `interface`."""
    action: dict[str, Value] = {
        "Action": "QueueAdd",
        "Queue": shaped("queue", queue),
        "Interface": shaped("device", interface),
        "Paused": "false",
    }
    if name:
        action["MemberName"] = shaped("member name", name)
    if device:
        action["StateInterface"] = shaped("device", device)
    await link.ask(action)


async def queue_remove(link: Asker, *, queue: str, interface: str) -> None:
    """Log a member out; refused for one that stands in the PBX's own file."""
    await link.ask(
        {
            "Action": "QueueRemove",
            "Queue": shaped("queue", queue),
            "Interface": shaped("device", interface),
        }
    )


async def queue_member(link: Asker, *, interface: str) -> frozenset[str]:
    """Have the PBX list one member; the list comes in as events. Returns the queues it is in."""
    listed = await link.ask_list({"Action": "QueueStatus", "Member": shaped("device", interface)})
    return frozenset(each.get("Queue") for each in listed if each.name == "QueueMember")
