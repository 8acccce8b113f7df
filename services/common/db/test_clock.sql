CREATE TABLE IF NOT EXISTS app_clock_offset (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    offset_seconds double precision NOT NULL
);

INSERT INTO app_clock_offset (offset_seconds) VALUES (0) ON CONFLICT DO NOTHING;

CREATE OR REPLACE FUNCTION app_clock() RETURNS timestamptz
    LANGUAGE sql VOLATILE PARALLEL SAFE
    RETURN clock_timestamp()
        + make_interval(secs => coalesce((SELECT max(offset_seconds) FROM app_clock_offset), 0));
