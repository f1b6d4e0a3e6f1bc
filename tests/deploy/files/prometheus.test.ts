/** The alerts and the dashboard: they parse, fire as they should, lead to the runbook, and ask for metrics that there are. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parse, stringify } from "yaml";
import { repository } from "../../stack/repository.ts";
import { metricsOfRunbook } from "./runbook.ts";
import { check, deployFolder } from "./tool.ts";

type Rule = { alert: string; expr: string; for?: string; labels: Record<string, string>; annotations: Record<string, string> };
type Panel = { type: string; title: string; description?: string; targets?: { expr: string }[] };
type Dashboard = { panels: Panel[]; annotations: { list: { expr: string }[] }; templating: { list: { query: string }[] } };

const alertsFile = join(deployFolder, "prometheus/alerts.yaml");
const rules = (parse(readFileSync(alertsFile, "utf8")) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules);
const runbook = readFileSync(join(deployFolder, "RUNBOOK.md"), "utf8");
const dashboard = JSON.parse(readFileSync(join(deployFolder, "grafana/realtime-gateway.json"), "utf8")) as Dashboard;
const charts = dashboard.panels.filter(({ type }) => type !== "row");
const questions = [...charts.flatMap(({ targets }) => targets ?? []), ...dashboard.annotations.list].map(({ expr }) => expr);

function metricsIn(expression: string): string[] {
  return [...expression.matchAll(/\brealtime_[a-z_]+/g)].map(([name]) => name);
}

/** Of a histogram, Prometheus has three series. */
function exists(metric: string): boolean {
  const known = metricsOfRunbook();
  return known.has(metric) || known.has(metric.replace(/_(bucket|sum|count)$/, ""));
}

/** Of the names under which the gateway registers what it measures, as Prometheus sees them. */
function metricsOfSources(): string[] {
  const folder = join(repository, "gateway/src");
  const wrappers = ["telemetry/metrics.rs", "telemetry/exposition.rs"];
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".rs") && !wrappers.includes(file));
  const text = files.map((file) => readFileSync(join(folder, file), "utf8")).join("\n");
  const calls = [...text.matchAll(/\bmetrics\s*\.(counter|gauge|histogram)s?\(\s*"(\w+)"/g)];
  return calls.map(([, kind, name]) => `realtime_${name}${kind === "counter" ? "_total" : ""}`);
}

test("the_runbook_explains_every_metric_of_the_gateway_and_no_others", () => {
  const registered = metricsOfSources().sort();
  assert.ok(registered.length > 10);
  assert.deepEqual([...metricsOfRunbook()].sort(), registered);
});

test("every_alert_fires_when_it_should_and_bears_what_is_usual", () => {
  check("promtool", ["check", "rules", alertsFile]);
  check("promtool", ["test", "rules", "alerts.promtool.yaml"], { cwd: import.meta.dirname });
  const tried = readFileSync(join(import.meta.dirname, "alerts.promtool.yaml"), "utf8");
  for (const { alert } of rules) assert.match(tried, new RegExp(`\\b${alert}\\b`), `${alert} is tried`);
});

test("every_alert_leads_to_its_own_section_of_the_runbook_and_every_section_is_an_alerts", () => {
  const sections = [...runbook.matchAll(/^### (Realtime\w+)$/gm)].map(([, name]) => name);
  assert.deepEqual([...rules.map(({ alert }) => alert)].sort(), [...sections].sort());
  for (const { alert, labels, annotations } of rules) {
    assert.equal(annotations.runbook_url, `https://runbooks.example.com/realtime/RUNBOOK.md#${alert.toLowerCase()}`);
    assert.ok(annotations.summary, alert);
    assert.match(labels.severity ?? "", /^(page|ticket)$/, alert);
  }
});

test("every_expression_of_the_dashboard_parses", () => {
  const record = (expr: string, n: number) => ({ record: `chart:${n}`, expr: expr.replaceAll("$__rate_interval", "5m").replaceAll("$instance", ".*") });
  const folder = mkdtempSync(join(tmpdir(), "realtime-dashboard-"));
  try {
    writeFileSync(join(folder, "charts.yaml"), stringify({ groups: [{ name: "charts", rules: questions.map(record) }] }));
    assert.match(check("promtool", ["check", "rules", join(folder, "charts.yaml")]), new RegExp(`SUCCESS: ${questions.length} rules`));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  for (const { title, description, targets } of charts) {
    assert.ok(description, `${title} says what it shows`);
    assert.notEqual(targets?.length ?? 0, 0, title);
  }
});

test("alerts_and_charts_ask_for_metrics_that_there_are_and_every_metric_has_a_chart", () => {
  const asked = [...rules.map(({ expr }) => expr), ...questions, ...dashboard.templating.list.map(({ query }) => query)].flatMap(metricsIn);
  assert.deepEqual(asked.filter((metric) => !exists(metric)), []);
  const shown = new Set(questions.flatMap(metricsIn).map((metric) => metric.replace(/_(bucket|sum|count)$/, "")));
  assert.deepEqual([...metricsOfRunbook()].filter((metric) => !shown.has(metric)), [], "metrics without a chart");
});
