/** The guide's page inside WeCom: sign in, find the chat's customer, show him. */
import { openChat } from "./client";
import { h } from "./dom";
import { showCustomer } from "./page";
import { getFace, getMe, Problem } from "./server";
import "./sidebar.css";
import { t } from "./words";

const root = document.getElementById("root") as HTMLElement;
const query = new URLSearchParams(location.search);
const account = query.get("account") ?? "";
const HASH = "siyu.sidebar.hash";

function note(text: string, canRetry = true): void {
  const retry = h("button", { type: "button", onclick: () => location.assign(here()) }, t.retry);
  root.replaceChildren(h("p", { class: "note" }, text), canRetry ? retry : "");
}

const here = () => `/sidebar?account=${encodeURIComponent(account)}`;

/** The platform's login page; what followed "#" is kept for the way back. */
function signIn(): void {
  sessionStorage.setItem(HASH, location.hash);
  location.assign(`/api/sidebar/login?account=${encodeURIComponent(account)}`);
}

function restoreHash(): void {
  const kept = sessionStorage.getItem(HASH);
  sessionStorage.removeItem(HASH);
  if (kept && !location.hash)
    history.replaceState(null, "", location.pathname + location.search + kept);
}

async function start(): Promise<void> {
  const error = query.get("error");
  if (error) return note(t.errors[error] ?? `${t.failed} (${error})`);
  if (!account) return note(t.noAccount, false);
  note(t.loading, false);
  try {
    const me = await getMe();
    if (me.account !== account) return signIn();
    restoreHash();
    const customer = await openChat();
    showCustomer(root, customer, await getFace(customer), me);
  } catch (problem) {
    if (problem instanceof Problem && problem.status === 401) return signIn();
    if (problem instanceof Problem && problem.status === 404) return note(t.noCustomer);
    note(`${t.failed}: ${problem instanceof Error ? problem.message : ""}`);
  }
}

void start();
