import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readDevSettings } from "./dev-settings.ts";

function settingsOf(text: string, environment: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "dev-settings-"));
  const file = join(folder, ".env");
  writeFileSync(file, text);
  try {
    return readDevSettings(file, environment);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("without_settings_there_are_two_gateways_on_loopback", () => {
  const expected = { gateways: 2, host: "127.0.0.1", port: undefined, gatewayEnvironment: {} };
  assert.deepEqual(readDevSettings("/no/such/file", {}), expected);
  assert.deepEqual(settingsOf("# nothing\n\nGATEWAYS=\n"), expected);
});

test("the_environment_wins_over_the_file", () => {
  const text = 'GATEWAYS=3\nexport PORT="9000"\nREALTIME_LOG = debug\nREALTIME_BODY_MAX=10\nOTHER=x\n';
  assert.deepEqual(settingsOf(text, { GATEWAYS: "1", REALTIME_BODY_MAX: "20" }), {
    gateways: 1, host: "127.0.0.1", port: 9000, gatewayEnvironment: { REALTIME_LOG: "debug", REALTIME_BODY_MAX: "20" },
  });
});

test("faults_are_named", () => {
  assert.throws(() => settingsOf("GATEWAYS=0"), /^StackError: GATEWAYS=0: a whole number from 1 to 16 is needed$/);
  assert.throws(() => settingsOf("PORT=http"), /PORT=http: a whole number from 1 to 65535/);
  assert.throws(() => settingsOf("A=1\nnonsense"), /\.env, line 2/);
});
