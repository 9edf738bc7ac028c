-- One row a day (Asia/Shanghai), the last $days days up to $as_of.
-- added: customers first known that day. lost: customers who lost their last contact with us that
-- day and have not come back. total: added until then minus lost until then.
WITH days AS (
    SELECT moment::DATE AS day
    FROM (
        SELECT unnest(generate_series(
            date_trunc('day', $as_of::TIMESTAMPTZ) - to_days($days - 1),
            date_trunc('day', $as_of::TIMESTAMPTZ),
            INTERVAL 1 DAY
        )) AS moment
    ) AS moments
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
),
changes AS (
    SELECT day, people AS added, 0 AS lost FROM added
    UNION ALL
    SELECT day, 0 AS added, people AS lost FROM lost
),
totals AS (
    SELECT
        days.day,
        coalesce(sum(changes.added) FILTER (WHERE changes.day = days.day), 0) AS added,
        coalesce(sum(changes.lost) FILTER (WHERE changes.day = days.day), 0) AS lost,
        coalesce(sum(changes.added - changes.lost), 0) AS total
    FROM days
    LEFT JOIN changes ON changes.day <= days.day
    GROUP BY days.day
)
SELECT strftime(day, '%Y-%m-%d') AS date, added, lost, total
FROM totals
ORDER BY day
