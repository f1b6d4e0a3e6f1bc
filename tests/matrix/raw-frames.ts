/** Frames that no client library sends, with what comes of each. */

/** An answer that begins so, after which the link goes on; silence, after which it goes on; or its end. */
export type Outcome = { starts: string; holds?: string[]; lacks?: string[] } | "is passed over" | "closes";

export type RawCase = {
  what: string;
  frames: (string | Buffer)[];
  outcome: Outcome;
  /** Whether `/tenant` is joined before. */
  joins?: boolean;
};

export type Facts = { me: string; peer: string; tenant: string };

let lastId = 500_000;

/** An event in `/tenant`, as text, and what its ack must hold. */
function event(what: string, array: string, holds: string[], lacks: string[] = []): RawCase {
  const id = (lastId += 1);
  return { what, frames: [`42/tenant,${id}${array}`], outcome: { starts: `43/tenant,${id}[`, holds, lacks } };
}

const refused = (code: string, ...words: string[]) => ['"ok":false', `"code":"${code}"`, ...words];
const OK = ['"ok":true'];

const unknown = (name: unknown) => event(`the event ${JSON.stringify(name).slice(0, 40)}`, JSON.stringify([name, {}]), refused("unknown_event"));
const ends = (what: string, ...frames: (string | Buffer)[]): RawCase => ({ what, frames, outcome: "closes" });
const ignored = (what: string, ...frames: (string | Buffer)[]): RawCase => ({ what, frames, outcome: "is passed over" });

const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;

function events({ me, peer, tenant }: Facts): RawCase[] {
  const history = (text: string) => `["message:history",{"with":${text}}]`;
  const id = (what: string, userId: string, code = "recipient_not_found", ...words: string[]) =>
    event(`${what} for a user`, history(JSON.stringify(userId)), refused(code, ...words));
  const seq = (text: string) =>
    event(`upToSeq ${text}`, `["message:read",{"with":"${peer}","upToSeq":${text}}]`, refused("invalid_payload", "upToSeq"));
  const wrong = (payload: string) => event(`the payload ${payload}`, `["message:send",${payload}]`, refused("invalid_payload", "payload"));
  const since = (text: string) => event(`since ${text}`, `["sync",{"since":{"t:a:b":${text}}}]`, refused("invalid_payload", "since"));
  const cursor = (time: string, holds: string[]) =>
    event(`a cursor from the time ${time}`, `["conversation:list",{"cursor":"${time}:t:a:b"}]`, holds);
  const others = (time: string, holds: string[]) => event(`others after ${time}`, `["sync",{"since":{},"others":"${time}"}]`, holds);
  return [
    ...["no:such", "message:new", "session:ready", "Message:send", " sync", "", 5, 1.5, "x".repeat(10_000)].map(unknown),
    ...["__proto__", "constructor", "toString", "error", "message", "ping", "connection"].map(unknown),
    ...["[1]", '"text"', "7", "true", "[[]]"].map(wrong),
    event("the payload null", '["presence:list",null]', OK),
    event("no payload", '["presence:list"]', OK),
    event("arguments too many", '["presence:list",{"limit":1},"more",{"limit":0},[[]]]', OK),
    event("white space all over", ' [ "presence:list" ,\n { "limit" : 1 } ] ', OK),
    event("one key twice", `["message:send",{"to":"${peer}","to":"u_2","body":"x","clientMessageId":"c"}]`, refused("invalid_payload", "to")),
    event("keys of prototypes", '["presence:list",{"__proto__":{"limit":0},"constructor":{"prototype":{}},"toString":1}]', OK),
    event("a conversation called __proto__", '["sync",{"since":{"__proto__":0,"constructor":1},"others":"none"}]', ['"messages":[]', '"reads":{}']),
    event("100 levels of nesting in a field that nobody reads", `["presence:list",{"x":${nested(100)}}]`, OK),
    ...[`tenant:${tenant}`, `user:${me}`, `t:${me}:${peer}`].map((room) => id(room, room, "invalid_payload", "with")),
    ...["manage", "%75_1", "u_1%00", "..", "*", "{}", "'", '"', "\\", "-1", "@manage"].map((odd) => id(odd, odd)),
    id("a NUL", "u\u0000", "invalid_payload", "with"),
    event("an id of 10 kB", history(JSON.stringify("x".repeat(10_000))), refused("invalid_payload", "with"), ["xxxx"]),
    event("a number of 10 kB for an id", history("9".repeat(10_000)), refused("invalid_payload", "with")),
    ...["-1", "1.5", "1e3", "1e400", "-1e400", "9223372036854775808", "18446744073709551616", "9".repeat(30)].map(seq),
    ...['"1"', "null", "[]", "{}", "true"].map(seq),
    event("the greatest number", `["message:read",{"with":"${peer}","upToSeq":9223372036854775807}]`, ['"upToSeq":0']),
    event("the greatest bound", `["message:history",{"with":"${peer}","afterSeq":9223372036854775807}]`, OK),
    event("a limit beyond 32 bits", '["presence:list",{"limit":4294967297}]', refused("invalid_payload", "limit")),
    ...["-9223372036854775808", "-1", "0.5"].map(since),
    ...["-9223372036854775808", "9223372036854775807", "-8300000000000000", "-1", "253402300800000", "", "x"].map((time) =>
      cursor(time, refused("invalid_payload", "cursor"))),
    ...["0", "253402300799999"].map((time) => cursor(time, OK)),
    ...["0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z", "2026-11-24T02:44:45+23:59"].map((time) => others(time, OK)),
    ...["+262142-12-31T23:59:59Z", "-262143-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "now", ""].map((time) =>
      others(time, refused("invalid_payload", "others"))),
  ];
}

