/** Customers as choices. Pure. */
interface Found {
  id: number;
  name: string;
  phone_masked: string;
}

export interface CustomerOption {
  value: number;
  label: string;
}

/** How a customer is shown where one is chosen: name, phone as far as it is shown, number. */
export function customerLabel({ id, name, phone_masked }: Found): string {
  return [name, phone_masked, `#${id}`].filter(Boolean).join(" · ");
}

/** Who was found, the one whose number was typed first. */
export function customerOptions(found: Found[], typed: string): CustomerOption[] {
  const isTyped = ({ id }: Found) => String(id) === typed;
  const first = found.filter(isTyped);
  return [...first, ...found.filter((one) => !isTyped(one))].map((one) => ({
    value: one.id,
    label: customerLabel(one),
  }));
}

/** What was typed as a number, for who may not look customers up. */
export function numberOption(typed: string): CustomerOption[] {
  const value = Number(typed);
  return /^[1-9]\d{0,14}$/.test(typed) ? [{ value, label: `#${value}` }] : [];
}
