// Manifests of a fleet of farms on Kubernetes, each validated against its kind's schema before it is written.
//
// usage: node main.js RULES_FOLDER OUTPUT   (dashboards/prometheus; the file to write)
// Farms are a StatefulSet: each has a state folder that is its own, as its journal is. The PostgreSQL is not part of this: use an
// operator's, or a managed one; its url and password stand in a Secret that somebody else makes.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PrometheusRule, ServiceMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import { StatefulSet } from "kubernetes-models/apps/v1";
import { NetworkPolicy } from "kubernetes-models/networking.k8s.io/v1";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1";
import { ConfigMap, Service, ServiceAccount } from "kubernetes-models/v1";
import { parse, stringify } from "yaml";

const [rules, output] = process.argv.slice(2);
if (rules === undefined || output === undefined) {
  console.error("usage: node main.js RULES_FOLDER OUTPUT");
  process.exit(2);
}

const name = "rcufarm";
const port = 9464;
const user = 10001;
const labels = { "app.kubernetes.io/name": name, "app.kubernetes.io/component": "farm" };
const metadata = { name, labels };

// The url has no password: libpq finds it in the file.
const farmToml = `# rcufarm-farm config prints all keys with their defaults.
[store]
url = "postgresql://farm@rcufarm-store/rcufarm?passfile=/run/secrets/rcufarm/pgpass"

[http]
address = "0.0.0.0"
port = ${port}

[programs]
root = "/opt/rcufarm"
`;

const probe = (path: string, periodSeconds: number, failureThreshold: number) =>
  ({ httpGet: { path, port: "http" }, periodSeconds, timeoutSeconds: 5, failureThreshold });

const farms = new StatefulSet({
  metadata,
  spec: {
    serviceName: name,
    replicas: 3,
    podManagementPolicy: "Parallel",
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        serviceAccountName: name,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        // A farm stops within ten seconds; what it then still owes lies in its journal.
        terminationGracePeriodSeconds: 30,
        securityContext: {
          runAsNonRoot: true, runAsUser: user, runAsGroup: user, fsGroup: user, fsGroupChangePolicy: "OnRootMismatch",
          seccompProfile: { type: "RuntimeDefault" },
        },
        topologySpreadConstraints: [{
          maxSkew: 1, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway",
          labelSelector: { matchLabels: labels },
        }],
        containers: [{
          name: "farm",
          image: "rcufarm:latest",
          args: ["run", "--config", "/etc/rcufarm/farm.toml", "--state", "/data", "--log-format", "json"],
          ports: [{ name: "http", containerPort: port }],
          // As many workers as CPUs: limits and requests are the same, so that none is starved.
          resources: {
            requests: { cpu: "2", memory: "4Gi", "ephemeral-storage": "1Gi" },
            limits: { cpu: "2", memory: "4Gi", "ephemeral-storage": "2Gi" },
          },
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
          // A store that is away makes no farm unready: it works on, and has to be scraped.
          startupProbe: probe("/healthz", 2, 60),
          livenessProbe: probe("/healthz", 20, 6),
          readinessProbe: probe("/readyz", 10, 3),
          volumeMounts: [
            { name: "data", mountPath: "/data" },
            { name: "tmp", mountPath: "/tmp" },
            { name: "shm", mountPath: "/dev/shm" },
            { name: "config", mountPath: "/etc/rcufarm", readOnly: true },
            { name: "pgpass", mountPath: "/run/secrets/rcufarm", readOnly: true },
          ],
        }],
        volumes: [
          { name: "tmp", emptyDir: { sizeLimit: "512Mi" } },
          { name: "shm", emptyDir: { medium: "Memory", sizeLimit: "256Mi" } },
          { name: "config", configMap: { name } },
          // libpq refuses a password file that others may read: 0400 becomes 0440 for fsGroup, so a copy is made below.
          { name: "pgpass", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
          { name: "pgpass-secret", secret: { secretName: "rcufarm-store", defaultMode: 0o440 } },
        ],
        initContainers: [{
          name: "pgpass",
          image: "rcufarm:latest",
          command: ["/bin/sh", "-c", "umask 077 && cp /secret/pgpass /run/secrets/rcufarm/pgpass"],
          resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { cpu: "100m", memory: "64Mi" } },
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
          volumeMounts: [
            { name: "pgpass-secret", mountPath: "/secret", readOnly: true },
            { name: "pgpass", mountPath: "/run/secrets/rcufarm" },
          ],
        }],
      },
    },
    volumeClaimTemplates: [{
      metadata: { name: "data" },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "10Gi" } } },
    }],
  },
});

interface Rules { groups: { name: string; rules: { expr: string }[] }[] }
const groups = ["recording.yml", "alerts.yml"]
  .flatMap((file) => (parse(readFileSync(join(rules, file), "utf8")) as Rules).groups);

const all = [
  new ServiceAccount({ metadata, automountServiceAccountToken: false }),
  new ConfigMap({ metadata, data: { "farm.toml": farmToml } }),
  // Headless: each farm has an address, and a page, of its own.
  new Service({ metadata, spec: { clusterIP: "None", selector: labels, ports: [{ name: "http", port, targetPort: "http" }] } }),
  farms,
  new PodDisruptionBudget({ metadata, spec: { maxUnavailable: 1, selector: { matchLabels: labels } } }),
  new NetworkPolicy({
    metadata,
    spec: {
      podSelector: { matchLabels: labels },
      policyTypes: ["Ingress", "Egress"],
      // Prometheus, and who looks at the page: namespaces that say so.
      ingress: [{ from: [{ namespaceSelector: { matchLabels: { "rcufarm/may-look": "yes" } } }], ports: [{ port: "http" }] }],
      egress: [
        { ports: [{ port: 53, protocol: "UDP" }, { port: 53, protocol: "TCP" }] },
        { ports: [{ port: 5432, protocol: "TCP" }] },
      ],
    },
  }),
  new ServiceMonitor({
    metadata,
    spec: {
      selector: { matchLabels: labels },
      jobLabel: "app.kubernetes.io/name",
      endpoints: [{ port: "http", interval: "15s" }],
    },
  }),
  new PrometheusRule({ metadata, spec: { groups } }),
];

for (const manifest of all) manifest.validate();
writeFileSync(output, all.map((manifest) => stringify(manifest.toJSON(), { lineWidth: 140 })).join("---\n"));
console.log(`${all.length} manifests: ${all.map((manifest) => manifest.kind).join(", ")}`);
