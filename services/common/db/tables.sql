CREATE TABLE request (
    principal text NOT NULL,
    method text NOT NULL,
    request_id uuid NOT NULL,
    fingerprint bytea NOT NULL,
    work_id uuid,
    answer bytea,
    claim_time timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT request_pkey PRIMARY KEY (principal, method, request_id)
);

CREATE INDEX request_claim_time ON request USING brin (claim_time) WITH (autosummarize = on);

CREATE TABLE outbox (
    id uuid NOT NULL,
    sequence bigint GENERATED ALWAYS AS IDENTITY,
    type text NOT NULL,
    aggregate_id text NOT NULL,
    aggregate_version bigint NOT NULL CHECK (aggregate_version > 0),
    occur_time timestamptz NOT NULL DEFAULT app_clock(),
    write_time timestamptz NOT NULL DEFAULT clock_timestamp(),
    correlation_id text NOT NULL DEFAULT '',
    traceparent text NOT NULL DEFAULT '',
    payload bytea NOT NULL CHECK (octet_length(payload) <= 262144),
    feed_number bigint,
    CONSTRAINT outbox_pkey PRIMARY KEY (id),
    CONSTRAINT outbox_aggregate_version UNIQUE (aggregate_id, aggregate_version)
) WITH (fillfactor = 80);

CREATE UNIQUE INDEX outbox_feed_number ON outbox (feed_number) WHERE feed_number IS NOT NULL;

CREATE INDEX outbox_unnumbered ON outbox (sequence) WHERE feed_number IS NULL;

CREATE TABLE relay_state (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    last_feed_number bigint NOT NULL,
    published_through bigint NOT NULL
);

INSERT INTO relay_state (last_feed_number, published_through) VALUES (0, 0);

CREATE TABLE inbox (
    source text NOT NULL,
    event_id uuid NOT NULL,
    aggregate_id text NOT NULL,
    aggregate_version bigint NOT NULL,
    feed_number bigint NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('APPLIED', 'SKIPPED', 'DEAD')),
    consume_time timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT inbox_pkey PRIMARY KEY (source, event_id)
);

CREATE INDEX inbox_aggregate ON inbox (source, aggregate_id, aggregate_version DESC);

CREATE INDEX inbox_consume_time ON inbox USING brin (consume_time) WITH (autosummarize = on);

CREATE INDEX inbox_feed_number ON inbox (source, feed_number);

CREATE TABLE parked_event (
    source text NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,
    aggregate_id text NOT NULL,
    aggregate_version bigint NOT NULL,
    feed_number bigint NOT NULL,
    occur_time timestamptz NOT NULL,
    correlation_id text NOT NULL,
    traceparent text NOT NULL,
    payload bytea NOT NULL,
    park_time timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT parked_event_pkey PRIMARY KEY (source, event_id)
);

CREATE INDEX parked_event_aggregate ON parked_event (source, aggregate_id, aggregate_version);

CREATE TABLE dead_event (
    event_id uuid NOT NULL,
    source text NOT NULL,
    type text NOT NULL,
    aggregate_id text NOT NULL,
    aggregate_version bigint NOT NULL,
    feed_number bigint NOT NULL,
    occur_time timestamptz NOT NULL,
    correlation_id text NOT NULL,
    traceparent text NOT NULL,
    payload bytea NOT NULL,
    reason text NOT NULL,
    attempts integer NOT NULL,
    state text NOT NULL DEFAULT 'DEAD' CHECK (state IN ('DEAD', 'RETRIED', 'DISCARDED')),
    dead_time timestamptz NOT NULL DEFAULT clock_timestamp(),
    settle_time timestamptz,
    settled_by text,
    settle_reason text,
    CONSTRAINT dead_event_pkey PRIMARY KEY (event_id)
);

CREATE INDEX dead_event_open ON dead_event (dead_time, event_id) WHERE state = 'DEAD';

CREATE TABLE feed_position (
    source text PRIMARY KEY,
    reconciled_through bigint NOT NULL DEFAULT 0
);

CREATE TABLE lease (
    name text PRIMARY KEY,
    owner text NOT NULL,
    fence bigint NOT NULL,
    expire_time timestamptz NOT NULL
);

CREATE TABLE audit (
    number bigint PRIMARY KEY,
    occur_time timestamptz NOT NULL,
    actor text NOT NULL,
    roles text[] NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    request_id text NOT NULL,
    before_hash bytea NOT NULL,
    after_hash bytea NOT NULL,
    digest bytea NOT NULL
);

CREATE TABLE audit_head (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    number bigint NOT NULL,
    occur_time timestamptz NOT NULL,
    digest bytea NOT NULL
);

INSERT INTO audit_head (number, occur_time, digest) VALUES (0, clock_timestamp(), '\x');

CREATE FUNCTION audit_digest(
    previous bytea, number bigint, actor text, roles text[], action text, subject text,
    request_id text, before_hash bytea, after_hash bytea
) RETURNS bytea
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN sha256(previous || convert_to(jsonb_build_array(
        number, actor, roles, action, subject, request_id,
        encode(before_hash, 'hex'), encode(after_hash, 'hex'))::text, 'UTF8'));
