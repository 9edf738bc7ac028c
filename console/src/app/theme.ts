/** Tea and camellia: the console's colours, in light and in dark. */
import { type ThemeConfig, theme } from "antd";
import type { Mode } from "./preferences";

export const FONT =
  '-apple-system, BlinkMacSystemFont, "Segoe UI", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';
export const MONO = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Noto Sans Mono", monospace';

export interface Palette {
  tea: string;
  camellia: string;
  amber: string;
  text: string;
  muted: string;
  line: string;
  panel: string;
  soft: string;
  side: string;
  series: string[];
  stages: [string, string, string, string, string];
}

const light: Palette = {
  tea: "#1d7a6a",
  camellia: "#cf4f68",
  amber: "#c98b2b",
  text: "#1d2b27",
  muted: "#6c7a74",
  line: "#e4e9e3",
  panel: "#ffffff",
  soft: "#eef4f0",
  side: "#12352e",
  series: ["#1d7a6a", "#d9667c", "#d9a441", "#5f8fb0", "#8b78b6", "#7fa650", "#b07a54"],
  stages: ["#8fc3b1", "#55a691", "#d9a441", "#dd7a86", "#c23f5c"],
};

const dark: Palette = {
  tea: "#45b39d",
  camellia: "#e5768a",
  amber: "#dcae5a",
  text: "#e3ebe7",
  muted: "#92a29b",
  line: "#2a3732",
  panel: "#18211e",
  soft: "#1d2a26",
  side: "#0c1d19",
  series: ["#45b39d", "#e5768a", "#dcae5a", "#7fb0d1", "#a796d1", "#9cc46c", "#cf9b76"],
  stages: ["#57897b", "#45a08b", "#c79a47", "#d07583", "#e0607b"],
};

/** Soft grounds and edges of tags and alerts; the derived ones are muddy for deep colours. */
const lightGrounds = {
  colorPrimaryBg: "#e9f4f0",
  colorPrimaryBgHover: "#d9ece5",
  colorPrimaryBorder: "#b3d7cb",
  colorInfoBg: "#edf6f2",
  colorInfoBorder: "#c4dfd5",
  colorSuccessBg: "#e8f6ed",
  colorSuccessBorder: "#b9e0c7",
  colorWarningBg: "#fdf6e6",
  colorWarningBorder: "#f0dcae",
  colorErrorBg: "#fdeef0",
  colorErrorBorder: "#f3c6cd",
};

const darkGrounds = {
  colorPrimaryBg: "#17322b",
  colorPrimaryBgHover: "#1d4037",
  colorPrimaryBorder: "#2a5c50",
  colorInfoBg: "#172c27",
  colorInfoBorder: "#26493f",
  colorSuccessBg: "#16301f",
  colorSuccessBorder: "#28553a",
  colorWarningBg: "#302716",
  colorWarningBorder: "#5a4923",
  colorErrorBg: "#341a20",
  colorErrorBorder: "#662f39",
};

export function paletteOf(mode: Mode): Palette {
  return mode === "dark" ? dark : light;
}

export function themeOf(mode: Mode, isStill: boolean): ThemeConfig {
  const palette = paletteOf(mode);
  const isDark = mode === "dark";
  return {
    algorithm: isDark ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: {
      colorPrimary: palette.tea,
      colorInfo: palette.tea,
      colorLink: palette.tea,
      colorSuccess: isDark ? "#5cb87a" : "#2f8f57",
      colorWarning: palette.amber,
      colorError: isDark ? "#e5646a" : "#c43d46",
      colorBgBase: isDark ? "#121a17" : "#ffffff",
      colorTextBase: palette.text,
      colorBgLayout: isDark ? "#0f1614" : "#f5f7f3",
      colorBgContainer: palette.panel,
      colorBgElevated: isDark ? "#1f2a26" : "#ffffff",
      colorBorder: isDark ? "#36453f" : "#d5ddd6",
      colorBorderSecondary: palette.line,
      borderRadius: 8,
      borderRadiusLG: 12,
      fontFamily: FONT,
      fontFamilyCode: MONO,
      fontSize: 14,
      motion: !isStill,
      ...(isDark ? darkGrounds : lightGrounds),
    },
    components: {
      Layout: { siderBg: palette.side, headerBg: palette.panel, headerHeight: 56 },
      Menu: {
        darkItemBg: "transparent",
        darkSubMenuItemBg: "transparent",
        darkItemColor: "rgba(232,243,238,.74)",
        darkItemHoverBg: "rgba(255,255,255,.07)",
        darkItemSelectedBg: "rgba(110,199,175,.22)",
        darkItemSelectedColor: "#ffffff",
        darkGroupTitleColor: "rgba(232,243,238,.42)",
        itemHeight: 33,
        itemMarginBlock: 1,
      },
      Card: { headerFontSize: 15, headerHeight: 48 },
      Table: { headerBg: isDark ? "#1c2723" : "#f5f8f5", cellPaddingBlock: 11 },
      Tag: { defaultBg: palette.soft },
      Statistic: { titleFontSize: 13 },
    },
  };
}

/** A platform's own colour, lightened where it would vanish on a dark ground. */
export function visibleColor(color: string, mode: Mode): string {
  const parts = color.match(/^#(..)(..)(..)$/)?.slice(1);
  if (mode === "light" || !parts) return color;
  const [red = 0, green = 0, blue = 0] = parts.map((part) => Number.parseInt(part, 16));
  const luminance = (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
  return luminance < 0.25 ? "#b9c4d0" : color;
}
