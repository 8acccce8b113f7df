-- What staff say of a film's rating wins over what the feed says of the showing.
-- Screenings with what a customer must know of them; not_sold_reason is '' when sold online.
-- Prices, terms and the cinema decide at the moment of reading, so that nothing goes stale. Keys say
-- which days have a price; bands say the rest of the few lists whose keys do not say all.
CREATE VIEW listed_screening AS
SELECT s.id, s.feed_id, s.cinema_id, s.hall_id, h.name AS hall_name, s.film_id,
       f.feed_id AS film_feed_id, f.title AS film_title, f.length_minutes,
       f.event_kind AS film_event_kind, r.rating,
       s.starts_at, s.ends_at, s.local_start, s.local_date, s.business_day, s.format,
       s.formats, s.language_tokens, s.unknown_tokens, s.attribute_tokens, s.category, s.state,
       s.seat_plan_id, coalesce(s.sales_from, s.sales_start_time) AS sales_start_time, s.sales_from,
       s.sales_until, s.box_office_only, s.end_time, s.end_cause, s.end_reason, s.attributable,
       s.version,
       CASE
           WHEN s.state <> 'SCHEDULED' THEN 'OVER'
           WHEN NOT c.sold_online OR s.blocked_online THEN 'CINEMA'
           WHEN s.seat_plan_id IS NULL THEN 'NO_SEAT_PLAN'
           WHEN s.box_office_only OR t.categories_sold_online IS NULL
               OR s.category <> ALL (t.categories_sold_online) THEN 'CATEGORY'
           WHEN r.rating = 'RATING_PENDING'
               OR r.rating = ANY (t.ratings_not_sold_online) THEN 'RATING'
           WHEN p.priced IS NULL THEN 'NO_PRICES'
           WHEN p.priced && ARRAY(
               SELECT extract(isodow FROM s.local_date)::text || area || suffix
               FROM unnest(sp.areas) area, unnest(ARRAY['', '/' || s.format]) suffix
           ) THEN ''
           WHEN p.priced_bands IS NOT NULL AND EXISTS (
               SELECT FROM jsonb_to_recordset(p.priced_bands) AS band (
                   day integer, area text, format text, from_minute integer, before_minute integer)
               WHERE band.area = ANY (sp.areas) AND band.format IN ('', s.format)
                 AND extract(epoch FROM s.local_start::time) / 60 >= band.from_minute
                 AND extract(epoch FROM s.local_start::time) / 60 < band.before_minute
                 AND (band.day = extract(isodow FROM s.local_date)
                      OR band.day = 0 AND EXISTS (
                          SELECT FROM public_holiday
                          WHERE country_code = c.country_code AND day = s.local_date))
           ) THEN ''
           ELSE 'NO_PRICES'
       END AS not_sold_reason
FROM screening s
JOIN cinema c ON c.id = s.cinema_id
JOIN hall h ON h.id = s.hall_id
JOIN film f ON f.id = s.film_id
CROSS JOIN LATERAL (SELECT coalesce(f.rating, s.rating) AS rating) r
LEFT JOIN seat_plan sp ON sp.id = s.seat_plan_id
LEFT JOIN LATERAL (
    SELECT categories_sold_online, ratings_not_sold_online FROM terms
    WHERE policy_code = c.policy_code AND effective_time <= (SELECT app_clock())
    ORDER BY effective_time DESC, number DESC LIMIT 1
) t ON true
LEFT JOIN LATERAL (
    SELECT priced, priced_bands FROM price_list
    WHERE cinema_id = c.id AND effective_time <= (SELECT app_clock())
    ORDER BY effective_time DESC, number DESC LIMIT 1
) p ON true;
