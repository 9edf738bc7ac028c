-- How many buyers, and how much they spent, in every cell of recency × frequency × money.
-- `rfm` is the query segments.rfm: scores 1 to 5, 5 best, over the orders up to $as_of.
SELECT r, f, m, count(*) AS customers, coalesce(sum(monetary_fen), 0) AS revenue_fen
FROM rfm
GROUP BY r, f, m
ORDER BY r, f, m
