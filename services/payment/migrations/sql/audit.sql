CREATE TABLE provider_day (
    pos_id text NOT NULL,
    day date NOT NULL,
    orders integer NOT NULL CHECK (orders >= 0),
    currency text NOT NULL,
    captured bigint NOT NULL,
    differences integer NOT NULL CHECK (differences >= 0),
    compare_time timestamptz NOT NULL DEFAULT app_clock(),
    CONSTRAINT provider_day_pkey PRIMARY KEY (pos_id, day)
)


CREATE INDEX exception_case_open_time ON exception_case (open_time, id)


CREATE INDEX journal_entry_occur_time ON journal_entry (occur_time, id)
