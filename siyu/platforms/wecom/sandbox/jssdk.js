/* The part of WeCom's JS-SDK (@wecom/jssdk, `ww`) that a page in the chat toolbar uses, for an
   ordinary browser. Which chat the toolbar belongs to: #member=…&customer=… of the page's first
   address, remembered for the tab. Every wish is checked by the sandbox as the client would. */
(() => {
  const base = document.currentScript.src.replace(/\/client\/jssdk\.js.*$/, "");
  const given = new URLSearchParams(location.hash.slice(1));
  const chat = JSON.parse(sessionStorage.getItem("siyu_sandbox_chat") || "{}");
  for (const name of ["member", "customer"]) if (given.get(name)) chat[name] = given.get(name);
  sessionStorage.setItem("siyu_sandbox_chat", JSON.stringify(chat));
  let corp = "";
  let ready = Promise.reject(new Error("not registered"));
  ready.catch(() => {});
  async function ask(wish, body) {
    const answer = await fetch(`${base}/client/${wish}`, {
      method: "POST",
      headers: { "Content-Type": "text/plain" },
      body: JSON.stringify({ corp, ...body }),
    });
    const said = await answer.json();
    if (said.errcode) throw Object.assign(new Error(said.errmsg), said);
    return { errMsg: "ok", ...said };
  }
  window.ww = {
    register(options) {
      corp = options.corpId;
      const url = location.href.split("#")[0];
      ready = (async () =>
        ask("register", {
          url,
          signed: {
            corp: await options.getConfigSignature(url),
            agent: await options.getAgentConfigSignature(url),
          },
        }))();
      ready.then(
        () => options.onAgentConfigSuccess?.(),
        (error) => options.onAgentConfigFail?.({ errCode: error.errcode, errMsg: error.message }),
      );
    },
    async getContext() {
      await ready;
      return { entry: "single_chat_tools", errMsg: "getContext:ok" };
    },
    async getCurExternalContact() {
      await ready;
      return { userId: chat.customer, errMsg: "getCurExternalContact:ok" };
    },
    async sendChatMessage(message) {
      await ready;
      return ask("send", { ...message, member: chat.member, customer: chat.customer });
    },
  };
})();
