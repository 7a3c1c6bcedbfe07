"""Why an event fits no transition, in words that are stored and translated where they are shown."""

from pbx_bridge.matching import msgid

BRIDGE_UNSEEN = msgid("a bridge that we never saw")
CALLED_UNKNOWN = msgid("the leg that is called is not known")
CALLER_OR_MEMBER_UNKNOWN = msgid("the caller or the member's leg is not known")
CALLER_UNKNOWN = msgid("the caller is not known")
DIAL_UNKNOWN = msgid("no dial of this leg is known")
HALF_UNKNOWN = msgid("half of the Local channel is not known")
LEGS_TOO_FEW = msgid("fewer than two of the legs are known")
LEG_ALONE = msgid("the leg talks with nobody")
LEG_BEGUN_BEFORE = msgid("this leg began before")
LEG_GONE = msgid("a leg that is gone")
LEG_GONE_ALREADY = msgid("a leg that is gone already")
LEG_NAMELESS = msgid("a leg without a name")
LEG_NOT_LISTENING = msgid("the leg does not listen")
LEG_NOT_PARKED = msgid("the leg is not parked")
LEG_OR_PHONE_UNKNOWN = msgid("the leg or the phone that rang is not known")
LEG_UNSEEN = msgid("a leg that we never saw")
MEMBER_UNKNOWN = msgid("the member's leg is not known")
RECORDING_NOT_RUNNING = msgid("no recording of this leg runs")
RECORDING_UNNAMED = msgid("no recording of this leg was named")
TRANSFERER_UNKNOWN = msgid("the leg that transfers is not known")
VISIT_UNKNOWN = msgid("no visit to a queue is known")

ALL = frozenset(text for name, text in globals().items() if name.isupper())
