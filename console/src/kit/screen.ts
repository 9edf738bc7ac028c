/** Whether the console is on a phone. */
import { Grid } from "antd";

export function useIsPhone(): boolean {
  return Grid.useBreakpoint().md === false;
}
