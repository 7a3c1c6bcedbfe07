"""What an administrator pastes into a PBX: printed by `ringbook doctor`, and run by our own lab."""

from collections.abc import Mapping
from importlib import resources

ADVANCED_FILTERS_SINCE = 22
PHONES = "from-internal"  # as FreePBX calls it
LISTEN = "ringbook-listen"  # what a supervisor's phone does that listens in
CONTEXTS = (
    *("ringbook-record", "ringbook-phones", "ringbook-dial", "ringbook-queues"),
    *("ringbook-pickup", "ringbook-retrieve", LISTEN, "ringbook-grab"),
)

EVENTS = (
    *("Newchannel", "Newstate", "NewCallerid", "NewConnectedLine", "Hangup"),
    *("DialBegin", "DialState", "DialEnd"),
    *("BridgeCreate", "BridgeDestroy", "BridgeEnter", "BridgeLeave", "BridgeMerge"),
    *("LocalBridge", "LocalOptimizationBegin", "LocalOptimizationEnd"),
    *("QueueCallerJoin", "QueueCallerLeave", "QueueCallerAbandon"),
    *("QueueMemberAdded", "QueueMemberRemoved", "QueueMemberPause", "QueueMemberPenalty"),
    *("QueueMemberRinginuse", "QueueMemberStatus", "DeviceStateChange"),
    *("AgentCalled", "AgentConnect", "AgentComplete", "AgentDump", "AgentRingNoAnswer"),
    *("AgentLogin", "AgentLogoff"),
    *("BlindTransfer", "AttendedTransfer", "Pickup", "Hold", "Unhold"),
    *("ParkedCall", "ParkedCallSwap", "ParkedCallTimeOut", "ParkedCallGiveUp", "UnParkedCall"),
    *("ConfbridgeJoin", "ConfbridgeLeave", "ChanSpyStart", "ChanSpyStop"),
    *("MixMonitorStart", "MixMonitorStop", "MixMonitorMute"),
    *("OriginateResponse", "UserEvent", "Cdr", "MessageWaiting", "FullyBooted", "Shutdown"),
)
VARIABLES = ("DIALSTATUS", "MIXMONITOR_FILENAME", "QUEUESTATUS")
OUR_VARIABLES = "RINGBOOK_"
APPLICATIONS = (
    *("Answer", "BackGround", "ConfBridge", "Dial", "Directory", "Park", "Playback"),
    *("Queue", "Read", "VoiceMail", "WaitExten"),
)


def manager_conf(*, version: int, username: str, secret: str, permit: str) -> str:
    """Return the account for manager.conf; `version` is the major one, `permit` as in an ACL."""
    return _printed("manager.conf").format(
        username=username,
        secret=secret,
        permit=permit,
        eventfilters="\n".join(eventfilters(version=version)),
    )


def eventfilters(*, version: int) -> tuple[str, ...]:
    """Return the lines that make the PBX send only what Ringbook reads."""
    return _advanced_filters() if version >= ADVANCED_FILTERS_SINCE else _regex_filters()


def cdr_conf() -> str:
    """Return the whole of cdr.conf."""
    return _printed("cdr.conf")


def cel_conf() -> str:
    """Return the whole of cel.conf."""
    return _printed("cel.conf")


def cel_custom_conf() -> str:
    """Return the whole of cel_custom.conf."""
    return _printed("cel_custom.conf")


def dialplan(phones: str = PHONES) -> str:
    """Return the dialplan to include in extensions.conf; `phones` is the context of the phones."""
    return _printed("extensions_ringbook.conf").replace("@phones@", phones)


def pjsip_conf(accounts: Mapping[str, str], *, context: str = PHONES) -> str:
    """Return what softphones need in pjsip.conf; `accounts` gives each one's password."""
    account = _printed("pjsip_softphone_account.conf")
    return _printed("pjsip_softphone.conf") + "".join(
        account.format(account=name, password=password, name=f"Agent {name}", context=context)
        for name, password in accounts.items()
    )


def http_conf(
    *,
    port: int = 8088,
    tls_bind: str = "0.0.0.0:8089",
    certificate: str = "/etc/asterisk/keys/pbx.example.com.pem",
    key: str = "/etc/asterisk/keys/pbx.example.com.key",
) -> str:
    """Return the whole of http.conf: where softphones come in."""
    text = _printed("http_softphone.conf")
    return text.format(port=port, tls_bind=tls_bind, certificate=certificate, key=key)


def _printed(name: str) -> str:
    return resources.files(__name__).joinpath(name).read_text(encoding="utf-8")


def _advanced_filters() -> tuple[str, ...]:
    newexten = "eventfilter(name(Newexten),header(Application),method(exact))"
    varset = "eventfilter(name(VarSet),header(Variable),method({}))"
    return (
        *(f"eventfilter(name({event})) =" for event in EVENTS),
        *(f"{newexten} = {application}" for application in APPLICATIONS),
        *(f"{varset.format('exact')} = {variable}" for variable in VARIABLES),
        f"{varset.format('starts_with')} = {OUR_VARIABLES}",
    )


def _regex_filters() -> tuple[str, ...]:
    # Anchored at the event's first line, so that nobody's caller name can pass for an event.
    end = "[[:cntrl:]]"
    variables = "|".join((*(f"{name}{end}" for name in VARIABLES), OUR_VARIABLES))
    return (
        f"eventfilter = ^Event: ({'|'.join(EVENTS)}){end}",
        f"eventfilter = ^Event: Newexten{end}.*Application: ({'|'.join(APPLICATIONS)}){end}",
        f"eventfilter = ^Event: VarSet{end}.*Variable: ({variables})",
    )
