"""What the live side measures of itself, for Prometheus."""

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram

_FAST = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """One set per registry; names begin with ringbook_."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self.pop_sent = Histogram(
            "ringbook_pop_sent_seconds",
            "From the arrival of the PBX's bytes to the frame handed to the screen's socket.",
            buckets=_FAST,
            registry=registry,
        )
        self.pop_shown = Histogram(
            "ringbook_pop_shown_seconds",
            "From the arrival of the PBX's bytes to the pop painted, as the browser reports it.",
            buckets=_FAST,
            registry=registry,
        )

        def count(name: str, what: str, *labels: str) -> Counter:
            return Counter(f"ringbook_{name}", what, labels, registry=registry)

        def level(name: str, what: str, *labels: str) -> Gauge:
            return Gauge(f"ringbook_{name}", what, labels, registry=registry)

        self.link_up = level("link_up", "1 while the PBX's link is connected, else 0.", "pbx")
        self.link_lacks = level("link_lacks", "Rights that our account on the PBX lacks.", "pbx")
        self.leader = level("leader", "1 while this node leads, else 0.")
        self.fence = level("leader_fence", "The number of this node's lease.")
        self.events = count("events", "Events fed to the tracker.", "pbx")
        self.clock_back = count("clock_back", "Times that the PBX's clock went back.", "pbx")
        self.impossible = count("events_impossible", "Events that fit no transition.", "pbx")
        self.faults = count("journey_faults", "PBX messages that made the journey fail.", "pbx")
        self.lookups_late = count("lookups_late", "Pops shown before their card was found.")
        self.screens = level("screens", "Open screens.")
        self.screens_dropped = count("screens_dropped", "Screens closed as too slow.")
        self.replayed = count("frames_replayed", "Frames sent again after a gap.")
        self.refused = count("sockets_refused", "Handshakes refused.", "status")
        self.storage_lag = level("storage_lag_seconds", "Age of the oldest change not stored.")
        self.room = level(
            "recordings_room",
            "Room for recordings at the tightest place: 2 enough, 1 little, 0 none.",
        )
        self.room.set(2)
        self.calls_stored = count("calls_stored", "Revisions of calls stored.")
        self.gaps = level("gaps_unfilled", "Gaps that the PBXs' books have not filled (yet).")
        self.calls_recovered = count("calls_recovered", "Calls told from the books.", "outcome")
        self.findings = level("findings_open", "Differences between calls and the PBXs' books.")
        self.storage_failures = count("storage_failures", "Commits of calls that failed.")
