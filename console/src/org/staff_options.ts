/** Staff as choices. Pure. */
export interface StaffNamed {
  account: string;
  staff: string;
  name: string;
  is_active: boolean;
}

interface Wanted {
  account?: string | undefined;
  isPresentOnly: boolean;
  /** What is said of those who left. */
  left: string;
}

/** Value `account|staff`, label with the id when the name differs; those who left say so. */
export function staffOptions(
  staff: StaffNamed[],
  { account, isPresentOnly, left }: Wanted,
): { value: string; label: string }[] {
  return staff
    .filter((one) => (!account || one.account === account) && (one.is_active || !isPresentOnly))
    .map((one) => {
      const name = one.name && one.name !== one.staff ? `${one.name} (${one.staff})` : one.staff;
      return {
        value: `${one.account}|${one.staff}`,
        label: one.is_active ? name : `${name} · ${left}`,
      };
    });
}
