CREATE TABLE provider_availability (
    currency text NOT NULL,
    is_down boolean NOT NULL DEFAULT false,
    version bigint NOT NULL DEFAULT 0,
    falls integer NOT NULL DEFAULT 0,
    change_time timestamptz,
    next_probe_at timestamptz,
    CONSTRAINT provider_availability_pkey PRIMARY KEY (currency),
    CONSTRAINT provider_availability_probe CHECK (is_down = (next_probe_at IS NOT NULL))
)
