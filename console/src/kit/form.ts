/** The values of a dialog's form, or null when a field is marked wrong. */
import type { FormInstance } from "antd";

export async function valuesOf<T>(form: FormInstance<T>): Promise<T | null> {
  try {
    return await form.validateFields();
  } catch {
    return null;
  }
}
