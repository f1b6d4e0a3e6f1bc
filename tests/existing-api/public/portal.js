/** What the portal does itself: log out, show the API's notifications, and follow the chat when the session ends. */
const chat = document.querySelector("realtime-chat");
const byId = (id) => document.getElementById(id);

function showToast(text) {
  const toast = Object.assign(document.createElement("div"), { className: "toast", textContent: text });
  toast.dataset.testid = "toast";
  byId("toasts").append(toast);
  setTimeout(() => toast.remove(), 8_000);
}

async function post(url, body) {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
}

byId("logout").addEventListener("click", async () => {
  await post("/api/logout", {}).catch((error) => console.warn(error.message));
  location.assign("/");
});

chat.addEventListener("chat-session-ended", () => {
  byId("banner").textContent = "You have been logged out. Log in again to go on.";
  byId("banner").hidden = false;
});

byId("notify")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const userId = chat.client.getState().peerId;
  if (!userId) return showToast("Open a conversation first: it is whom the notification goes to.");
  const field = event.target.elements.text;
  await post("/api/notify", { userId, text: field.value }).then(() => { field.value = ""; }, (error) => showToast(error.message));
});

await customElements.whenDefined("realtime-chat");
chat.tenantNames = JSON.parse(document.body.dataset.tenantNames);
// Events of the API's own come over the chat's socket.
chat.client.on("notification", ({ text }) => showToast(text));
// Another user now: the server knows which portal is theirs.
chat.client.on("session:expired", ({ reason }) => { if (reason === "changed") location.reload(); });
