/** Takes out of a trace what differs from run to run and from server to server by right. */

const LONGEST = 200;

/** Names of connections and sockets are random; long bodies are told by their length. */
export function masked(text: string): string {
  const shown = text
    .replace(/"sid":"[\w-]{20,}"/g, '"sid":"*"')
    .replace(/http:\/\/127\.0\.0\.1:\d+/g, "http://host")
    .replaceAll("\x1e", " ␞ ");
  return shown.length > LONGEST ? `${shown.slice(0, 40)}… (${text.length} characters)` : shown;
}
