/** The whole system in compose: fits the specification, and the settings that its gateways know. No engine is asked. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { compose, composeFolder, redisOf } from "./compose.ts";
import { check, deployFolder } from "./tool.ts";

const { services } = compose();
const gateways = Object.keys(services).filter((name) => name.startsWith("gateway-"));

test("it_fits_the_specification", () => {
  check("python", ["-c", "import sys; from compose_spec import PyCompose; PyCompose.from_yaml(sys.stdin.read())"], { input: JSON.stringify(compose()) });
  for (const [name, { image }] of Object.entries(services)) {
    assert.ok(image === undefined || image === "realtime-gateway" || /:\d/.test(image), `${name}: ${image} has a version`);
  }
});

test("two_gateways_stand_behind_nginx_and_nothing_else_is_published", () => {
  assert.equal(gateways.length, 2);
  const upstreams = services.nginx?.environment?.REALTIME_GATEWAYS ?? "";
  for (const name of gateways) assert.match(upstreams, new RegExp(`server ${name}:8080 max_fails=0;`));
  for (const name of gateways) assert.equal(services[name]?.environment?.REALTIME_ADVERTISE_URL, `http://${name}:8080`);
  assert.deepEqual(Object.keys(services).filter((name) => services[name]?.ports), ["nginx"]);
});

test("gateways_start_after_the_tables_and_as_roles_of_their_own", () => {
  for (const name of gateways) {
    const { depends_on, environment, read_only, stop_grace_period } = services[name]!;
    assert.deepEqual(depends_on, {
      redis: { condition: "service_healthy" },
      migrate: { condition: "service_completed_successfully" },
      grants: { condition: "service_completed_successfully" },
    });
    assert.match(environment?.DATABASE_URL ?? "", /\/\/gateway:/);
    assert.match(environment?.REDIS_URL ?? "", /\/\/gateway:/);
    assert.equal(read_only, true);
    assert.ok(Number.parseInt(stop_grace_period ?? "", 10) >= 25, "drain + 5 s");
  }
  assert.match(services.migrate?.environment?.DATABASE_URL ?? "", /\/\/realtime_owner:/);
});

test("files_that_are_mounted_are_there_and_settings_are_known", () => {
  const files = Object.values(services).flatMap(({ volumes }) => volumes ?? []).map((volume) => volume.split(":")[0]!).filter((source) => source.startsWith("."));
  assert.ok(files.length >= 4);
  for (const file of files) assert.ok(existsSync(join(composeFolder, file)), file);
  const known = readFileSync(join(deployFolder, "gateway.env.example"), "utf8");
  for (const name of [...gateways, "migrate"]) {
    for (const setting of Object.keys(services[name]?.environment ?? {})) assert.match(known, new RegExp(`^#?${setting}=`, "m"), setting);
  }
});

test("redis_starts_with_the_delivered_user_and_its_password", () => {
  const place = mkdtempSync(join(tmpdir(), "realtime-compose-"));
  try {
    const { command, aclfile } = redisOf(services.redis!, place);
    assert.match(command, /notify-keyspace-events Kg\$x/);
    const [everybodyElse, gateway] = readFileSync(aclfile, "utf8").split("\n");
    assert.match(everybodyElse ?? "", /^user default on/);
    assert.ok(gateway?.startsWith(`user gateway on #${createHash("sha256").update("trial").digest("hex")} `), gateway);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
});
