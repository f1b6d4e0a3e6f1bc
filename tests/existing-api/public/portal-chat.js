/** The chat of a portal page: the stock client on one side, chat-state and chat-view on the other. */
import { io } from "/vendor/socket.io.esm.min.js";
import * as chat from "./chat-state.js";
import { drawConversation, drawLists, showBanner, showConnection, showToast } from "./chat-view.js";

const { portal, namespace, userId } = document.body.dataset;
const ACK_TIMEOUT_MS = 8_000;
const CONNECT_TIMEOUT_MS = 8_000;
const GAP_PATIENCE_MS = 500;
const WATCH_MAX = 500;

const state = chat.createState(userId);
const presence = { mode: "all", onlineTotal: 0, hasMore: false, pages: 1 };
let hasEnded = false;

const socket = io(namespace, {
  path: "/realtime",
  // Polling only where WebSockets are refused, or not there: the stock client waits for ever for a constructor that throws.
  transports: typeof WebSocket === "function" ? ["websocket", "polling"] : ["polling"],
  tryAllTransports: true,
  timeout: CONNECT_TIMEOUT_MS,
  withCredentials: true,
  auth: { portal },
});

/** Emits, and answers the data of the ack; throws an Error with a `code` otherwise. */
async function request(event, payload, timeoutMs = ACK_TIMEOUT_MS) {
  const reply = await socket.timeout(timeoutMs).emitWithAck(event, payload);
  if (reply.ok) return reply.data;
  throw Object.assign(new Error(reply.error.message), { code: reply.error.code });
}

async function fetchJson(url, body) {
  const init = body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.json();
}

/** Runs one at a time; a call that arrives meanwhile makes it run once more. */
function serial(task) {
  let running = false;
  let again = false;
  return async () => {
    again = true;
    if (running) return;
    running = true;
    while (again) {
      again = false;
      await task().catch((error) => console.warn("chat:", error.message));
    }
    running = false;
  };
}

function drawNow() {
  drawLists(state, presence, openConversation);
  drawConversation(state, retry);
}

let isDrawPending = false;
function draw() {
  if (isDrawPending) return;
  isDrawPending = true;
  setTimeout(() => {
    isDrawPending = false;
    drawNow();
  });
}

// People: who there is, and who of them is online.

const loadNames = serial(async () => {
  const nameless = [...state.conversations.keys()].filter((id) => !state.people.get(id)?.name);
  if (nameless.length === 0) return;
  const { people } = await fetchJson(`/api/people?ids=${encodeURIComponent(nameless.slice(0, 100).join(","))}`);
  chat.addPeople(state, people);
  draw();
});

async function loadColleagues() {
  chat.addPeople(state, (await fetchJson("/api/people")).people);
  draw();
}

/** In mode `watch` the gateway tells changes only of those whom we name: all whom the page shows. */
const refreshWatch = serial(async () => {
  if (presence.mode !== "watch" || !socket.connected) return;
  const online = [];
  let cursor;
  for (let page = 0; page < presence.pages; page += 1) {
    const answer = await request("presence:list", { cursor, limit: 100 });
    online.push(...answer.users);
    presence.onlineTotal = answer.online;
    cursor = answer.nextCursor ?? undefined;
    if (!cursor) break;
  }
  presence.hasMore = cursor !== undefined;
  chat.replaceOnline(state, online);
  const ids = [...new Set([...online.map(({ id }) => id), ...state.conversations.keys(), ...state.people.keys()])];
  const userIds = ids.slice(0, WATCH_MAX);
  chat.applyWatched(state, userIds, (await request("presence:watch", { userIds })).users);
  draw();
});

// Messages.

/** Asks for everything newer than what is held, until there is no more. */
const synchronise = serial(async () => {
  let hasMore = true;
  while (hasMore && socket.connected) {
    const answer = await request("sync", { since: chat.sinceOf(state), limit: 500 }, 20_000);
    const added = chat.addMessages(state, answer.messages);
    hasMore = answer.hasMore && added > 0;
    draw();
  }
  await loadNames();
  if (presence.mode === "watch") await refreshWatch();
});

function loadPage(peerId, beforeSeq) {
  request("message:history", { with: peerId, beforeSeq, limit: chat.PAGE_SIZE }).then((page) => {
    chat.addPage(state, peerId, page);
    draw();
  }, (error) => console.warn("chat:", error.message));
}

function openConversation(peerId) {
  chat.openConversation(state, peerId);
  drawNow();
  document.getElementById("message-input").focus();
  loadPage(peerId);
}

