DELETE FROM screening WHERE feed_id IS NULL OR state = 'CANCELLED';

DELETE FROM film WHERE feed_id IS NULL AND NOT EXISTS (SELECT FROM screening WHERE film_id = film.id);

DROP TABLE rating;

ALTER TABLE screening DROP CONSTRAINT screening_ended, DROP CONSTRAINT screening_sales;

ALTER TABLE screening RENAME COLUMN end_time TO terminate_time;

ALTER TABLE screening RENAME COLUMN end_reason TO terminate_reason;

ALTER TABLE screening
    ADD CONSTRAINT screening_terminated
        CHECK ((state = 'TERMINATED') = (terminate_time IS NOT NULL)),
    ALTER COLUMN feed_id SET NOT NULL,
    ALTER COLUMN content_hash DROP DEFAULT,
    DROP COLUMN box_office_only,
    DROP COLUMN sales_from,
    DROP COLUMN sales_until,
    DROP COLUMN end_cause;

ALTER TABLE film
    DROP COLUMN feed_title,
    DROP COLUMN feed_length_minutes,
    DROP COLUMN rating,
    DROP COLUMN event_kind,
    DROP COLUMN languages,
    DROP COLUMN genres,
    DROP COLUMN version;

DROP INDEX film_title;

ALTER TABLE hall DROP COLUMN formats;

ALTER TABLE cinema
    DROP COLUMN address,
    DROP COLUMN email,
    DROP COLUMN contact_hours,
    DROP COLUMN version;
