-- Platforms compared as of $as_of, each customer counted where he was first known.
-- ltv_fen: what a customer of the platform has spent so far on average (客均累计消费), nothing predicted.
WITH spent AS (
    SELECT
        customer_id,
        count(*) FILTER (WHERE status IN ('paid', 'partly_refunded')) AS purchases,
        coalesce(sum(net_fen) FILTER (WHERE currency = $currency), 0) AS revenue_fen
    FROM orders
    WHERE customer_id IS NOT NULL AND placed_at <= $as_of
    GROUP BY customer_id
)
SELECT
    coalesce(nullif(customers.first_platform, ''), 'unknown') AS platform,
    count(*) AS customers,
    count(*) FILTER (WHERE spent.purchases >= 1) AS buyers,
    coalesce(sum(spent.purchases), 0) AS orders,
    coalesce(sum(spent.revenue_fen), 0) AS revenue_fen,
    coalesce(
        count(*) FILTER (WHERE spent.purchases >= 2)
        / nullif(count(*) FILTER (WHERE spent.purchases >= 1), 0),
        0
    ) AS repurchase_rate,
    count(*) FILTER (WHERE customers.is_reachable) AS reachable,
    round(coalesce(sum(spent.revenue_fen), 0) / count(*))::BIGINT AS ltv_fen
FROM customers
LEFT JOIN spent USING (customer_id)
WHERE customers.created_at <= $as_of
GROUP BY ALL
ORDER BY customers DESC, platform
