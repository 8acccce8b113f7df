ALTER TABLE cinema
    ADD COLUMN address text NOT NULL DEFAULT '',
    ADD COLUMN email text NOT NULL DEFAULT '',
    ADD COLUMN contact_hours text NOT NULL DEFAULT '[]',
    ADD COLUMN version bigint NOT NULL DEFAULT 1 CHECK (version > 0);

ALTER TABLE hall ADD COLUMN formats text[] NOT NULL DEFAULT '{}';

-- What the feed said last stands beside what is shown: staff's word stays until the feed's changes.
ALTER TABLE film
    ALTER COLUMN feed_id DROP NOT NULL,
    ADD COLUMN feed_title text,
    ADD COLUMN feed_length_minutes integer,
    ADD COLUMN rating text,
    ADD COLUMN event_kind text CHECK (event_kind IN ('FILM', 'OPERA', 'THEATRE', 'SPECIAL')),
    ADD COLUMN languages text[] NOT NULL DEFAULT '{}',
    ADD COLUMN genres text[] NOT NULL DEFAULT '{}',
    ADD COLUMN version bigint NOT NULL DEFAULT 1 CHECK (version > 0);

UPDATE film SET feed_title = title, feed_length_minutes = length_minutes;

CREATE INDEX film_title ON film (title, id);

ALTER TABLE screening
    ALTER COLUMN feed_id DROP NOT NULL,
    ALTER COLUMN content_hash SET DEFAULT '',
    ADD COLUMN box_office_only boolean NOT NULL DEFAULT false,
    ADD COLUMN sales_from timestamptz,
    ADD COLUMN sales_until timestamptz,
    ADD COLUMN end_cause text,
    ADD CONSTRAINT screening_sales CHECK (sales_until > sales_from);

ALTER TABLE screening RENAME COLUMN terminate_time TO end_time;

ALTER TABLE screening RENAME COLUMN terminate_reason TO end_reason;

ALTER TABLE screening DROP CONSTRAINT screening_terminated;

ALTER TABLE screening ADD CONSTRAINT screening_ended
    CHECK ((state <> 'SCHEDULED') = (end_time IS NOT NULL));

-- The ratings that a country's scheme has; RATING_PENDING and UNRATED are none of a scheme.
CREATE TABLE rating (
    country_code text NOT NULL,
    code text NOT NULL,
    CONSTRAINT rating_pkey PRIMARY KEY (country_code, code)
);
