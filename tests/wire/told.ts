/** Lines of traces that many cases expect. */
export const POSTED = "POST: 200 | content-type: text/html | cache-control: no-store | ok";
export const POST_REFUSED = "POST: 400 | ";
/** The connection is over. */
export const GONE = 'next: 400 | content-type: application/json | {"code":1,"message":"Session ID unknown"}';
/** It lives, and polls no more. */
export const ON_WEBSOCKET = 'next: 400 | content-type: application/json | {"code":3,"message":"Bad request"}';
export const LIVES = "next: lives";

export function opened(upgrades: string): string {
  return `0{"sid":"*","upgrades":[${upgrades}],"pingInterval":300,"pingTimeout":200,"maxPayload":1000000}`;
}

export function payload(packets: string, headers = "cache-control: no-store"): string {
  return `200 | content-type: text/plain; charset=UTF-8 | ${headers} | ${packets}`;
}

export function polled(packets: string): string {
  return `poll: ${payload(packets)}`;
}
