/** Queries to start from. */
export const EXAMPLES = {
  sources: `SELECT first_platform, count(*) AS customers, sum(revenue_fen) / 100.0 AS revenue_yuan
FROM customers
GROUP BY first_platform
ORDER BY customers DESC`,
  months: `SELECT strftime(placed_at, '%Y-%m') AS month, count(*) AS orders,
       sum(net_fen) / 100.0 AS revenue_yuan
FROM orders
GROUP BY month
ORDER BY month`,
  events: `SELECT name, count(*) AS events
FROM events
GROUP BY name
ORDER BY events DESC`,
  touches: `SELECT state, reason, count(*) AS touches
FROM touches
GROUP BY state, reason
ORDER BY touches DESC`,
};
