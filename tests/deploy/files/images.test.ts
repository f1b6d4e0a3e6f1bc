/** The Dockerfiles and what a build is given. (`make test-image` carries the build's steps out.) */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { validate } from "dockerfile-utils";
import { repository } from "../../stack/repository.ts";
import { isInContext, only, stagesOf } from "../dockerfile.ts";

const FILES = ["deploy/Dockerfile", "deploy/compose/existing-api.Dockerfile"];
const [build = [], image = []] = stagesOf("deploy/Dockerfile");

test("the_dockerfiles_have_no_faults", () => {
  for (const file of FILES) {
    assert.deepEqual(validate(readFileSync(join(repository, file), "utf8")), [], file);
    for (const stage of stagesOf(file)) assert.match(stage[0]!.text, /^[\w/.-]+:[\w.-]+( AS \w+)?$/, "every base has a version");
  }
});

test("what_a_build_copies_is_there_and_let_in_and_nothing_else_is", () => {
  for (const file of FILES) {
    const copied = stagesOf(file).flat().filter(({ keyword, flags }) => keyword === "COPY" && flags.from === undefined);
    for (const path of copied.flatMap(({ words }) => words.slice(0, -1))) {
      assert.ok(existsSync(join(repository, path)), `${file}: ${path}`);
      assert.ok(isInContext(path), `${path} is let in`);
    }
  }
  for (const path of [".env", ".git/config", "target/release/realtime-gateway", "deploy/compose/logins.sql", "tests/existing-api/node_modules/pg/package.json"]) {
    assert.ok(!isInContext(path), `${path} stays out`);
  }
});

test("the_layer_of_dependencies_knows_every_package_of_the_workspace", () => {
  const members = /^members = \[(.*?)\]/ms.exec(readFileSync(join(repository, "Cargo.toml"), "utf8"))?.[1] ?? "";
  const manifests = [...members.matchAll(/"([^"]+)"/g)].map(([, member]) => `${member}/Cargo.toml`);
  assert.ok(manifests.length >= 3);
  const copied = build.filter(({ keyword }) => keyword === "COPY").flatMap(({ words }) => words.slice(0, -1));
  for (const manifest of manifests) assert.ok(copied.includes(manifest), manifest);
});

test("the_image_is_slim_and_nobodys_root", () => {
  assert.match(image[0]!.text, /slim|distroless/);
  assert.match(only(image, "USER").text, /^[1-9]\d*:[1-9]\d*$/, "a number, which Kubernetes can judge");
  assert.deepEqual(image.filter(({ keyword, flags }) => keyword === "RUN" || (keyword === "COPY" && flags.from === undefined)), [], "nothing but what was built");
  assert.equal(only(image, "ENTRYPOINT").text, '["realtime-gateway"]');
});

/** Runs the image's own health check, asking a port of ours. */
async function healthOf(port: number): Promise<boolean> {
  const [, command] = /^CMD (\[.*\])$/.exec(only(image, "HEALTHCHECK").text) ?? [];
  const [program, ...args] = JSON.parse(command ?? "[]") as string[];
  assert.ok(args.some((arg) => arg.includes("/9090")), "the operators' port by default");
  return new Promise((resolve) => {
    execFile(program!, args.map((arg) => arg.replace("/9090", `/${port}`)), (error) => resolve(error === null));
  });
}

test("the_health_check_tells_an_instance_that_lives_from_one_that_does_not", async (context) => {
  let status = 200;
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(status).end("ok");
  }).listen(0, "127.0.0.1");
  context.after(() => server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  assert.equal(await healthOf(port), true);
  status = 503;
  assert.equal(await healthOf(port), false);
  assert.deepEqual(asked, ["/livez", "/livez"]);
  server.close();
  await once(server, "close");
  assert.equal(await healthOf(port), false, "nobody listens");
});
