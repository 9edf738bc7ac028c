/** Numbers, money and times as people read them. Pure: language and "now" are arguments. */
export type Language = "zh" | "en";

const ZONE = "Asia/Shanghai";
const locales: Record<Language, string> = { zh: "zh-CN", en: "en-US" };

export function formatInt(value: number, language: Language): string {
  return new Intl.NumberFormat(locales[language], { maximumFractionDigits: 0 }).format(value);
}

/** 12,345 → 1.23万 / 12.3K; small numbers stay whole. */
export function formatCompact(value: number, language: Language): string {
  const size = Math.abs(value);
  if (language === "en") {
    if (size >= 1e9) return `${trim(value / 1e9)}B`;
    if (size >= 1e6) return `${trim(value / 1e6)}M`;
    return size >= 1e4 ? `${trim(value / 1e3)}K` : formatInt(value, language);
  }
  if (size >= 1e8) return `${trim(value / 1e8)}亿`;
  return size >= 1e4 ? `${trim(value / 1e4)}万` : formatInt(value, language);
}

function formatShort(value: number, language: Language): string {
  const digits = value >= 100 ? 0 : 2;
  return new Intl.NumberFormat(locales[language], { maximumFractionDigits: digits }).format(value);
}

function trim(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}

/** Fen to yuan with two decimals: 123456 → ¥1,234.56. */
export function formatMoney(fen: number, language: Language): string {
  const yuan = new Intl.NumberFormat(locales[language], {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  }).format(Math.abs(fen) / 100);
  return `${fen < 0 ? "-" : ""}¥${yuan}`;
}

/** Fen to yuan for a card: ¥1.23万. */
export function formatMoneyCompact(fen: number, language: Language): string {
  const yuan = Math.abs(fen) / 100;
  const text = yuan >= 1e4 ? formatCompact(yuan, language) : formatShort(yuan, language);
  return `${fen < 0 ? "-" : ""}¥${text}`;
}

/** 0.1234 → 12.3%. */
export function formatPercent(rate: number): string {
  const percent = rate * 100;
  return `${Number(percent.toFixed(Math.abs(percent) >= 10 ? 1 : 2))}%`;
}

const stamp = new Intl.DateTimeFormat("sv-SE", {
  timeZone: ZONE,
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

/** `2026-11-11 10:00:00` in Shanghai. */
export function formatTime(iso: string): string {
  const at = Date.parse(iso);
  return Number.isNaN(at) ? iso : stamp.format(at);
}

export function formatDay(iso: string): string {
  return formatTime(iso).slice(0, 10);
}

const steps: [limit: number, unit: number, zh: string, en: Intl.RelativeTimeFormatUnit][] = [
  [60, 1, "秒", "second"],
  [3600, 60, "分钟", "minute"],
  [86_400, 3600, "小时", "hour"],
  [30 * 86_400, 86_400, "天", "day"],
];

/** `3 分钟前`, `in 2 hours`; beyond 30 days the date. `now` in milliseconds. */
export function formatRelative(iso: string, now: number, language: Language): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return iso;
  const seconds = Math.round((at - now) / 1000);
  const size = Math.abs(seconds);
  if (size < 10) return language === "zh" ? "刚刚" : "just now";
  for (const [limit, unit, zh, en] of steps) {
    if (size >= limit) continue;
    const count = Math.floor(size / unit);
    if (language === "zh") return `${count} ${zh}${seconds < 0 ? "前" : "后"}`;
    return new Intl.RelativeTimeFormat("en").format(seconds < 0 ? -count : count, en);
  }
  return formatDay(iso);
}

/** A span of seconds: `1 天 2 小时`, `2h 5m`. */
export function formatSpan(seconds: number, language: Language): string {
  const parts: string[] = [];
  const names = language === "zh" ? ["天", "小时", "分钟", "秒"] : ["d", "h", "m", "s"];
  let rest = Math.max(0, Math.round(seconds));
  for (const [index, unit] of [86_400, 3600, 60, 1].entries()) {
    const count = Math.floor(rest / unit);
    rest -= count * unit;
    if (count > 0)
      parts.push(language === "zh" ? `${count} ${names[index]}` : `${count}${names[index]}`);
    if (parts.length === 2) break;
  }
  return parts.join(" ") || (language === "zh" ? "0 秒" : "0s");
}

/** The change of `value` against `before`, or null when there is nothing to compare with. */
export function changeOf(value: number, before: number): number | null {
  return before === 0 ? null : (value - before) / before;
}
