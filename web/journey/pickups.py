"""What fetches the recordings of calls that are over, as the live side sees it."""

from typing import Protocol

from pbx_bridge.call import Call


class Expects(Protocol):
    """What fetches recordings: `recordings.pickup.Pickup`."""

    def expect(self, call: Call) -> None:
        """The call is over and stored: its files will come."""
