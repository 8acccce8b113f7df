CREATE TABLE bus_purge (
    aggregate_id text PRIMARY KEY,
    after_feed_number bigint NOT NULL
);
