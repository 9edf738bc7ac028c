/** WeCom's script: trusted by our signatures, it tells whose chat this is and sends into it. */
import { getSetup, type Script, type Setup } from "./server";

interface Signature {
  timestamp: number;
  nonceStr: string;
  signature: string;
}

interface Wecom {
  register(options: {
    corpId: string;
    agentId: string;
    jsApiList: string[];
    getConfigSignature: (url: string) => Promise<Signature>;
    getAgentConfigSignature: (url: string) => Promise<Signature>;
  }): void;
  getCurExternalContact(): Promise<{ userId: string }>;
  sendChatMessage(message: Record<string, unknown>): Promise<unknown>;
}

declare global {
  interface Window {
    ww?: Wecom;
  }
}

function load(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => resolve();
    script.onerror = () => reject(new Error(url));
    document.head.append(script);
  });
}

const sign = (one: Setup["config"]): Signature => ({
  timestamp: one.timestamp,
  nonceStr: one.nonce,
  signature: one.signature,
});

/** The customer of this chat, as WeCom names him. */
export async function openChat(): Promise<string> {
  const setup = await getSetup(location.href.split("#")[0] ?? "");
  await load(setup.script_url);
  const ww = window.ww;
  if (!ww) throw new Error("ww");
  ww.register({
    corpId: setup.app_id,
    agentId: setup.agent_id,
    jsApiList: ["getCurExternalContact", "sendChatMessage"],
    getConfigSignature: async (url) => sign((await getSetup(url)).config),
    getAgentConfigSignature: async (url) => sign((await getSetup(url)).agent_config),
  });
  return (await ww.getCurExternalContact()).userId;
}

/** Sends a file of the library into the chat. kind: image, video or file. */
export async function sendFile(kind: string, mediaId: string): Promise<void> {
  if (!window.ww) throw new Error("ww");
  await window.ww.sendChatMessage({ msgtype: kind, [kind]: { mediaid: mediaId } });
}

/** What of a script the chat can take: its text and its links. */
export const isWhole = (script: Script): boolean =>
  script.attachments.every((one) => one.type === "link");

/** Sends a script into the chat: its text, then its links. */
export async function sendScript(script: Script): Promise<void> {
  if (!window.ww) throw new Error("ww");
  if (script.text) {
    await window.ww.sendChatMessage({ msgtype: "text", text: { content: script.text } });
  }
  for (const one of script.attachments) {
    if (one.type !== "link") continue;
    const { url = "", title = "" } = one;
    const news = { link: url, title, desc: "", imgUrl: "" };
    await window.ww.sendChatMessage({ msgtype: "news", news });
  }
}
