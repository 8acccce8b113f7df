"""The statements of an import. $1 is the import's ID, $2 the cinema's, where nothing else is said.

The cinema's row is locked: nobody else changes its halls, screenings and plans meanwhile.
"""

STAGE_COLUMNS = (
    "import_id", "index", "id", "feed_id", "hall_name", "film_feed_id", "starts_at", "ends_at",
    "local_start", "business_day", "format", "formats", "rating", "category", "attribute_tokens",
    "language_tokens", "unknown_tokens", "blocked_online", "blocked_until", "content_hash",
)  # fmt: skip

# $1 country, then columns. Films of which the feed says nothing new are not even locked, and keep
# what staff have said of them.
SAVE_FILMS = """
INSERT INTO film (id, country_code, feed_id, title, length_minutes, feed_title,
                  feed_length_minutes)
SELECT given.id, $1, given.feed_id, given.title, given.length_minutes, given.title,
       given.length_minutes
FROM unnest($2::uuid[], $3::text[], $4::text[], $5::int[])
     AS given (id, feed_id, title, length_minutes)
LEFT JOIN film known ON known.country_code = $1 AND known.feed_id = given.feed_id
WHERE known.id IS NULL
   OR (known.feed_title, known.feed_length_minutes)
      IS DISTINCT FROM (given.title, given.length_minutes)
ORDER BY given.feed_id
ON CONFLICT (country_code, feed_id) DO UPDATE
SET title = excluded.title, length_minutes = excluded.length_minutes,
    feed_title = excluded.title, feed_length_minutes = excluded.length_minutes,
    version = film.version + 1
RETURNING id"""

# $1 cinema, then columns.
CREATE_HALLS = """
INSERT INTO hall (id, cinema_id, name)
SELECT given.id, $1, given.name FROM unnest($2::uuid[], $3::text[]) AS given (id, name)
WHERE NOT EXISTS (SELECT FROM hall h WHERE h.cinema_id = $1 AND h.name = given.name)
RETURNING id"""

# Screenings near that the import leaves where they are.
TAKEN = """
WITH near AS (
    SELECT hall_name, min(starts_at) AS first, max(ends_at) AS last
    FROM import_row WHERE import_id = $1 GROUP BY hall_name
)
SELECT h.name, s.starts_at, s.ends_at
FROM near JOIN hall h ON h.cinema_id = $2 AND h.name = near.hall_name
JOIN screening s ON s.hall_id = h.id AND s.starts_at < near.last AND s.ends_at > near.first
WHERE s.state = 'TERMINATED' OR s.state = 'SCHEDULED' AND NOT EXISTS (
    SELECT FROM import_row r WHERE r.import_id = $1 AND r.feed_id = s.feed_id)"""

CLAIMS = """
SELECT r.index, r.hall_name, r.starts_at, r.ends_at,
       h.name AS held_hall, s.starts_at AS held_from, s.ends_at AS held_until,
       s.content_hash = r.content_hash AS is_unchanged
FROM import_row r
LEFT JOIN screening s ON s.cinema_id = $2 AND s.feed_id = r.feed_id
LEFT JOIN hall h ON h.id = s.hall_id
WHERE r.import_id = $1 AND (s.id IS NULL OR s.state = 'SCHEDULED')"""

# $2 the positions.
DROP = """
DELETE FROM import_row WHERE import_id = $1 AND index = ANY ($2) RETURNING index, feed_id"""

# $3 country. A screening keeps its plan unless it moves to another hall.
UPDATE = """
UPDATE screening s SET
    hall_id = h.id, hall_number = h.number, film_id = f.id, starts_at = r.starts_at,
    ends_at = r.ends_at, local_start = r.local_start, business_day = r.business_day,
    format = r.format, formats = r.formats, rating = r.rating, category = r.category,
    attribute_tokens = r.attribute_tokens, language_tokens = r.language_tokens,
    unknown_tokens = r.unknown_tokens, blocked_online = r.blocked_online,
    sales_start_time = coalesce(r.blocked_until, s.publish_time),
    content_hash = r.content_hash,
    seat_plan_id = CASE WHEN s.hall_id = h.id AND s.seat_plan_id IS NOT NULL THEN s.seat_plan_id
                        ELSE seat_plan_at(h.id, r.starts_at) END,
    version = s.version + 1
FROM import_row r
JOIN screening was ON was.cinema_id = $2 AND was.feed_id = r.feed_id
JOIN hall h ON h.cinema_id = $2 AND h.name = r.hall_name
JOIN film f ON f.country_code = $3 AND f.feed_id = r.film_feed_id
WHERE r.import_id = $1 AND s.id = was.id
  AND s.state = 'SCHEDULED' AND s.content_hash <> r.content_hash
RETURNING s.id, s.version, app_clock() AS now, was.starts_at AS old_starts_at,
          was.film_id AS old_film_id, was.hall_id AS old_hall_id, s.starts_at, s.film_id, s.hall_id"""

# $3 country.
INSERT = """
INSERT INTO screening (id, cinema_id, feed_id, hall_id, hall_number, film_id, starts_at, ends_at,
    local_start, business_day, format, formats, rating, category, attribute_tokens,
    language_tokens, unknown_tokens, blocked_online, publish_time, sales_start_time, content_hash,
    seat_plan_id)
SELECT r.id, $2, r.feed_id, h.id, h.number, f.id, r.starts_at, r.ends_at, r.local_start,
       r.business_day, r.format, r.formats, r.rating, r.category, r.attribute_tokens,
       r.language_tokens, r.unknown_tokens, r.blocked_online, clock.now,
       coalesce(r.blocked_until, clock.now), r.content_hash,
       seat_plan_at(h.id, r.starts_at)
FROM (SELECT app_clock() AS now) clock, import_row r
JOIN hall h ON h.cinema_id = $2 AND h.name = r.hall_name
JOIN film f ON f.country_code = $3 AND f.feed_id = r.film_feed_id
WHERE r.import_id = $1 AND NOT EXISTS (
    SELECT FROM screening s WHERE s.cinema_id = $2 AND s.feed_id = r.feed_id)
ORDER BY r.index
RETURNING id"""

COUNT_NOT_SOLD = """
SELECT count(*) FROM import_row r
JOIN listed_screening s ON s.cinema_id = $2 AND s.feed_id = r.feed_id
WHERE r.import_id = $1 AND s.not_sold_reason <> ''"""

CLEAR = "DELETE FROM import_row WHERE import_id = $1"
