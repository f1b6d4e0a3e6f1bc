/** What the panel does outside of itself: the title's badge and the browser's notifications. */

/** What was put into the title, and what stood there: a number in brackets may be the portal's own. */
let shown: { title: string; plain: string } | undefined;

export function showInTitle(unread: number): void {
  const plain = document.title === shown?.title ? shown.plain : document.title;
  const title = unread > 0 ? `(${unread > 99 ? "99+" : unread}) ${plain}` : plain;
  shown = { title, plain };
  if (document.title !== title) {
    document.title = title;
    // As the document has it: white space is cut there.
    shown.title = document.title;
  }
}

export function canAskToNotify(): boolean {
  return typeof Notification === "function" && isSecureContext && Notification.permission === "default";
}

/** One notification a peer: tabs of one browser replace each other's by the tag. */
export function notify(peerId: string, title: string, body: string, onClick: () => void): void {
  if (typeof Notification !== "function" || Notification.permission !== "granted") return;
  try {
    const notification = new Notification(title, { body: body.slice(0, 200), tag: `realtime-chat:${peerId}` });
    notification.onclick = () => {
      window.focus();
      notification.close();
      onClick();
    };
  } catch {
    // Some browsers on phones show notifications of service workers only.
  }
}
