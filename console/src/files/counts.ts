/** Numbers as this page writes them. */
import { formatInt } from "../kit/format";
import { useLanguage } from "../locale";

export function useCount(): (value: number) => string {
  const language = useLanguage();
  return (value) => formatInt(value, language);
}

/** 1536 as "1.5 KB". */
export function formatBytes(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  const step = bytes > 0 ? Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10)) : 0;
  const value = bytes / 1024 ** step;
  return `${step ? value.toFixed(1) : value} ${units[step]}`;
}
