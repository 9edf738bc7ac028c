/** A menu as people edit it: at most three buttons, five below each. */
export interface MenuButton {
  name: string;
  kind: "click" | "view" | "mini_program" | "group";
  value?: string;
  app_id?: string;
  page?: string;
  buttons?: MenuButton[];
}

export const TOP = 3;
export const BELOW = 5;
/** Where a button is: its column, and its row below it or null for the button itself. */
export type Place = [column: number, row: number | null];

export function buttonAt(menu: MenuButton[], [column, row]: Place): MenuButton | undefined {
  const top = menu[column];
  return row === null ? top : top?.buttons?.[row];
}

export function withButton(
  menu: MenuButton[],
  [column, row]: Place,
  button: MenuButton,
): MenuButton[] {
  return menu.map((top, index) => {
    if (index !== column) return top;
    if (row === null) return button;
    return { ...top, buttons: (top.buttons ?? []).map((one, n) => (n === row ? button : one)) };
  });
}

export function withoutButton(menu: MenuButton[], [column, row]: Place): MenuButton[] {
  if (row === null) return menu.filter((_, index) => index !== column);
  return menu.map((top, index) =>
    index === column ? { ...top, buttons: (top.buttons ?? []).filter((_, n) => n !== row) } : top,
  );
}

/** A new button at the foot, or below one, which becomes a group. */
export function withNew(menu: MenuButton[], column: number | null, name: string): MenuButton[] {
  const fresh: MenuButton = { name, kind: "click", value: "" };
  if (column === null) return menu.length < TOP ? [...menu, fresh] : menu;
  return menu.map((top, index) => {
    if (index !== column || (top.buttons?.length ?? 0) >= BELOW) return top;
    return { name: top.name, kind: "group", buttons: [...(top.buttons ?? []), fresh] };
  });
}
