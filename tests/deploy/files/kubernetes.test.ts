/** The manifests of deploy/kubernetes: they build, fit Kubernetes' schemas, and fit each other and the gateway's own times. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, test } from "node:test";
import { HTTPRoute } from "@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1";
import { PodMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import { built, manifests, manifestsIn, only, settings, type Manifest } from "./manifests.ts";
import { faultsOf, type Schema } from "./schema.ts";
import { check, deployFolder } from "./tool.ts";

/** The oldest version that knows `preStop.sleep`, and the newest whose schemas are at hand. */
const VERSIONS = ["1.30", "1.37"];
/** Kinds that are not Kubernetes' own, with their schemas. */
const FOREIGN: Record<string, Schema> = { HTTPRoute, PodMonitor };
/** What follows REALTIME_DRAIN_SECS before the process is gone, at most. */
const WIND_UP_SECS = 5;

const folder = mkdtempSync(join(tmpdir(), "realtime-manifests-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const deployment = only("Deployment", "realtime-gateway");
const pod = deployment.spec.template.spec;
const gateway = pod.containers[0];

function matches(labels: Record<string, string>, selector: Record<string, string>): boolean {
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}

test("base_and_overlay_build_without_a_warning_and_fit_the_schemas", () => {
  for (const [name, text] of built) {
    assert.doesNotMatch(text, /^# Warning/m, `${name} uses what kustomize gives up`);
    const file = join(folder, `${name.replace("/", "-")}.yaml`);
    writeFileSync(file, text);
    for (const version of VERSIONS) {
      const said = check("kubernetes-validate", ["--strict", "-k", version, file]).split("\n").filter((line) => line.startsWith("WARN"));
      const unknown = said.map((line) => /kind (\w+)/.exec(line)?.[1]);
      assert.deepEqual(unknown.filter((kind) => !((kind ?? "") in FOREIGN)), [], said.join("\n"));
    }
  }
});

test("what_operators_read_fits_their_schemas_and_says_nothing_that_they_do_not_know", () => {
  const foreign = manifests.filter(({ kind }) => kind in FOREIGN);
  assert.equal(foreign.length, 2);
  for (const manifest of foreign) {
    const schema = FOREIGN[manifest.kind]!;
    assert.deepEqual(faultsOf(manifest, schema), [], manifest.kind);
    const mistaken = { ...manifest, spec: { ...manifest.spec, hostname: "misspelt" } };
    assert.deepEqual(faultsOf(mistaken, schema), ["spec/hostname is unknown"]);
  }
});

test("a_pod_has_the_time_for_its_whole_drain", () => {
  const needed = gateway.lifecycle.preStop.sleep.seconds + Number(settings.REALTIME_DRAIN_SECS) + WIND_UP_SECS;
  assert.ok(pod.terminationGracePeriodSeconds > needed, `${pod.terminationGracePeriodSeconds} s for ${needed} s`);
});

test("only_liveness_and_not_readiness_restarts_a_pod", () => {
  for (const probe of ["startupProbe", "livenessProbe"]) assert.equal(gateway[probe].httpGet.path, "/livez");
  assert.equal(gateway.readinessProbe.httpGet.path, "/readyz");
  const ops = gateway.ports.find(({ name }: Manifest) => name === "ops");
  assert.equal(settings.REALTIME_OPS_BIND, `0.0.0.0:${ops.containerPort}`, "probes come from outside the pod");
  for (const probe of ["startupProbe", "livenessProbe", "readinessProbe"]) assert.equal(gateway[probe].httpGet.port, "ops");
});

test("every_pod_runs_with_as_little_as_it_needs", () => {
  const pods = [deployment, only("Job", "realtime-gateway-migrate")].map(({ spec }) => spec.template.spec);
  for (const spec of pods) {
    assert.equal(spec.enableServiceLinks, false);
    assert.equal(spec.automountServiceAccountToken, false);
    assert.equal(spec.securityContext.runAsNonRoot, true);
    assert.ok(spec.securityContext.runAsUser > 0);
    assert.equal(spec.securityContext.seccompProfile.type, "RuntimeDefault");
    for (const { securityContext, resources, image } of spec.containers) {
      assert.deepEqual(securityContext, { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } });
      for (const bound of ["requests", "limits"]) for (const what of ["cpu", "memory"]) assert.ok(resources[bound][what], `${bound} of ${what}`);
      assert.match(image, /^registry\.example\.com\/realtime-gateway:\d/);
    }
  }
});

test("the_migration_needs_nothing_that_is_applied_after_it", () => {
  const job = only("Job", "realtime-gateway-migrate");
  assert.equal(job.metadata.annotations["argocd.argoproj.io/hook"], "PreSync");
  const { serviceAccountName, containers, volumes } = job.spec.template.spec;
  assert.equal(serviceAccountName, undefined, "the namespace's own is always there");
  for (const { envFrom } of containers) assert.equal(envFrom, undefined);
  assert.deepEqual(volumes.filter(({ secret }: Manifest) => secret === undefined), []);
});

test("secrets_are_named_and_never_held", () => {
  assert.deepEqual(manifests.filter(({ kind }) => kind === "Secret"), []);
  for (const [name, value] of Object.entries(settings)) assert.doesNotMatch(name, /(_SECRET|_KEY|_URL)$/, `${name}=${value}`);
  const mounted = gateway.env.filter(({ name }: Manifest) => name.endsWith("_FILE")).map(({ value }: Manifest) => value);
  assert.equal(mounted.length, 3);
  for (const file of mounted) assert.ok(gateway.volumeMounts.some(({ mountPath }: Manifest) => file.startsWith(`${mountPath}/`)), file);
});

test("every_setting_is_one_that_the_gateway_knows", () => {
  const known = readFileSync(join(deployFolder, "gateway.env.example"), "utf8");
  const names = [...Object.keys(settings), ...gateway.env.map(({ name }: Manifest) => name.replace(/_FILE$/, ""))];
  for (const name of names.filter((name) => name !== "POD_IP")) assert.match(known, new RegExp(`^#?${name}=`, "m"), name);
});

test("what_selects_pods_finds_those_of_the_deployment_and_no_others", () => {
  const server = deployment.spec.template.metadata.labels;
  const migrate = only("Job", "realtime-gateway-migrate").spec.template.metadata.labels;
  const selectors = [
    ...manifests.filter(({ kind }) => kind === "Service").map(({ spec }) => spec.selector),
    only("PodDisruptionBudget", "realtime-gateway").spec.selector.matchLabels,
    only("NetworkPolicy", "realtime-gateway").spec.podSelector.matchLabels,
    only("PodMonitor", "realtime-gateway").spec.selector.matchLabels,
    deployment.spec.selector.matchLabels,
    ...pod.topologySpreadConstraints.map(({ labelSelector }: Manifest) => labelSelector.matchLabels),
  ];
  assert.ok(selectors.length >= 8);
  for (const selector of selectors) assert.deepEqual([matches(server, selector), matches(migrate, selector)], [true, false]);
  assert.ok(matches(migrate, only("NetworkPolicy", "realtime-gateway-migrate").spec.podSelector.matchLabels));
  assert.equal(only("HorizontalPodAutoscaler", "realtime-gateway").spec.scaleTargetRef.name, deployment.metadata.name);
  assert.equal(deployment.spec.replicas, undefined, "the autoscaler's");
});

test("prometheus_and_balancers_reach_the_operators_port_and_nobody_else", () => {
  const { ingress, policyTypes } = only("NetworkPolicy", "realtime-gateway").spec;
  const mayReachOps = ingress.filter(({ ports }: Manifest) => ports.some(({ port }: Manifest) => port === "ops")).flatMap(({ from }: Manifest) => from);
  assert.deepEqual(
    mayReachOps.map(({ namespaceSelector }: Manifest) => Object.keys(namespaceSelector.matchLabels)[0]).sort(),
    ["realtime-gateway/balancer", "realtime-gateway/monitoring"],
  );
  assert.deepEqual(policyTypes, ["Ingress", "Egress"]);
  assert.equal(only("PodMonitor", "realtime-gateway").spec.podMetricsEndpoints[0].port, "ops");
});

test("the_runbooks_patch_lets_both_out_to_other_ports", () => {
  const patch = /^    patches:\n(?:      .*\n)+/m.exec(readFileSync(join(deployFolder, "RUNBOOK.md"), "utf8"))?.[0].replace(/^    /gm, "");
  assert.ok(patch, "the runbook has one");
  writeFileSync(join(folder, "kustomization.yaml"), `resources: [${relative(folder, join(deployFolder, "kubernetes/overlays/production"))}]\n${patch}`);
  const policies = manifestsIn(check("kubectl", ["kustomize", folder])).filter(({ kind }) => kind === "NetworkPolicy");
  assert.equal(policies.length, 2);
  for (const { spec } of policies) {
    const allowed = spec.egress.flatMap(({ ports }: Manifest) => ports).map(({ port }: Manifest) => port);
    for (const port of [5432, 6432, 6380]) assert.ok(allowed.includes(port), `${port}`);
  }
});

test("what_stands_is_led_to_pods_that_are_not_ready_too", () => {
  const [links, handshakes] = only("HTTPRoute", "realtime-gateway").spec.rules;
  assert.equal(links.matches[0].queryParams[0].name, "sid");
  assert.equal(handshakes.matches[0].queryParams, undefined);
  const serviceOf = (rule: Manifest) => only("Service", rule.backendRefs[0].name);
  assert.equal(serviceOf(links).spec.publishNotReadyAddresses, true);
  assert.equal(serviceOf(handshakes).spec.publishNotReadyAddresses, undefined);
  for (const rule of [links, handshakes]) assert.equal(rule.backendRefs[0].port, serviceOf(rule).spec.ports[0].port);
});