async function send(peerId, clientMessageId, body) {
  try {
    chat.addMessages(state, [await request("message:send", { to: peerId, body, clientMessageId })]);
  } catch (error) {
    // Without a code the ack did not come in time: it may be stored all the same, hence the same id at a retry.
    chat.setPending(state, peerId, clientMessageId, "failed", error.code ? error.message : "no answer");
  }
  draw();
}

function retry(clientMessageId) {
  const sent = chat.setPending(state, state.open, clientMessageId, "sending");
  if (sent) void send(state.open, clientMessageId, sent.body);
  draw();
}

/** crypto.randomUUID exists only on https and localhost. */
function freshId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Events from the gateway.

socket.on("connect", () => {
  showConnection("connected");
  void synchronise();
});
socket.on("session:ready", ({ presence: { mode, online } }) => {
  Object.assign(presence, { mode, onlineTotal: online });
  draw();
});
socket.on("presence:snapshot", ({ users, online, complete }) => {
  presence.onlineTotal = online;
  presence.hasMore = !complete && users.length < online;
  chat.replaceOnline(state, users);
  void refreshWatch();
  draw();
});
socket.on("presence:diff", (diff) => {
  chat.applyPresenceDiff(state, diff);
  if (presence.mode === "all") presence.onlineTotal = state.online.size;
  draw();
});
let recount;
socket.on("presence:count", ({ online }) => {
  presence.onlineTotal = online;
  // Somebody whom this page does not watch came or went.
  if (online !== state.online.size) {
    clearTimeout(recount);
    recount = setTimeout(refreshWatch, 1_000);
  }
  draw();
});
socket.on("presence:mode", ({ mode, online }) => {
  Object.assign(presence, { mode, onlineTotal: online });
  void refreshWatch();
});
socket.on("message:new", (message) => {
  if (chat.addMessages(state, [message]) > 0) chat.countUnread(state, message);
  if (chat.hasGap(state)) setTimeout(() => chat.hasGap(state) && synchronise(), GAP_PATIENCE_MS);
  void loadNames();
  draw();
});
socket.on("sync:required", () => void synchronise());
socket.on("notification", ({ text }) => showToast(text));
socket.on("session:expired", ({ reason }) => {
  // Another user now: the server knows which portal is theirs.
  if (reason === "changed") return location.reload();
  endSession("You have been logged out. Log in again to go on.");
});

// Life and death of the link.

function endSession(text) {
  hasEnded = true;
  socket.disconnect();
  showConnection("session ended");
  showBanner(text);
}

/** The stock client does not come back by itself after it was refused or sent away. */
function comeBackLater() {
  setTimeout(() => hasEnded || socket.connect(), 2_000 + Math.random() * 2_000);
}

socket.io.on("reconnect_attempt", () => showConnection("connecting"));
socket.on("disconnect", (reason) => {
  if (hasEnded) return;
  showConnection("offline");
  if (reason === "io server disconnect") comeBackLater();
});
socket.on("connect_error", ({ message, data }) => {
  showConnection("offline");
  // Some networks swallow a WebSocket without a word.
  if (message === "timeout") socket.io.opts.transports = ["polling", "websocket"];
  if (socket.active) return;
  if (data?.code === "unavailable" || data?.code === "too_many_sockets") return comeBackLater();
  endSession(data?.code === "unauthorized" ? "You have been logged out. Log in again to go on." : message);
});

// What the user does.

document.getElementById("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const input = document.getElementById("message-input");
  const body = input.value;
  if (!state.open || !body.trim()) return;
  input.value = "";
  const clientMessageId = freshId();
  chat.addPending(state, state.open, clientMessageId, body);
  draw();
  void send(state.open, clientMessageId, body);
});
document.getElementById("load-earlier").addEventListener("click", () => {
  loadPage(state.open, chat.conversationWith(state, state.open).firstShown);
});
document.getElementById("more-online").addEventListener("click", () => {
  presence.pages += 1;
  void refreshWatch();
});
document.getElementById("notify")?.addEventListener("click", async () => {
  const input = document.getElementById("message-input");
  if (!state.open || !input.value.trim()) return;
  await fetchJson("/api/notify", { userId: state.open, text: input.value })
    .then(() => { input.value = ""; }, (error) => showToast(error.message));
});
document.getElementById("logout").addEventListener("click", async () => {
  await fetchJson("/api/logout", {}).catch((error) => console.warn("chat:", error.message));
  location.assign("/");
});

loadColleagues().catch((error) => console.warn("chat:", error.message));
