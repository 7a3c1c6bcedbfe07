"""What a caller of the link must be ready for.

AmiError
├── BadAction        we refused to send it: nothing was written
├── NotConnected     there is no link: nothing was written
├── ActionRefused    Asterisk said no
├── OutcomeUnknown   it may have been done or not; it is never sent again
└── LinkTrouble      a connection could not be made or kept
"""

import traceback

from pbx_bridge.ami.message import Message
from pbx_bridge.ami.troubles import Trouble


def described(error: BaseException) -> str:
    """An unexpected error for a log: its kind and place; a full traceback might show a secret."""
    place = traceback.extract_tb(error.__traceback__)[-1:]
    return type(error).__name__ + "".join(f" at {at.filename}:{at.lineno}" for at in place)


class AmiError(Exception):
    """Base of every error that the link raises."""


class BadAction(AmiError):
    """The action is not fit to be sent; names the header, never its value."""


class NotConnected(AmiError):
    """There is no link to the PBX; nothing was sent."""


class ActionRefused(AmiError):
    """Asterisk answered the action with an error."""

    def __init__(self, action: str, message: Message) -> None:
        super().__init__(f"Asterisk refuses {action}: {message.get('Message') or message.name}")
        self.action = action
        self.message = message


class OutcomeUnknown(AmiError):
    """The action may have left, no answer came: look at the PBX before trying again."""


class LinkTrouble(AmiError):
    """A connection could not be made or kept."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.why)
        self.trouble = trouble
