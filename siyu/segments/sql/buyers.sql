-- Every buyer as of now: recency, frequency and monetary value, not yet ranked (see rfm.sql).
SELECT
  customer_id,
  max(placed_at) FILTER (WHERE status NOT IN ('cancelled', 'refunded')) AS last_order_at,
  count(*) FILTER (WHERE status NOT IN ('cancelled', 'refunded')) AS frequency,
  CAST(sum(net_fen) AS BIGINT) AS monetary_fen
FROM orders
WHERE customer_id IS NOT NULL
GROUP BY customer_id
HAVING count(*) FILTER (WHERE status NOT IN ('cancelled', 'refunded')) > 0
