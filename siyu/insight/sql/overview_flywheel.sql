-- The flywheel as of $as_of. reached: customers who ever reached the stage. current: customers
-- whose highest stage it is. conversion: of those who reached the stage before, the share who
-- reached this one too; for the first stage, of all customers.
WITH stages(place, stage) AS (
    VALUES (1, 'attract'), (2, 'delight'), (3, 'spread'), (4, 'buy'), (5, 'loyal')
),
people AS (
    SELECT count(*) AS total FROM customers WHERE created_at <= $as_of
),
entered AS (
    SELECT DISTINCT stage_entries.customer_id, stages.place
    FROM stage_entries
    JOIN stages USING (stage)
    JOIN customers USING (customer_id)
    WHERE stage_entries."at" <= $as_of
),
reached AS (
    SELECT place, count(*) AS reached FROM entered GROUP BY place
),
highest AS (
    SELECT place, count(*) AS current
    FROM (SELECT customer_id, max(place) AS place FROM entered GROUP BY customer_id)
    GROUP BY place
),
both_stages AS (
    SELECT later.place, count(*) AS went_on
    FROM entered AS later
    JOIN entered AS earlier
        ON earlier.customer_id = later.customer_id AND earlier.place = later.place - 1
    GROUP BY later.place
)
SELECT
    stages.stage,
    coalesce(reached.reached, 0) AS reached,
    coalesce(highest.current, 0) AS current,
    CASE
        WHEN stages.place = 1
            THEN coalesce(reached.reached / nullif((SELECT total FROM people), 0), 0)
        ELSE coalesce(both_stages.went_on / nullif(before.reached, 0), 0)
    END AS conversion
FROM stages
LEFT JOIN reached ON reached.place = stages.place
LEFT JOIN reached AS before ON before.place = stages.place - 1
LEFT JOIN highest ON highest.place = stages.place
LEFT JOIN both_stages ON both_stages.place = stages.place
ORDER BY stages.place
