/** The advisories of other servers, each as what a hostile client does, over and over. A strike answers what came of it. */
import { setTimeout as pause } from "node:timers/promises";
import { Dial } from "./dial.ts";
import { BINARY, CONTINUATION, PING, POLLING, PONG, TEXT, WEBSOCKET, answerIn, asked, frame, head, joinedWebSocket, openPolling, openWebSocket, upgradeHead } from "./said.ts";

/** Where to strike, and with which login. */
export type Target = { origin: string; cookie: string };

export type Attack = {
  strike: (target: Target) => Promise<string>;
  /** What has to come of every strike. */
  outcome: string;
  /** How many are under way together. */
  atOnce: number;
};

const CLOSED = "closed";

async function closed(dial: Dial): Promise<string> {
  await dial.end();
  return CLOSED;
}

/** Frames after the handshake of a stranger, up to the link's end. */
function stranger(...frames: Buffer[]): Attack["strike"] {
  return async ({ origin }) => {
    const dial = await openWebSocket(origin);
    await dial.writeAll(Buffer.concat(frames));
    return closed(dial);
  };
}

/** Frames of somebody who has joined, up to the link's end. */
function member(...frames: Buffer[]): Attack["strike"] {
  return async ({ origin, cookie }) => {
    const dial = await joinedWebSocket(origin, cookie);
    await dial.writeAll(Buffer.concat(frames));
    return closed(dial);
  };
}

/** One request, written out. */
function request(written: string): Attack["strike"] {
  return ({ origin }) => asked(origin, written);
}

/** One POST to a polling connection of one's own. */
function post(body: Buffer, ...lines: string[]): Attack["strike"] {
  return async ({ origin }) => {
    const sid = await openPolling(origin);
    const start = head("POST", `${POLLING}&sid=${sid}`, ...lines, `content-length: ${body.length}`);
    return asked(origin, Buffer.concat([Buffer.from(start), body]));
  };
}

const many = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);
const binary = (bytes: Buffer) => frame(bytes, { opcode: BINARY });
const reserved = ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

