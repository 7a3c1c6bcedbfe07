"""What devices, members and the edge tell beside the calls."""

from pbx_bridge.events import (
    DeviceChanged,
    ExtensionChanged,
    LinkLost,
    MemberChanged,
    MemberRemoved,
    PhonesKnown,
)
from pbx_bridge.tracker.grouping import Switchboard


def on_device_changed(board: Switchboard, event: DeviceChanged) -> None:
    """A device told its state."""
    extension = board.phones.extension_of(event.interface)
    board.phones.hear(extension, event.interface, event.state)


def on_extension_changed(board: Switchboard, event: ExtensionChanged) -> None:
    """An extension's hint told its state."""
    board.phones.hear(event.extension, "hint", event.state)


def on_member_changed(board: Switchboard, event: MemberChanged) -> None:
    """A queue told the state of the device behind a member."""
    extension = board.phones.extension_of(event.device)
    board.phones.hear(extension, event.device, event.state)


def on_member_removed(_board: Switchboard, _event: MemberRemoved) -> None:
    """Concerns the queue alone."""


def on_phones_known(board: Switchboard, event: PhonesKnown) -> None:
    """Legs that begin from now on are looked up in these phones."""
    board.phones.know(event.phones)


def on_link_lost(board: Switchboard, event: LinkLost) -> None:
    """We hear nothing; what is up now may end unheard."""
    board.lost_at = board.lost_at or event.at
    board.phones.forget_devices()
