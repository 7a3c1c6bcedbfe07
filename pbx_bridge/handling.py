"""What we ask of Asterisk for a call that goes on: to send it on, park it, press keys in it."""

from pbx_bridge.ami.shapes import shaped
from pbx_bridge.commands import Asker


async def blind_transfer(link: Asker, *, channel: str, exten: str, context: str) -> None:
    """Send on whoever talks with `channel`, as its phone would; the PBX tells it as a transfer."""
    await _sent_on(link, "BlindTransfer", channel, exten, context)


async def attended_transfer(link: Asker, *, channel: str, exten: str, context: str) -> None:
    """Let `channel` ask somebody first; who talks with it waits, and is sent on at its hang-up.

    The PBX answers once it has begun. It needs a feature code for `atxfer`, and t or T in Dial.
    """
    await _sent_on(link, "Atxfer", channel, exten, context)


async def _sent_on(link: Asker, action: str, channel: str, exten: str, context: str) -> None:
    await link.ask(
        {
            "Action": action,
            "Channel": shaped("channel", channel),
            "Exten": shaped("place", exten),
            "Context": shaped("context", context),
        }
    )


async def park(link: Asker, *, channel: str, back_to: str) -> None:
    """Put `channel` into a parking space; who waits there too long comes back to `back_to`."""
    await link.ask(
        {
            "Action": "Park",
            "Channel": shaped("channel", channel),
            "TimeoutChannel": shaped("channel", back_to),
        }
    )


async def press(link: Asker, *, channel: str, digit: str) -> None:
    """Let `channel` hear a key as if the other side had pressed it; it is written nowhere."""
    await link.ask(
        {
            "Action": "PlayDTMF",
            "Channel": shaped("channel", channel),
            "Digit": shaped("key", digit),
        }
    )


async def set_on(link: Asker, *, channel: str, name: str, value: str) -> None:
    """Set a variable of one channel."""
    await link.ask(
        {
            "Action": "Setvar",
            "Channel": shaped("channel", channel),
            "Variable": shaped("variable name", name),
            "Value": shaped("variable value", value),
        }
    )


async def mute_recordings(link: Asker, *, channel: str, muted: bool) -> None:
    """Have every recording of `channel` that runs hold silence, both ways, or sound again.

    The PBX tells it by MixMonitorMute; a recording that begins later holds sound.
    """
    await link.ask(
        {
            "Action": "MixMonitorMute",
            "Channel": shaped("channel", channel),
            "Direction": "both",
            "State": "1" if muted else "0",
        }
    )


async def stop_recording(link: Asker, *, channel: str) -> None:
    """End the first recording of `channel` that runs; the PBX tells it by MixMonitorStop."""
    await link.ask({"Action": "StopMixMonitor", "Channel": shaped("channel", channel)})
