"""What can be watched of the bus."""

from prometheus_client import Counter, Gauge, Histogram

events_published = Counter("bus_events_published_total", "Events given to the bus.")
events_unpublishable = Counter(
    "bus_events_unpublishable_total", "Events the bus refuses for good; consumers pull them."
)
publish_failures = Counter("bus_publish_failures_total", "Publishes without acknowledgement.")
outbox_backlog = Gauge("bus_outbox_backlog_events", "Events not yet given to the bus.")
outbox_oldest_age = Gauge(
    "bus_outbox_oldest_age_seconds", "Age of the oldest event not yet given to the bus."
)
events_consumed = Counter(
    "bus_events_consumed_total",
    "Events by what became of them: applied, skipped, duplicate, parked, dead, retried.",
    ["source", "outcome"],
)
consume_latency = Histogram(
    "bus_consume_latency_seconds",
    "From the event's time to its effect being committed.",
    ["source"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600),
)
feed_lag = Gauge(
    "bus_feed_lag_events", "Events of the source's feed not yet reconciled.", ["source"]
)
feed_resets = Counter("bus_feed_resets_total", "Times a source's feed went backwards.", ["source"])
consumer_rebuilds = Counter(
    "bus_consumer_rebuilds_total", "Times the pull consumer had to be made again.", ["source"]
)
