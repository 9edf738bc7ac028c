/*
 * Siyu for WeChat mini programs: events in Segment's shape, queued, batched, retried.
 *
 *   const siyu = require("./siyu-mini.js");
 *   siyu.start({ host: "https://siyu.example.com", writeKey: "swk_…", account: "wechat_mini:wx…" });
 *   App({ onLaunch() { siyu.login(); } });
 *
 * No dependencies; base library 2.2 or newer. Events survive a restart; each is sent until the
 * server has it, and its messageId lets the server keep it once.
 */
"use strict";

var VERSION = "1.0.0";
var QUEUE = "siyu.queue";
var WHO = "siyu.who";
var MOST = 1000;
var BATCH = 50;
var FIRST_PAUSE = 1000;
var LONGEST_PAUSE = 60000;

function create(wx, globals) {
  var options = { host: "", writeKey: "", account: "", interval: 5000, tracksPages: true };
  var queue = [];
  var who = {};
  var timer = null;
  var pause = 0;
  var isSending = false;
  var isStarted = false;
  var isOnline = true;
  var launch = {};

  function start(given) {
    Object.keys(given || {}).forEach(function (name) {
      options[name] = given[name];
    });
    options.host = options.host.replace(/\/+$/, "");
    who = read(WHO, {});
    queue = read(QUEUE, []).concat(queue);
    if (!who.anonymousId) remember({ anonymousId: "mp" + newId() });
    queue.forEach(function (event) {
      event.anonymousId = event.anonymousId || who.anonymousId;
    });
    if (isStarted) return;
    isStarted = true;
    if (wx.onNetworkStatusChange) {
      wx.onNetworkStatusChange(function (state) {
        isOnline = state.isConnected;
        if (isOnline) soon(0);
      });
    }
    if (options.tracksPages) watch();
    if (queue.length) soon(0);
  }

  /* What a person did. */
  function track(event, properties) {
    add({ type: "track", event: event, properties: properties || {} });
  }

  function page(name, properties) {
    add({ type: "page", name: name, properties: properties || {} });
  }

  /* Who it is in your own shop; traits stay with the person, not in the history. */
  function identify(userId, traits) {
    remember({ userId: String(userId) });
    add({ type: "identify", traits: traits || {} });
  }

  /* Somebody else uses the phone now: a new anonymous id, nothing of the old one. */
  function reset() {
    who = {};
    remember({ anonymousId: "mp" + newId() });
  }

  /* Exchange a login code for our session. Resolves with {anonymousId}; never rejects. */
  function login() {
    return new Promise(function (resolve) {
      wx.login({
        success: function (answer) {
          post("/api/visits/" + options.account + "/app-session", {
            write_key: options.writeKey,
            code: answer.code,
          }).then(function (told) {
            if (told.status === 200) {
              var before = who.anonymousId;
              remember({ session: told.data.session, anonymousId: told.data.anonymous_id });
              if (before !== who.anonymousId) {
                add({ type: "identify", previousId: before, traits: {} });
              }
            }
            resolve({ anonymousId: who.anonymousId });
          });
        },
        fail: function () {
          resolve({ anonymousId: who.anonymousId });
        },
      });
    });
  }

  /* The code of a phone button. Resolves with true when the number has joined the person. */
  function sharePhone(code) {
    var body = { session: who.session || "", code: code };
    return post("/api/visits/" + options.account + "/app-phone", body).then(function (told) {
      return told.status === 200;
    });
  }

  /* Send what waits. Resolves when there is nothing more to do now. */
  function flush() {
    if (timer) clearTimeout(timer);
    timer = null;
    if (isSending || !queue.length || !options.host) return Promise.resolve();
    isSending = true;
    var some = queue.slice(0, BATCH);
    var body = { batch: some, sentAt: new Date().toISOString(), writeKey: options.writeKey };
    return post("/v1/batch", body).then(function (told) {
      isSending = false;
      if (isDone(told.status)) {
        queue = queue.slice(some.length);
        keep();
        pause = 0;
        if (queue.length) return flush();
        return undefined;
      }
      pause = Math.min(LONGEST_PAUSE, pause ? pause * 2 : FIRST_PAUSE);
      soon(pause);
      return undefined;
    });
  }

  /* A refusal of the events themselves will not get better; everything else is tried again. */
  function isDone(status) {
    return (status >= 200 && status < 300) || status === 400 || status === 413 || status === 422;
  }

  function add(event) {
    event.messageId = newId();
    event.timestamp = new Date().toISOString();
    if (who.anonymousId) event.anonymousId = who.anonymousId;
    if (who.userId) event.userId = who.userId;
    event.context = { library: { name: "siyu-mini", version: VERSION }, page: here() };
    if (launch.scene) event.context.campaign = { source: "scene_" + launch.scene };
    queue.push(event);
    if (queue.length > MOST) queue = queue.slice(-MOST);
    keep();
    if (isStarted) soon(queue.length >= BATCH ? 0 : options.interval);
  }

  function soon(ms) {
    if (timer && ms > 0) return;
    if (timer) clearTimeout(timer);
    timer = setTimeout(function () {
      timer = null;
      if (isOnline) flush();
    }, ms);
  }

  function post(path, body) {
    return new Promise(function (resolve) {
      wx.request({
        url: options.host + path,
        method: "POST",
        header: { "content-type": "application/json" },
        data: body,
        timeout: 10000,
        success: function (answer) {
          resolve({ status: answer.statusCode, data: answer.data || {} });
        },
        fail: function () {
          resolve({ status: 0, data: {} });
        },
      });
    });
  }

  /* App and page lifecycles become events; the brand's own handlers run as before. */
  function watch() {
    if (wx.getLaunchOptionsSync) launch = wx.getLaunchOptionsSync() || {};
    wrap("App", {
      onShow: function (given) {
        if (given && given.scene) launch = given;
        track("App Opened", { scene: launch.scene || 0, path: launch.path || "" });
      },
      onHide: function () {
        track("App Hidden", {});
        flush();
      },
    });
    wrap("Page", {
      onShow: function () {
        page(here().path, {});
      },
    });
  }

  function wrap(name, hooks) {
    var make = globals[name];
    if (typeof make !== "function" || make.isSiyu) return;
    globals[name] = function (given) {
      Object.keys(hooks).forEach(function (hook) {
        var own = given[hook];
        given[hook] = function () {
          try {
            hooks[hook].apply(this, arguments);
          } catch (error) {
            /* counting must never break the brand's page */
          }
          return own ? own.apply(this, arguments) : undefined;
        };
      });
      return make(given);
    };
    globals[name].isSiyu = true;
  }

  function here() {
    var pages = globals.getCurrentPages ? globals.getCurrentPages() : [];
    var last = pages[pages.length - 1];
    return { path: last ? "/" + last.route : "" };
  }

  function remember(values) {
    Object.keys(values).forEach(function (name) {
      who[name] = values[name];
    });
    write(WHO, who);
  }

  function keep() {
    write(QUEUE, queue);
  }

  function read(key, fallback) {
    try {
      return wx.getStorageSync(key) || fallback;
    } catch (error) {
      return fallback;
    }
  }

  function write(key, value) {
    try {
      wx.setStorageSync(key, value);
    } catch (error) {
      /* a full storage costs the queue its survival of a restart, nothing else */
    }
  }

  return {
    start: start,
    track: track,
    page: page,
    identify: identify,
    reset: reset,
    login: login,
    sharePhone: sharePhone,
    flush: flush,
    anonymousId: function () {
      return who.anonymousId || "";
    },
  };
}

function newId() {
  var text = "";
  while (text.length < 32) text += Math.floor(Math.random() * 0x10000).toString(16);
  return Date.now().toString(16) + text.slice(0, 20);
}

if (typeof wx !== "undefined") module.exports = create(wx, globalThis);
else module.exports = { create: create };
