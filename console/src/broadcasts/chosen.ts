/** The account and channel that the composer's form names now. */
import { Form } from "antd";
import type { Row } from "../api/client";

export type Choice = Row<"/api/broadcasts/channels">;

export function useChosen(channels: Choice[]): Choice | undefined {
  const key: string | undefined = Form.useWatch("channel");
  return channels.find((one) => keyOf(one) === key);
}

export function keyOf(one: { account: string; name: string }): string {
  return `${one.account}|${one.name}`;
}
