/** The unit, as systemd reads it. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { check, deployFolder } from "./tool.ts";
import { unit } from "./unit.ts";

/** `systemd-analyze security` rates from 0 (locked in) to 10, here in tenths: the usual daemon has 96. */
const EXPOSURE_MAX = "15";

const folder = mkdtempSync(join(tmpdir(), "realtime-unit-"));
after(() => rmSync(folder, { recursive: true, force: true }));
// systemd asks whether the program is there.
const file = join(folder, "realtime-gateway.service");
writeFileSync(file, unit.replace("/usr/local/bin/realtime-gateway", process.execPath));

test("systemd_understands_every_line_of_the_unit", () => {
  assert.equal(check("systemd-analyze", ["verify", "--man=no", file]), "");
});

test("the_unit_is_locked_in", () => {
  check("systemd-analyze", ["security", "--offline=yes", `--threshold=${EXPOSURE_MAX}`, file]);
});

test("it_is_given_the_time_for_its_drain_and_the_descriptors_for_its_connections", () => {
  const value = (name: string) => Number.parseInt(new RegExp(`^${name}=(\\d+)`, "m").exec(unit)?.[1] ?? "", 10);
  const example = readFileSync(join(deployFolder, "gateway.env.example"), "utf8");
  const setting = (name: string) => Number(new RegExp(`^${name}=(\\d+)$`, "m").exec(example)?.[1]);
  assert.ok(value("TimeoutStopSec") >= setting("REALTIME_DRAIN_SECS") + 5);
  assert.ok(value("LimitNOFILE") >= setting("REALTIME_MAX_CONNECTIONS") + 512);
});