function binary({ peer }: Facts): RawCase[] {
  const placeholder = '{"_placeholder":true,"num":0}';
  const bytes = Buffer.from([0, 255, 7]);
  const send = (body: string, id: number) => `/tenant,${id}["message:send",{"to":"${peer}","body":${body},"clientMessageId":"b"}]`;
  const withBytes = (what: string, id: number, packet: (id: number) => string, field = ""): RawCase => ({
    what,
    frames: [`451-${packet(id)}`, bytes],
    outcome: { starts: `43/tenant,${id}[`, holds: refused("invalid_payload", field) },
  });
  return [
    withBytes("bytes for a text", 71, (id) => send(placeholder, id), "body"),
    withBytes("bytes for a payload", 72, (id) => `/tenant,${id}["message:send",${placeholder}]`),
    event("a placeholder without bytes", `["message:send",{"to":"u_1","body":${placeholder}}]`, refused("invalid_payload", "body")),
    ignored("bytes in an ack that nobody waits for", `461-/tenant,9[${placeholder}]`, bytes),
    ends("bytes out of the blue", bytes),
    ends("text where bytes are due", `451-${send(placeholder, 74)}`, '42/tenant,75["presence:list",{}]'),
    ends("a placeholder beyond what was announced", `451-${send('{"_placeholder":true,"num":1}', 76)}`, bytes),
    ends("a placeholder with a negative number", `451-${send('{"_placeholder":true,"num":-1}', 77)}`, bytes),
    ends("eleven attachments", `4511-${send(placeholder, 78)}`),
    ends("no attachments", `450-${send(placeholder, 79)}`),
    ends("more attachments than there are numbers", `4599999999999999999999-${send(placeholder, 80)}`),
  ];
}

function packets({ peer }: Facts): RawCase[] {
  const list = '["presence:list",{"limit":1}]';
  const ack = (id: string, answered = id): RawCase => ({
    what: `the ack id ${id}`,
    frames: [`42/tenant,${id}${list}`],
    outcome: { starts: `43/tenant,${answered}[`, holds: OK },
  });
  const reserved = (name: string) => ends(`the reserved event ${name}`, `42/tenant,1["${name}",{}]`);
  const broken = (array: string) => ends(`the array ${array}`, `42/tenant,1${array}`);
  return [
    ack("0"), ack("007", "7"), ack("9007199254740993"), ack("18446744073709551615"),
    ends("an ack id beyond 64 bits", `42/tenant,18446744073709551616${list}`),
    ends("a negative ack id", `42/tenant,-1${list}`),
    ...["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"].map(reserved),
    ...["[]", "{}", "[null]", "[{}]", "[[]]", "[true]", '"sync"', ""].map(broken),
    ...['["sync"', '["sync",{}] x', '["sync",{"since":{}}', "['sync']", '["sync",NaN]', '["\u0000"]'].map(broken),
    ends("nesting without end", `42/tenant,1["presence:list",{"x":${nested(20_000)}}]`),
    ignored("an ack that nobody waits for", "43/tenant,99[1]"),
    ignored("an ack without an id", "43/tenant,[1]"),
    ignored("an event without an ack, and wrong", '42/tenant,["message:send",{"to":5}]', '42/tenant,["no:such"]'),
    ends("an ack that is no array", "43/tenant,99{}"),
    ends("a second CONNECT", '40/tenant,{"portal":"dm"}'),
    ends("an event of a namespace that is not joined", `42/manage,1${list}`),
    ends("an event without a namespace", `421${list}`),
    ends("an event of a namespace that nobody serves", `42/other,1${list}`),
    ends("an event after DISCONNECT", "41/tenant,", `42/tenant,1["message:send",{"to":"${peer}","body":"late","clientMessageId":"late"}]`),
    ends("a DISCONNECT that says something", "41/tenant,{}"),
    ends("a CONNECT_ERROR", '44/tenant,{"message":"no"}'),
    ends("an unknown packet", `47/tenant,1${list}`),
    ends("nothing", "4"),
    ends("an unknown Engine.IO packet", "9"),
    ends("a ping, which is the server's to send", "2"),
    ...["0", "5", "6", "3"].map((packet) => ignored(`the Engine.IO packet ${packet}`, packet)),
    ends("more than a packet may hold", `42/tenant,1["presence:list",{"x":"${"x".repeat(70_000)}"}]`),
  ];
}

function beforeJoining({ peer }: Facts): RawCase[] {
  const cases: RawCase[] = [
    ends("an event before CONNECT", `42/tenant,1["message:send",{"to":"${peer}","body":"early","clientMessageId":"early"}]`),
    ends("DISCONNECT before CONNECT", "41/tenant,"),
    ends("an ack before CONNECT", "43/tenant,1[]"),
    ...['["dashboard"]', '"dashboard"', "null", "true", "{", '{"portal":"dashboard"} x'].map((auth) =>
      ends(`CONNECT with ${auth}`, `40/tenant,${auth}`)),
    ...['{"portal":5}', '{"portal":["dm"]}', '{"token":{}}', '{"portal":"dm","portal":"dm"}'].map((auth): RawCase => ({
      what: `CONNECT with ${auth}`,
      frames: [`40/tenant,${auth}`],
      outcome: { starts: "44/tenant,", holds: ['"code":"invalid_payload"'] },
    })),
  ];
  return cases.map((raw) => ({ ...raw, joins: false }));
}

export function rawFrames(facts: Facts): RawCase[] {
  return [events, binary, packets, beforeJoining].flatMap((cases) => cases(facts));
}
