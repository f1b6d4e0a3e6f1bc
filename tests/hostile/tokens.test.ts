/** Attacks on JWTs in the session cookie, over both transports, against gateways that log all they can. */
import assert from "node:assert/strict";
import type { Login } from "../clients/login.ts";
import { RawLink } from "../clients/raw-link.ts";
import { storiesOn } from "../clients/story.ts";
import { sessionIdOf } from "./forged.ts";
import { panics } from "./gauges.ts";
import { leaks, Secrets } from "./secrets.ts";
import { forgedTokens, goodToken, PUBLIC_KEY } from "./tokens.ts";

const story = storiesOn({
  over: ["websocket", "polling"],
  alone: true,
  env: {
    REALTIME_SESSION_FORMAT: "jwt",
    REALTIME_SESSION_SECRET: "",
    REALTIME_PEER_SECRET: "a secret among gateways of more than thirty-two letters",
    REALTIME_JWT_ALGORITHM: "RS256",
    REALTIME_JWT_KEY: PUBLIC_KEY,
    REALTIME_LOG: "trace",
    REALTIME_RATE_EVENTS: "1000000/1000000",
  },
});

const UNAUTHORIZED = '44/tenant,{"message":"Unauthorized","data":{"code":"unauthorized"}}';

story("no_forged_jwt_joins_and_none_is_in_a_log", async (scene) => {
  const login = await scene.logIn(await scene.member(await scene.tenant()));
  const sid = sessionIdOf(login.cookie);
  const good = goodToken(sid);
  const secrets = new Secrets(good, sid, ...good.split("."));
  const connected = async (cookie: string, auth: object = {}) => {
    const link = await RawLink.open({ ...login, cookie } as Login, scene.transport, scene.stack.gateway(0).url);
    link.send(`40/tenant,${JSON.stringify({ portal: "dm", ...auth })}`);
    const answer = (await link.frame("4")) ?? `closed: ${link.closedBy}`;
    link.close();
    return answer;
  };
  assert.match(await connected(`sessionId=${good}`), /^40\/tenant,\{"sid":"/);
  assert.match(await connected("", { token: good }), /^40\/tenant,\{"sid":"/);
  const wrong: string[] = [];
  for (const [how, token] of Object.entries(forgedTokens(sid))) {
    secrets.add(token, ...token.split("."));
    for (const answer of [await connected(`sessionId=${token}`), await connected("", { token }), await connected(`sessionId=${token}`, { token: good })]) {
      if (answer !== UNAUTHORIZED) wrong.push(`${how}: ${answer}`);
    }
  }
  assert.deepEqual(wrong, []);
  // A cookie of the other format is no token.
  assert.equal(await connected(login.cookie), UNAUTHORIZED);
  await login.logOut();
  assert.equal(await connected(`sessionId=${good}`), UNAUTHORIZED, "replayed after the logout");
  assert.deepEqual(await leaks(scene.stack, secrets), []);
  assert.deepEqual(await panics(scene.stack), []);
});