export const ATTACKS: Record<string, Attack> = {
  "CVE-2026-33151: ten attachments are announced, nine come": {
    strike: member(frame('4510-/tenant,["x"]'), ...many(9, binary(Buffer.alloc(60_000)))),
    outcome: CLOSED,
    atOnce: 20,
  },
  "CVE-2026-33151: millions of attachments are announced": {
    strike: member(frame('45999999999-/tenant,["x"]')),
    outcome: CLOSED,
    atOnce: 20,
  },
  "CVE-2026-48779: empty continuation frames without end": {
    strike: stranger(frame("4", { isLast: false }), ...many(20_000, frame("", { opcode: CONTINUATION, isLast: false }))),
    outcome: CLOSED,
    atOnce: 20,
  },
  "CVE-2026-48779: continuation frames of one byte": {
    strike: stranger(frame("4", { isLast: false }), ...many(20_000, frame("x", { opcode: CONTINUATION, isLast: false }))),
    outcome: CLOSED,
    atOnce: 20,
  },
  "CVE-2026-48802: pongs that nobody asked for, before authentication": {
    strike: async ({ origin }) => {
      const dial = await openWebSocket(origin);
      await dial.writeAll(Buffer.concat([...many(2_000, frame("3")), ...many(2_000, frame("", { opcode: PONG }))]));
      await dial.end();
      // The beat is a second: the time to join has room for one ping, or for two when both come late.
      const pings = dial.received.split("\x81\x012").length - 1;
      return pings <= 2 ? CLOSED : `${pings} pings`;
    },
    outcome: CLOSED,
    atOnce: 10,
  },
  "WebSocket pings without end, whose pongs nobody reads": {
    strike: stranger(...many(5_000, frame("x".repeat(100), { opcode: PING }))),
    outcome: CLOSED,
    atOnce: 5,
  },
  "CVE-2024-38355: events with reserved names": {
    strike: async ({ origin, cookie }) => {
      const name = reserved[Math.floor(Math.random() * reserved.length)];
      return member(frame(`42/tenant,1["${name}",{}]`))({ origin, cookie });
    },
    outcome: CLOSED,
    atOnce: 10,
  },
  "CVE-2023-32695: an event whose name is an object": {
    strike: member(frame('42/tenant,1[{"toString":"x"},{}]')),
    outcome: CLOSED,
    atOnce: 10,
  },
  "CVE-2022-2421: a placeholder whose number is a property": {
    strike: member(frame('451-/tenant,1["x",{"_placeholder":true,"num":"splice"}]'), binary(Buffer.from([1]))),
    outcome: CLOSED,
    atOnce: 10,
  },
  "CVE-2023-31125: an unknown transport on a WebSocket's handshake": {
    strike: request(upgradeHead("/realtime/?EIO=4&transport=pigeon")),
    outcome: "400",
    atOnce: 10,
  },
  "CVE-2022-41940: bad upgrade headers, then a reset": {
    strike: async ({ origin }) => {
      const dial = await Dial.to(origin);
      dial.write(head("GET", WEBSOCKET, "connection: Upgrade", "upgrade: websocket", "sec-websocket-key: ?", "sec-websocket-version: 99"));
      dial.reset();
      return closed(dial);
    },
    outcome: CLOSED,
    atOnce: 10,
  },
  "CVE-2022-21676: garbage right behind the handshake": {
    strike: async ({ origin }) => {
      const dial = await Dial.to(origin);
      dial.write(Buffer.concat([Buffer.from(upgradeHead(WEBSOCKET)), Buffer.alloc(20_000, 0xff)]));
      return closed(dial);
    },
    outcome: CLOSED,
    atOnce: 10,
  },
  "CVE-2020-36048: one giant POST": {
    strike: post(Buffer.alloc(4_000_000, "4")),
    outcome: "413",
    atOnce: 5,
  },
  "CVE-2020-36049: a POST of a great many packets": {
    strike: post(Buffer.from(many(30_000, "3").join("\x1e"))),
    outcome: "400",
    atOnce: 5,
  },
  "CVE-2024-37890: two thousand headers": {
    strike: request(head("GET", POLLING, ...many(2_000, "x-a: b"))),
    outcome: "431",
    atOnce: 10,
  },
  "CVE-2021-32640: a hostile Sec-WebSocket-Protocol": {
    strike: async ({ origin }) => {
      const dial = await Dial.to(origin);
      dial.write(upgradeHead(WEBSOCKET, `sec-websocket-protocol: a${" ".repeat(50_000)}b`));
      await dial.until('"sid":"');
      const answer = answerIn(dial.received);
      dial.close();
      return answer;
    },
    outcome: "101",
    atOnce: 10,
  },
  "Granian: bytes that are no text in every header": {
    strike: request(head("GET", POLLING, "cookie: sessionId=\xff\xfe\x80", "user-agent: \xff", "x-forwarded-for: \xff", "content-type: \xff", "sec-websocket-protocol: \xff")),
    outcome: "200",
    atOnce: 10,
  },
  "Granian: an Origin that is no text": {
    strike: request(head("GET", POLLING, "origin: http://\xff")),
    outcome: "400 code 3",
    atOnce: 10,
  },
  "CVE-2020-28481: a page of somebody else, by polling": {
    strike: async ({ origin, cookie }) => {
      const dial = await Dial.to(origin);
      dial.write(head("GET", POLLING, "origin: https://evil.example", `cookie: ${cookie}`));
      await dial.until("}");
      dial.close();
      return /access-control/i.test(dial.received) ? "is told that it may" : answerIn(dial.received);
    },
    outcome: "403 code 4",
    atOnce: 10,
  },
  "GHSA-f53g-frr2-jhpf: a page of somebody else, by WebSocket": {
    strike: ({ origin, cookie }) => asked(origin, upgradeHead(WEBSOCKET, "origin: https://evil.example", `cookie: ${cookie}`)),
    outcome: "403",
    atOnce: 10,
  },
  "RUSTSEC-2022-0035: frames that declare what never comes": {
    strike: stranger(frame("x", { declared: 1n << 62n })),
    outcome: CLOSED,
    atOnce: 50,
  },
  "RUSTSEC-2022-0035: frames of the greatest size that never come": {
    strike: stranger(frame("x", { declared: 65_000n })),
    outcome: CLOSED,
    atOnce: 200,
  },
  "RUSTSEC-2023-0065: a head that comes byte by byte": {
    strike: async ({ origin }) => {
      const dial = await Dial.to(origin);
      dial.write(`GET ${POLLING} HTTP/1.1\r\nx: `);
      while (!dial.isClosed) {
        for (let n = 0; n < 20 && !dial.isClosed; n += 1) dial.write("y");
        await pause(1);
      }
      return /^(HTTP\/1\.1 408|$)/.test(dial.received) ? CLOSED : answerIn(dial.received);
    },
    outcome: CLOSED,
    atOnce: 5,
  },
  "RUSTSEC-2024-0365: a body longer than any message": {
    strike: async ({ origin, cookie }) => {
      const dial = await joinedWebSocket(origin, cookie);
      dial.write(frame(`42/tenant,1["message:send",{"to":"u","body":"${"x".repeat(60_000)}","clientMessageId":"c"}]`, { opcode: TEXT }));
      await dial.until("43/tenant,1");
      dial.close();
      return /"code":"(\w+)"/.exec(dial.received.slice(dial.received.indexOf("43/tenant,1")))?.[1] ?? "no code";
    },
    outcome: "body_too_long",
    atOnce: 5,
  },
};
