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
        self.events = Counter(
            "ringbook_events", "Events fed to the tracker.", ["pbx"], registry=registry
        )
        self.impossible = Counter(
            "ringbook_events_impossible",
            "Events that fit no transition.",
            ["pbx"],
            registry=registry,
        )
        self.faults = Counter(
            "ringbook_journey_faults",
            "Messages of the PBX that made the journey fail; the next one was handled.",
            ["pbx"],
            registry=registry,
        )
        self.lookups_late = Counter(
            "ringbook_lookups_late",
            "Pops that were shown before their card was found.",
            registry=registry,
        )
        self.screens = Gauge("ringbook_screens", "Open screens.", registry=registry)
        self.screens_dropped = Counter(
            "ringbook_screens_dropped", "Screens closed as too slow.", registry=registry
        )
        self.replayed = Counter(
            "ringbook_frames_replayed", "Frames sent again after a gap.", registry=registry
        )
        self.refused = Counter(
            "ringbook_sockets_refused", "Handshakes refused.", ["status"], registry=registry
        )
        self.storage_lag = Gauge(
            "ringbook_storage_lag_seconds",
            "Age of the oldest change of a call that is not stored yet.",
            registry=registry,
        )
        self.calls_stored = Counter(
            "ringbook_calls_stored", "Revisions of calls stored.", registry=registry
        )
        self.storage_failures = Counter(
            "ringbook_storage_failures", "Commits of calls that failed.", registry=registry
        )
