-- RFM of every buyer as of now: recency, frequency, monetary value, each scored 1 (worst) to 5.
-- score = 1 + 5 * (rank - 1) // buyers; equal values share the lower score, so the order of rows
-- never matters. A buyer has at least one order that was neither cancelled nor refunded whole.
SELECT
  customer_id,
  last_order_at,
  frequency,
  monetary_fen,
  CAST(1 + 5 * (rank() OVER (ORDER BY last_order_at) - 1) // count(*) OVER () AS INTEGER) AS r,
  CAST(1 + 5 * (rank() OVER (ORDER BY frequency) - 1) // count(*) OVER () AS INTEGER) AS f,
  CAST(1 + 5 * (rank() OVER (ORDER BY monetary_fen) - 1) // count(*) OVER () AS INTEGER) AS m
FROM (
  SELECT
    customer_id,
    max(placed_at) FILTER (WHERE status NOT IN ('cancelled', 'refunded')) AS last_order_at,
    count(*) FILTER (WHERE status NOT IN ('cancelled', 'refunded')) AS frequency,
    CAST(sum(net_fen) AS BIGINT) AS monetary_fen
  FROM orders
  WHERE customer_id IS NOT NULL
  GROUP BY customer_id
) AS buyers
WHERE frequency > 0
