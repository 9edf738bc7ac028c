-- The headline numbers as of $as_of; "new", "lost" and "delivered" look back to $since.
-- A purchase is an order that is neither cancelled nor wholly refunded; revenue is net of refunds.
-- merged_customers: customers known by identities of two or more kinds, joined into one person.
WITH placed AS (
    SELECT * FROM orders WHERE placed_at <= $as_of
),
bought AS (
    SELECT customer_id, count(*) AS purchases
    FROM placed
    WHERE customer_id IS NOT NULL AND status IN ('paid', 'partly_refunded')
    GROUP BY customer_id
),
known AS (
    SELECT customer_id, count(*) AS identities, count(DISTINCT namespace) AS kinds
    FROM identities
    WHERE customer_id IS NOT NULL AND first_seen_at <= $as_of
    GROUP BY customer_id
),
contact AS (
    SELECT customer_id, bool_or(is_friend) AS is_held, max(lost_at) AS lost_at
    FROM relations
    GROUP BY customer_id
)
SELECT
    (SELECT count(*) FROM customers WHERE created_at <= $as_of) AS customers,
    (SELECT coalesce(sum(identities), 0) FROM known) AS identities,
    (SELECT count(*) FROM known WHERE kinds >= 2) AS merged_customers,
    (SELECT count(*) FROM customers WHERE created_at <= $as_of AND is_reachable) AS reachable,
    (SELECT count(*) FROM bought) AS buyers,
    (SELECT count(*) FROM placed WHERE status IN ('paid', 'partly_refunded')) AS orders,
    (SELECT coalesce(sum(net_fen), 0) FROM placed WHERE currency = $currency) AS revenue_fen,
    (SELECT coalesce(avg((purchases >= 2)::INTEGER), 0) FROM bought) AS repurchase_rate,
    (
        SELECT count(*) FROM touches
        WHERE state = 'delivered' AND done_at > $since AND done_at <= $as_of
    ) AS touches_delivered,
    (
        SELECT count(*) FROM customers WHERE created_at > $since AND created_at <= $as_of
    ) AS new_customers,
    (
        SELECT count(*) FROM contact
        WHERE NOT is_held AND lost_at > $since AND lost_at <= $as_of
    ) AS lost_customers
