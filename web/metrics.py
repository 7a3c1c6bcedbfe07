"""What Prometheus reads of the pages; the link, the pops and the storage define theirs at home."""

from prometheus_client import Counter, Histogram

REQUESTS = Counter(
    "ringbook_http_requests_total", "Answers given, by route and status.", ["route", "status"]
)
REQUEST_SECONDS = Histogram(
    "ringbook_http_request_seconds", "Time to answer a request.", ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)  # fmt: skip
DIALS_BARRED = Counter(
    "ringbook_dials_barred_total", "Calls that a rule or a cap did not let through.", ["why"]
)
