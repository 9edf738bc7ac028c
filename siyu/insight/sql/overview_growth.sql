-- One row a day (Asia/Shanghai), the last $days days up to $as_of.
-- added: customers first known that day. lost: customers who lost their last contact with us that
-- day and have not come back. total: added until then minus lost until then.
WITH days AS (
    SELECT unnest(generate_series(
        date_trunc('day', $as_of::TIMESTAMPTZ) - to_days($days - 1),
        date_trunc('day', $as_of::TIMESTAMPTZ),
        INTERVAL 1 DAY
    ))::DATE AS day
),
added AS (
    SELECT created_at::DATE AS day, count(*) AS people
    FROM customers
    WHERE created_at <= $as_of
    GROUP BY ALL
),
gone AS (
    SELECT customer_id, max(lost_at)::DATE AS day
    FROM relations
    WHERE customer_id IS NOT NULL
    GROUP BY customer_id
    HAVING NOT bool_or(is_friend) AND max(lost_at) <= $as_of
),
lost AS (
    SELECT day, count(*) AS people FROM gone GROUP BY day
)
SELECT
    strftime(days.day, '%Y-%m-%d') AS date,
    coalesce((SELECT people FROM added WHERE added.day = days.day), 0) AS added,
    coalesce((SELECT people FROM lost WHERE lost.day = days.day), 0) AS lost,
    coalesce((SELECT sum(people) FROM added WHERE added.day <= days.day), 0)
    - coalesce((SELECT sum(people) FROM lost WHERE lost.day <= days.day), 0) AS total
FROM days
ORDER BY days.day
