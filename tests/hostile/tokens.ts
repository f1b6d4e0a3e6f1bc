/** JWTs that nobody should believe. The gateway knows the public key of an RSA pair; everybody may. */
import { createHmac, createSign, generateKeyPairSync, type KeyObject } from "node:crypto";

const rsa = () => generateKeyPairSync("rsa", { modulusLength: 2048 });
const api = rsa();
const attacker = rsa();

export const PUBLIC_KEY = api.publicKey.export({ type: "spki", format: "pem" }).toString();

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const nowSecs = () => Math.floor(Date.now() / 1_000);

function rs256(header: object, claims: object, key: KeyObject = api.privateKey): string {
  const text = `${part({ alg: "RS256", typ: "JWT", ...header })}.${part(claims)}`;
  return `${text}.${createSign("RSA-SHA256").update(text).sign(key).toString("base64url")}`;
}

function hs256(header: object, claims: object, secret: string): string {
  const text = `${part({ alg: "HS256", typ: "JWT", ...header })}.${part(claims)}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

export function goodToken(sid: string): string {
  return rs256({}, { sid, exp: nowSecs() + 600 });
}

/** By what was done. Each names a session that exists. */
export function forgedTokens(sid: string): Record<string, string> {
  const claims = { sid, exp: nowSecs() + 600 };
  const good = goodToken(sid);
  const [header, payload, signature] = good.split(".") as [string, string, string];
  const der = api.publicKey.export({ type: "spki", format: "der" }).toString("latin1");
  const attackersKey = attacker.publicKey.export({ format: "jwk" });
  const none = ["none", "None", "NONE", "nOnE", "", null, 0, ["RS256"]].flatMap((alg) => [
    [`alg ${JSON.stringify(alg)} without a signature`, `${part({ alg, typ: "JWT" })}.${payload}.`],
    [`alg ${JSON.stringify(alg)} with a signature`, `${part({ alg, typ: "JWT" })}.${payload}.${signature}`],
  ]);
  const confused = Object.entries({ pem: PUBLIC_KEY, "pem without its last line break": PUBLIC_KEY.trim(), der, "nothing": "" }).map(([what, secret]) => [
    `HS256 with the public key as a secret: ${what}`,
    hs256({}, claims, secret),
  ]);
  const kids = ["../../../../dev/null", "/dev/null", "' UNION SELECT 'x", "http://evil.example/key.pem", "$(id)", "\u0000", "x".repeat(3_000)].flatMap((kid) => [
    [`kid ${kid.slice(0, 30)} and an empty secret`, hs256({ kid }, claims, "")],
    [`kid ${kid.slice(0, 30)} and a key of the attacker`, rs256({ kid }, claims, attacker.privateKey)],
  ]);
  return {
    ...Object.fromEntries([...none, ...confused, ...kids]),
    "with a key of its own in jwk": rs256({ jwk: attackersKey }, claims, attacker.privateKey),
    "with a key of its own behind jku": rs256({ jku: "http://127.0.0.1:1/jwks.json" }, claims, attacker.privateKey),
    "with a key of its own behind x5u": rs256({ x5u: "http://127.0.0.1:1/x" }, claims, attacker.privateKey),
    "with a key of its own in x5c": rs256({ x5c: [attacker.publicKey.export({ type: "spki", format: "der" }).toString("base64")] }, claims, attacker.privateKey),
    "signed by another key": rs256({}, claims, attacker.privateKey),
    "another algorithm of the same key": `${part({ alg: "RS512", typ: "JWT" })}.${payload}.${signature}`,
    "another algorithm of the same family": `${part({ alg: "PS256", typ: "JWT" })}.${payload}.${signature}`,
    "cut": good.slice(0, -1),
    "without a signature": `${header}.${payload}`,
    "with a signature of zeros": `${header}.${payload}.${Buffer.alloc(256).toString("base64url")}`,
    "with another payload": `${header}.${part({ ...claims, exp: claims.exp + 1 })}.${signature}`,
    // Four parts are a good one with a signature of @fastify/cookie round it.
    "with two parts too many": `${good}.x.y`,
    "with five parts, as if encrypted": `${part({ alg: "dir", enc: "A128GCM" })}..AAAA.AAAA.AAAA`,
    "with its payload padded": `${header}.${payload}=.${signature}`,
    "past its end": rs256({}, { sid, exp: nowSecs() - 60 }),
    "without an end": rs256({}, { sid }),
    "with an end that is text": rs256({}, { sid, exp: "9999999999" }),
    "before its time": rs256({}, { sid, exp: nowSecs() + 600, nbf: nowSecs() + 300 }),
    "whose session is a list": rs256({}, { sid: [sid], exp: nowSecs() + 600 }),
    "whose session is an object": rs256({}, { sid: { toString: sid }, exp: nowSecs() + 600 }),
    "whose session is empty": rs256({}, { sid: "", exp: nowSecs() + 600 }),
    "of a session that is none": rs256({}, { sid: "nobody", exp: nowSecs() + 600 }),
  };
}
