/** Connections that are begun and not carried on, below what HTTP libraries can say. Each leaves open what it holds. */
import { setTimeout as pause } from "node:timers/promises";
import { Dial } from "./dial.ts";
import { head, openPolling, POLLING, upgradeHead, WEBSOCKET } from "./said.ts";

/** Where one is opened, and another gateway that does not own it. */
export type Place = { origin: string; elsewhere: string };

/** Comes back with the link once the gateway has it. */
export type HalfOpen = (place: Place) => Promise<Dial>;

const TRICKLE_MS = 500;

/** A byte now and then, so that no link is idle. */
function trickle(dial: Dial): Dial {
  void (async () => {
    while (!dial.isClosed) {
      dial.write("x");
      await pause(TRICKLE_MS, undefined, { ref: false });
    }
  })();
  return dial;
}

async function said(origin: string, bytes: string): Promise<Dial> {
  const dial = await Dial.to(origin);
  dial.write(bytes);
  return dial;
}

const body = "content-length: 60000";
const chunked = "transfer-encoding: chunked";

export const HALF_OPEN: Record<string, HalfOpen> = {
  "TCP alone": ({ origin }) => Dial.to(origin),
  "a head without its end": ({ origin }) => said(origin, `GET ${POLLING} HTTP/1.1\r\nhost: x\r\nx-`),
  "a head that trickles": async ({ origin }) => trickle(await said(origin, `GET ${POLLING} HTTP/1.1\r\nhost: x\r\nx-`)),
  "a WebSocket's head that trickles": async ({ origin }) => trickle(await said(origin, upgradeHead(WEBSOCKET).slice(0, -4))),
  "a request, answered, and nothing more": ({ origin }) => said(origin, head("GET", "/")),
  "a WebSocket that is silent": async ({ origin }) => {
    const dial = await said(origin, upgradeHead(WEBSOCKET));
    await dial.until('"sid":"');
    return dial;
  },
  "a WebSocket frame that trickles": async ({ origin }) => {
    const dial = await said(origin, upgradeHead(WEBSOCKET));
    await dial.until('"sid":"');
    dial.write(Buffer.from([0x81, 0xfe, 0xff, 0x00, 0, 0, 0, 0]));
    return trickle(dial);
  },
  "a handshake, kept alive, without CONNECT": async ({ origin }) => {
    const dial = await said(origin, head("GET", POLLING));
    await dial.until('"sid":"');
    return dial;
  },
  "a poll that is held": async ({ origin }) => said(origin, head("GET", `${POLLING}&sid=${await openPolling(origin)}`)),
  "a POST that trickles": async ({ origin }) => trickle(await said(origin, head("POST", `${POLLING}&sid=${await openPolling(origin)}`, body))),
  "a POST that trickles through another gateway": async ({ origin, elsewhere }) =>
    trickle(await said(elsewhere, head("POST", `${POLLING}&sid=${await openPolling(origin)}`, body))),
  "a POST whose chunk trickles": async ({ origin }) => trickle(await said(origin, `${head("POST", `${POLLING}&sid=${await openPolling(origin)}`, chunked)}ffff\r\n`)),
  "a refused POST that trickles": async ({ origin }) => trickle(await said(origin, head("POST", POLLING, body))),
  "a refused POST whose chunk trickles": async ({ origin }) => trickle(await said(origin, `${head("POST", POLLING, chunked)}ffff\r\n`)),
  "a POST to nowhere that trickles": async ({ origin }) => trickle(await said(origin, head("POST", "/nowhere", body))),
  "a handshake whose body trickles": async ({ origin }) => trickle(await said(origin, head("GET", POLLING, body))),
  "a POST of an unknown sid that trickles": async ({ origin }) => trickle(await said(origin, head("POST", `${POLLING}&sid=unknown`, body))),
};
