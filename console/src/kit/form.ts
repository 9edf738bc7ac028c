/** The values of a dialog's form, or null when a field is marked wrong. */
import type { FormInstance } from "antd";

export async function valuesOf<T>(form: FormInstance<T>): Promise<T | null> {
  try {
    return await form.validateFields();
  } catch (problem) {
    return isOverrun(problem) ? valuesOf(form) : null;
  }
}

/** Nothing is wrong: another check of the same form began before this one was over. */
function isOverrun(problem: unknown): boolean {
  const { outOfDate, errorFields } = problem as { outOfDate?: boolean; errorFields?: unknown[] };
  return outOfDate === true && errorFields?.length === 0;
}
