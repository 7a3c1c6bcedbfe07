"""A small PBX that speaks AMI on a TCP port: the demo where no Asterisk is at hand."""

from pbx_bridge.simulator.server import Simulator
from pbx_bridge.simulator.stories import Caller, Phone

__all__ = ["Caller", "Phone", "Simulator"]
