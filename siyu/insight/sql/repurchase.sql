-- One row a month (Asia/Shanghai), the last $months months with orders up to $as_of.
-- buyers: known customers with a purchase in the month. repeat_buyers: those of them who had
-- bought before, in this or an earlier month. orders and revenue_fen: of everybody, known or not.
-- is_partial: the month is not over.
WITH placed AS (
    SELECT *, date_trunc('month', placed_at)::DATE AS month
    FROM orders
    WHERE placed_at <= $as_of
),
numbered AS (
    SELECT
        customer_id,
        month,
        row_number() OVER (PARTITION BY customer_id ORDER BY placed_at, order_id) AS number
    FROM placed
    WHERE customer_id IS NOT NULL AND status IN ('paid', 'partly_refunded')
),
buyers AS (
    SELECT month, count(*) AS buyers, count(*) FILTER (WHERE last_number >= 2) AS repeat_buyers
    FROM (
        SELECT customer_id, month, max(number) AS last_number
        FROM numbered
        GROUP BY customer_id, month
    )
    GROUP BY month
),
sales AS (
    SELECT
        month,
        count(*) FILTER (WHERE status IN ('paid', 'partly_refunded')) AS orders,
        coalesce(sum(net_fen) FILTER (WHERE currency = $currency), 0) AS revenue_fen
    FROM placed
    GROUP BY month
    ORDER BY month DESC
    LIMIT $months
)
SELECT
    strftime(sales.month, '%Y-%m') AS month,
    coalesce(buyers.buyers, 0) AS buyers,
    coalesce(buyers.repeat_buyers, 0) AS repeat_buyers,
    coalesce(buyers.repeat_buyers / nullif(buyers.buyers, 0), 0) AS rate,
    sales.orders,
    sales.revenue_fen,
    sales.month = date_trunc('month', $as_of::TIMESTAMPTZ)::DATE AS is_partial
FROM sales
LEFT JOIN buyers USING (month)
ORDER BY sales.month
