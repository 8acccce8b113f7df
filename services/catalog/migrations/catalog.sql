CREATE TABLE cinema (
    id text PRIMARY KEY,
    name text NOT NULL,
    city text NOT NULL,
    phone text NOT NULL,
    time_zone text NOT NULL,
    currency text NOT NULL,
    formats text[] NOT NULL,
    cards_accepted boolean NOT NULL,
    sold_online boolean NOT NULL,
    country_code text NOT NULL,
    policy_code text NOT NULL,
    advertising_minutes integer NOT NULL CHECK (advertising_minutes >= 0),
    cleaning_minutes integer NOT NULL CHECK (cleaning_minutes >= 0),
    ratings jsonb NOT NULL,
    event_version bigint NOT NULL DEFAULT 0
);

CREATE INDEX cinema_name ON cinema (name, id);

CREATE TABLE hall (
    id uuid PRIMARY KEY,
    number integer GENERATED ALWAYS AS IDENTITY CONSTRAINT hall_number UNIQUE,
    cinema_id text NOT NULL REFERENCES cinema (id),
    name text NOT NULL,
    seat_plan_id uuid,
    seat_plan_version integer NOT NULL DEFAULT 0,
    CONSTRAINT hall_name UNIQUE (cinema_id, name)
);

CREATE TABLE seat_plan (
    id uuid PRIMARY KEY,
    hall_id uuid NOT NULL REFERENCES hall (id),
    version integer NOT NULL CHECK (version > 0),
    content_hash bytea NOT NULL,
    seats integer NOT NULL CHECK (seats BETWEEN 1 AND 2000),
    areas text[] NOT NULL,
    plan bytea NOT NULL,
    publish_time timestamptz NOT NULL DEFAULT app_clock(),
    CONSTRAINT seat_plan_version UNIQUE (hall_id, version)
);

ALTER TABLE hall ADD CONSTRAINT hall_seat_plan FOREIGN KEY (seat_plan_id) REFERENCES seat_plan (id);

CREATE TABLE film (
    id uuid PRIMARY KEY,
    country_code text NOT NULL,
    feed_id text NOT NULL,
    title text NOT NULL,
    length_minutes integer NOT NULL CHECK (length_minutes > 0),
    CONSTRAINT film_feed_id UNIQUE (country_code, feed_id)
);

CREATE TABLE screening (
    id uuid PRIMARY KEY,
    cinema_id text NOT NULL REFERENCES cinema (id),
    feed_id text NOT NULL,
    hall_id uuid NOT NULL REFERENCES hall (id),
    hall_number integer NOT NULL,
    film_id uuid NOT NULL REFERENCES film (id),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    local_start timestamp NOT NULL,
    local_date date NOT NULL GENERATED ALWAYS AS (local_start::date) STORED,
    business_day date NOT NULL,
    format text NOT NULL,
    formats text[] NOT NULL,
    rating text NOT NULL,
    category text NOT NULL,
    attribute_tokens text[] NOT NULL,
    language_tokens text[] NOT NULL,
    unknown_tokens text[] NOT NULL,
    blocked_online boolean NOT NULL,
    publish_time timestamptz NOT NULL DEFAULT app_clock(),
    sales_start_time timestamptz NOT NULL,
    content_hash bytea NOT NULL,
    seat_plan_id uuid REFERENCES seat_plan (id),
    state text NOT NULL DEFAULT 'SCHEDULED'
        CHECK (state IN ('SCHEDULED', 'CANCELLED', 'TERMINATED')),
    terminate_time timestamptz,
    terminate_reason text,
    attributable boolean,
    version bigint NOT NULL DEFAULT 1 CHECK (version > 0),
    CONSTRAINT screening_feed_id UNIQUE (cinema_id, feed_id),
    CONSTRAINT screening_times CHECK (ends_at > starts_at),
    CONSTRAINT screening_terminated CHECK ((state = 'TERMINATED') = (terminate_time IS NOT NULL)),
    -- Deferred to the statement's end, so that two screenings may swap their times.
    CONSTRAINT screening_hall_free EXCLUDE USING gist (
        box(point(hall_number, extract(epoch FROM starts_at AT TIME ZONE 'UTC')::float8),
            point(hall_number, extract(epoch FROM ends_at AT TIME ZONE 'UTC')::float8 - 0.001))
        WITH &&) WHERE (state <> 'CANCELLED') DEFERRABLE INITIALLY IMMEDIATE
);

CREATE INDEX screening_cinema_date ON screening (cinema_id, local_date, starts_at, id);

CREATE INDEX screening_cinema_business_day ON screening (cinema_id, business_day, starts_at, id);

CREATE INDEX screening_film_date ON screening (film_id, local_date, starts_at, id);

CREATE INDEX screening_film_business_day ON screening (film_id, business_day, starts_at, id);

CREATE INDEX screening_hall_start ON screening (hall_id, starts_at);

CREATE TABLE price_list (
    id uuid PRIMARY KEY,
    cinema_id text NOT NULL REFERENCES cinema (id),
    number bigint GENERATED ALWAYS AS IDENTITY,
    effective_time timestamptz NOT NULL,
    content_hash bytea NOT NULL,
    currency text NOT NULL,
    -- Weekday and area of every line, such as 6STANDARD: what tells whether a screening has prices.
    priced text[] NOT NULL,
    content jsonb NOT NULL,
    publish_time timestamptz NOT NULL DEFAULT app_clock()
);

CREATE INDEX price_list_in_force ON price_list (cinema_id, effective_time DESC, number DESC);

CREATE TABLE policy (
    code text PRIMARY KEY,
    event_version bigint NOT NULL DEFAULT 0
);

CREATE TABLE terms (
    policy_code text NOT NULL REFERENCES policy (code),
    otc_version text NOT NULL,
    number bigint GENERATED ALWAYS AS IDENTITY,
    gtc_version text NOT NULL,
    effective_time timestamptz NOT NULL,
    gtc_text text NOT NULL,
    otc_text text NOT NULL,
    gtc_sha256 text NOT NULL,
    otc_sha256 text NOT NULL,
    figures jsonb NOT NULL,
    ratings_not_sold_online text[] NOT NULL,
    categories_sold_online text[] NOT NULL,
    publish_time timestamptz NOT NULL DEFAULT app_clock(),
    CONSTRAINT terms_pkey PRIMARY KEY (policy_code, otc_version)
);

CREATE INDEX terms_in_force ON terms (policy_code, effective_time DESC, number DESC);

CREATE TABLE public_holiday (
    country_code text NOT NULL,
    day date NOT NULL,
    CONSTRAINT public_holiday_pkey PRIMARY KEY (country_code, day)
);

-- The rows of imports that are being made; each import removes its own before it commits.
CREATE UNLOGGED TABLE import_row (
    import_id uuid NOT NULL,
    index integer NOT NULL,
    id uuid NOT NULL,
    feed_id text NOT NULL,
    hall_name text NOT NULL,
    film_feed_id text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    local_start timestamp NOT NULL,
    business_day date NOT NULL,
    format text NOT NULL,
    formats text[] NOT NULL,
    rating text NOT NULL,
    category text NOT NULL,
    attribute_tokens text[] NOT NULL,
    language_tokens text[] NOT NULL,
    unknown_tokens text[] NOT NULL,
    blocked_online boolean NOT NULL,
    blocked_until timestamptz,
    content_hash bytea NOT NULL,
    CONSTRAINT import_row_pkey PRIMARY KEY (import_id, index)
);
