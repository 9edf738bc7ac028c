/** The tab of files: the library's pictures, videos and files, sent into the chat. */
import { sendFile } from "./client";
import { h, say } from "./dom";
import { type ChatFile, getFiles, getMedia, noteFile } from "./server";
import { t } from "./words";

const PAUSE_MS = 1500;
const TURNS = 20;

export function filesView(customer: string): HTMLElement {
  const list = h("div", {});
  const search = h("input", { type: "search", placeholder: t.findFiles });
  search.setAttribute("aria-label", t.findFiles);
  let turn = 0;
  const find = async () => {
    turn += 1;
    const mine = turn;
    try {
      const { items } = await getFiles(search.value.trim());
      if (mine !== turn) return;
      const rows = items.map((file) => fileView(customer, file));
      list.replaceChildren(...(rows.length ? rows : [h("p", { class: "note" }, t.noFiles)]));
    } catch (error) {
      if (mine === turn) say(String((error as Error).message), true);
    }
  };
  search.oninput = () => void find();
  void find();
  return h("div", {}, search, list);
}

function fileView(customer: string, file: ChatFile): HTMLElement {
  const send = h(
    "button",
    {
      type: "button",
      class: "main",
      onclick: async () => {
        send.disabled = true;
        await sendOne(customer, file);
        send.disabled = false;
      },
    },
    t.send,
  );
  const size = `${t.kinds[file.kind] ?? file.kind} · ${kilobytes(file.size)}`;
  return h(
    "article",
    { class: "card pair" },
    h("span", { class: "name" }, file.name, h("br"), h("small", {}, size)),
    send,
  );
}

async function sendOne(customer: string, file: ChatFile): Promise<void> {
  let media: string;
  try {
    media = await upload(file.id);
  } catch (error) {
    return say(String((error as Error).message), true);
  }
  if (!media) return say(t.uploadFailed, true);
  try {
    await sendFile(file.kind, media);
  } catch {
    return say(t.cannotSend, true);
  }
  await noteFile(customer, file.id).catch(() => undefined);
  say(`${t.sent} ${file.name}`);
}

/** WeCom's id of a file; a file it does not have yet takes some seconds. "" = it did not come. */
async function upload(id: number): Promise<string> {
  for (let turn = 0; turn < TURNS; turn += 1) {
    const { media_id } = await getMedia(id);
    if (media_id) return media_id;
    say(t.uploading);
    await new Promise((done) => setTimeout(done, PAUSE_MS));
  }
  return "";
}

const kilobytes = (bytes: number): string =>
  bytes < 1 << 20
    ? `${Math.max(1, Math.round(bytes / 1024))} KB`
    : `${(bytes / (1 << 20)).toFixed(1)} MB`;
