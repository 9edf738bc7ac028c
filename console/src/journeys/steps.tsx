/** How each kind of step looks and reads. */
import {
  BranchesOutlined,
  ClockCircleOutlined,
  FlagOutlined,
  SendOutlined,
  SmileOutlined,
  TagOutlined,
} from "@ant-design/icons";
import type { ReactNode } from "react";
import type { Palette } from "../app/theme";
import { formatSpan } from "../kit/format";
import { labelOf, useLanguage, useT } from "../locale";
import { useChannelLabel } from "../reach/looks";
import { useConditionText } from "../segments/words";
import type { Kind, StepNode } from "./graph";

const ICONS: Record<Kind, ReactNode> = {
  welcome: <SmileOutlined />,
  send: <SendOutlined />,
  tag: <TagOutlined />,
  wait: <ClockCircleOutlined />,
  split: <BranchesOutlined />,
  exit: <FlagOutlined />,
};

export function kindIcon(kind: Kind): ReactNode {
  return ICONS[kind];
}

export function kindColor(kind: Kind, palette: Palette): string {
  const colors: Record<Kind, string> = {
    welcome: palette.camellia,
    send: palette.tea,
    tag: palette.series[4] ?? palette.tea,
    wait: palette.amber,
    split: palette.series[3] ?? palette.tea,
    exit: palette.muted,
  };
  return colors[kind];
}

/** One sentence about a step. */
export function useStepText(): (node: StepNode) => string {
  const t = useT().journeys;
  const language = useLanguage();
  const channel = useChannelLabel();
  const condition = useConditionText();
  return (node) => {
    switch (node.kind) {
      case "welcome":
        return node.template ?? "";
      case "send":
        return `${t.over(channel(node.channel ?? "best"))} · ${node.template ?? ""}`;
      case "tag":
        return `${node.group ?? ""} · ${node.from === "source" ? t.tagFrom : (node.name ?? "")}`;
      case "wait":
        if (node.until_hour !== null && node.until_hour !== undefined)
          return t.waitUntil(node.until_hour, node.days ?? 0);
        return t.waitFor(formatSpan(node.seconds ?? 0, language));
      case "split":
        return condition(node.condition);
      default:
        return labelOf(t.exitWords, node.reason ?? "completed");
    }
  };
}
