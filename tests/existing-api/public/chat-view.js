/** Draws the state. Text goes in by textContent only, so names and messages cannot become markup. */
import { conversationWith, nameOf, shownMessages } from "./chat-state.js";

const byId = (id) => document.getElementById(id);

function element(tag, properties, dataset, children = []) {
  const made = Object.assign(document.createElement(tag), properties);
  Object.assign(made.dataset, dataset);
  made.append(...children);
  return made;
}

/** Buttons are kept between drawings, so that focus and a click in progress survive a presence change. */
function drawPeople(list, ids, testid, state, onOpen) {
  const kept = new Map([...list.children].map((item) => [item.firstChild.dataset.userId, item]));
  list.replaceChildren(...ids.map((userId) => {
    let item = kept.get(userId);
    if (!item) {
      item = element("li", {}, {}, [element("button", { type: "button", onclick: () => onOpen(userId) }, { testid, userId })]);
    }
    const button = item.firstChild;
    const person = state.people.get(userId);
    const portals = testid === "online-user" ? state.online.get(userId)?.portals ?? [] : [];
    button.textContent = nameOf(state, userId);
    button.title = [person?.tenantId, ...portals].filter(Boolean).join(" · ");
    button.dataset.online = String(state.online.has(userId));
    button.dataset.unread = String(state.conversations.get(userId)?.unread ?? 0);
    button.setAttribute("aria-current", String(state.open === userId));
    return item;
  }));
}

function byName(state) {
  return (a, b) => nameOf(state, a).localeCompare(nameOf(state, b)) || (a < b ? -1 : 1);
}

export function drawLists(state, { onlineTotal, hasMore }, onOpen) {
  const others = (ids) => [...new Set(ids)].filter((id) => id !== state.selfId).sort(byName(state));
  const online = others(state.online.keys());
  drawPeople(byId("online-list"), online, "online-user", state, onOpen);
  drawPeople(byId("people-list"), others([...state.people.keys(), ...state.conversations.keys()]), "person", state, onOpen);
  // The total counts oneself.
  byId("online-count").textContent = String(Math.max(online.length, onlineTotal - 1));
  byId("more-online").hidden = !hasMore;
}

function messageItem(body, meta, dataset) {
  return element("li", {}, { testid: "message", ...dataset }, [
    element("span", { className: "body", textContent: body }),
    element("small", { textContent: meta }),
  ]);
}

function drawMessage(state, message) {
  const mine = message.senderId === state.selfId;
  const time = new Date(message.createdAt).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const item = messageItem(message.erased ? "Message erased" : message.body, time, { seq: message.seq, mine, state: "sent" });
  if (message.erased) item.classList.add("erased");
  return item;
}

function drawPending(sent, onRetry) {
  const meta = sent.state === "failed" ? sent.error ?? "not sent" : "sending…";
  const item = messageItem(sent.body, meta, { seq: "", mine: true, state: sent.state });
  if (sent.state === "failed") {
    const retry = () => onRetry(sent.clientMessageId);
    item.append(element("button", { type: "button", className: "quiet", textContent: "Retry", onclick: retry }, { testid: "message-retry" }));
  }
  return item;
}

let drawn = { peerId: null, items: new WeakMap() };

export function drawConversation(state, onRetry) {
  const peerId = state.open;
  if (!peerId) return;
  const conversation = conversationWith(state, peerId);
  const isOther = drawn.peerId !== peerId;
  if (isOther) drawn = { peerId, items: new WeakMap() };
  byId("conversation").dataset.userId = peerId;
  byId("peer-name").textContent = nameOf(state, peerId);
  byId("composer").hidden = false;
  byId("load-earlier").hidden = !conversation.hasEarlier;

  const list = byId("messages");
  const fromEnd = list.scrollHeight - list.scrollTop;
  const isAtEnd = isOther || fromEnd - list.clientHeight < 40;
  const items = shownMessages(conversation).map((message) => {
    if (!drawn.items.has(message)) drawn.items.set(message, drawMessage(state, message));
    return drawn.items.get(message);
  });
  list.replaceChildren(...items, ...conversation.pending.map((sent) => drawPending(sent, onRetry)));
  // Earlier messages grow the list above; what is being read stays where it is.
  list.scrollTop = isAtEnd ? list.scrollHeight : list.scrollHeight - fromEnd;
}

export function showConnection(text) {
  byId("connection-state").textContent = text;
  byId("dot").dataset.state = text;
}

export function showBanner(text) {
  byId("banner").textContent = text;
  byId("banner").hidden = false;
}

export function showToast(text) {
  const toast = element("div", { className: "toast", textContent: text }, { testid: "toast" });
  byId("toasts").append(toast);
  setTimeout(() => toast.remove(), 8_000);
}
