-- Parts of days that have a price, for the few lists whose priced keys do not say all; see
-- domain/priced.py.
ALTER TABLE price_list ADD COLUMN priced_bands jsonb;

CREATE TABLE promotion (
    id uuid PRIMARY KEY,
    number bigint GENERATED ALWAYS AS IDENTITY,
    policy_code text NOT NULL,
    code text NOT NULL,
    effective_time timestamptz NOT NULL,
    end_time timestamptz NOT NULL,
    regulations_version text NOT NULL,
    regulations_text text NOT NULL,
    regulations_sha256 text NOT NULL,
    content jsonb NOT NULL,
    publish_time timestamptz NOT NULL DEFAULT app_clock(),
    CONSTRAINT promotion_times CHECK (end_time > effective_time)
);

CREATE INDEX promotion_in_force ON promotion (policy_code, code, effective_time DESC, number DESC);

ALTER TABLE public_holiday ADD COLUMN name text NOT NULL DEFAULT '';

CREATE TABLE holiday_calendar (
    country_code text PRIMARY KEY,
    event_version bigint NOT NULL DEFAULT 0
);
