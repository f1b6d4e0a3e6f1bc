/** Cookie values that nobody should believe, made from good ones. */
import { createHmac } from "node:crypto";
import { SESSION_SECRET } from "../stack/stack.ts";

export const NAME = "sessionId";

export function signature(text: string, secret = SESSION_SECRET, algorithm = "sha256"): string {
  return createHmac(algorithm, secret).update(text).digest("base64").replace(/=+$/, "");
}

/** The decoded value of a cookie as the API set it. */
export function valueOf(cookie: string): string {
  return decodeURIComponent(cookie.slice(cookie.indexOf("=") + 1));
}

export function sessionIdOf(cookie: string): string {
  const value = valueOf(cookie);
  return value.slice(0, value.lastIndexOf("."));
}

const everyByteEscaped = (text: string) => Buffer.from(text).toString("hex").replaceAll(/../g, "%$&");
const flipped = (text: string, at: number) => text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);

/** By what was done: whole `Cookie` headers. `others` is the cookie of another session that is as good. */
export function forgedCookies(good: string, others: string): Record<string, string> {
  const value = valueOf(good);
  const [sid, made] = [sessionIdOf(good), value.slice(value.lastIndexOf(".") + 1)];
  const foreign = valueOf(others).slice(valueOf(others).lastIndexOf(".") + 1);
  const cookie = (text: string) => `${NAME}=${text}`;
  return {
    "without a signature": cookie(sid),
    "with an empty signature": cookie(`${sid}.`),
    "without an id": cookie(`.${signature("")}`),
    "with the signature of another session": cookie(`${sid}.${foreign}`),
    "with the id of another session": cookie(`${sessionIdOf(others)}.${made}`),
    "cut in its signature": cookie(value.slice(0, -1)),
    "cut in its id": cookie(value.slice(1)),
    "with the first letter changed": cookie(flipped(value, 0)),
    "with the last letter changed": cookie(flipped(value, value.length - 1)),
    "with its signature in small letters": cookie(`${sid}.${made.toLowerCase()}`),
    "signed with another secret": cookie(`${sid}.${signature(sid, "another secret of more than thirty-two letters")}`),
    "signed with an empty secret": cookie(`${sid}.${signature(sid, "")}`),
    "signed by SHA-1": cookie(`${sid}.${signature(sid, SESSION_SECRET, "sha1")}`),
    "signed by MD5": cookie(`${sid}.${signature(sid, SESSION_SECRET, "md5")}`),
    "with its padding": cookie(`${value}=`),
    "with its signature of the URL's alphabet and padding": cookie(`${sid}.${made.replaceAll("+", "-").replaceAll("/", "_")}=`),
    "with two signatures": cookie(`${value}.${made}`),
    "with white space inside": cookie(`${sid} .${made}`),
    "escaped twice": cookie(everyByteEscaped(everyByteEscaped(value))),
    "with an escape that is none": cookie(`%zz${value}`),
    "with an escaped NUL behind": cookie(`${value}%00`),
    "with an escaped NUL before its dot": cookie(`${sid}%00.${made}`),
    "with escaped bytes that are no text": cookie(`%ff${value}`),
    "with an overlong escape for its dot": cookie(`${sid}%c0%ae${made}`),
    "in the other library's format": cookie(`s%3A${sid}.${foreign}`),
    "an id of the store's own making": cookie(`${`x${sid}`}.${signature(`x${sid}`)}`),
    "a pattern for an id": cookie(`*.${signature("*")}`),
    "a path for an id": cookie(encodeURIComponent(`../${sid}.${signature(`../${sid}`)}`)),
    "a command in an id": cookie(encodeURIComponent(`x\r\nGET sess:${sid}.${signature(`x\r\nGET sess:${sid}`)}`)),
    "an id that every object has": cookie(`__proto__.${signature("__proto__")}`),
    "a JWT without an algorithm": cookie(`${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from(`{"sid":"${sid}"}`).toString("base64url")}.`),
    "of nine thousand bytes": cookie("x".repeat(9_000)),
    "of nine thousand bytes, well signed": cookie(`${"x".repeat(9_000)}.${signature("x".repeat(9_000))}`),
    "a bad one before the good one": `${NAME}=x.y; ${good}`,
    "an empty one before the good one": `${NAME}=; ${good}`,
    "the good one behind sixty thousand bytes of others": `filler=${"x".repeat(66_000)}; ${good}`,
    "under a name in capitals": good.replace(NAME, NAME.toUpperCase()),
    "under a name with a prefix": `__Host-${good}`,
    "as a value of another cookie": `other="${good}"`,
    "under an escaped name": good.replace(NAME, "sessionI%64"),
  };
}

/** Headers that mean the good session, however odd. */
export function goodCookies(good: string, others: string): Record<string, string> {
  const value = valueOf(good);
  return {
    "as it is": good,
    "with every byte escaped": `${NAME}=${everyByteEscaped(value)}`,
    "in quotes": `${NAME}="${value}"`,
    "before another's": `${good}; ${others}`,
    "among junk": `;;=;a;=b; ${good} ; x=y`,
  };
}
