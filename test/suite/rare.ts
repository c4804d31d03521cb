/** A suite that takes minutes to prepare and whose subject seldom changes. */
export interface RareSuite {
  /** What it shows. */
  readonly shows: string
  /** The files and folders whose change makes it run again, beside its own file. */
  readonly covers: readonly string[]
  /** Minutes that it takes where none of its tools is built, on two cores. */
  readonly minutes: number
}

/** The rare suites, by the names of their files in test/rare. The first is the one to run where time is short. */
export const RARE = {
  signing: {
    shows: "an image is signed by key, verified, promoted and retained",
    covers: ["ci/src/image", "ci/src/objects/image.ts"],
    minutes: 16,
  },
  release: {
    shows: "a release of the example app, from its check to its rollback, with all that is real",
    covers: [
      "ci/src/deploy",
      "ci/src/image/sign.ts",
      "ci/src/image/verify.ts",
      "ci/src/terraform/apply-command.ts",
      "ci/src/terraform/plan-command.ts",
      "modules/deploy/src",
    ],
    minutes: 45,
  },
  rebuilt: {
    shows: "a second build of a commit is signed by no evidence but its own",
    covers: ["ci/src/deploy/check-pushed.ts", "ci/src/image"],
    minutes: 30,
  },
  vulnerabilities: {
    shows: "Trivy and OSV-Scanner find what is planted, and do not look where their databases are bad",
    covers: ["ci/src/security", "ci/src/tools/trivy.ts"],
    minutes: 20,
  },
  infrastructure: {
    shows:
      "OpenTofu and Terraform plan and apply alike; locks, drift, an apply that is stopped, a state that is lost",
    covers: ["ci/src/terraform", "ci/src/objects/infra.ts"],
    minutes: 14,
  },
  scanners: {
    shows: "npm audit, Dependency-Check, Checkov and Snyk find what is planted",
    covers: ["ci/src/security"],
    minutes: 6,
  },
  containers: {
    shows: "tests start containers with a Docker daemon of their own, and Docker Compose",
    covers: [
      "ci/inside/published.ts",
      "ci/inside/registry.ts",
      "ci/src/project/declared/containers.ts",
      "ci/src/project/docker-daemon.ts",
      "ci/src/testing/docker.ts",
      "engine/recipes/docker.ts",
    ],
    minutes: 10,
  },
  databases: {
    shows: "tests with MongoDB run on FerretDB",
    covers: [
      "ci/src/project/service-container.ts",
      "engine/recipes/mongodb.ts",
      "engine/recipes/starts/common.sh",
      "engine/recipes/starts/mongodb.sh",
    ],
    minutes: 6,
  },
  load: {
    shows: "k6 puts an app under load, and slow answers are red",
    covers: ["ci/src/app/load"],
    minutes: 5,
  },
  sbom: {
    shows: "an image has a bill of materials, by Trivy and by Syft",
    covers: ["ci/src/image/sbom.ts", "ci/src/tools/trivy.ts"],
    minutes: 22,
  },
  keyless: {
    shows: "an image is signed by an identity, with a Sigstore of the team's own",
    covers: [
      "ci/src/image/registry.ts",
      "ci/src/image/sigstore.ts",
      "ci/src/image/signer.ts",
      "ci/src/image/verify.ts",
      "test/rare/sigstore.ts",
      "test/rare/sigstore",
    ],
    minutes: 24,
  },
  wrappers: {
    shows: "the files of CI vendors are valid by schemas and linters, and run by act and gitlab-ci-local",
    covers: ["ci/src/vendors", "cli/wrappers", "test/engine/vendor-apps.ts", "test/rare/wrappers"],
    minutes: 8,
  },
  deployments: {
    shows:
      "the files of all vendors take a green check to production, and tell people of a red one and its end; Slipway's calls are recorded",
    covers: ["ci/src/vendors", "cli/notify", "cli/wrappers", "test/rare/wrappers"],
    minutes: 3,
  },
  way: {
    shows:
      "the written files of GitHub and GitLab take the example app from its check to production, on the engine",
    covers: ["ci/src/vendors", "cli/wrappers", "modules/deploy/src", "test/rare/wrappers"],
    minutes: 45,
  },
  shards: {
    shows: "three machines, each with its own engine, share a check: the verdicts are those of one machine",
    covers: ["ci/src/joined.ts", "ci/src/sharded.ts", "ci/src/shards", "cli/commands/merge.ts"],
    minutes: 12,
  },
  docker: {
    shows:
      "the stock path: doctor, plan, ci, rehearse and report on a Docker daemon, with the image of the engine",
    covers: [
      "cli/doctor/stock.ts",
      "cli/engine-image.ts",
      "engine/files",
      "engine/image.ts",
      "engine/image-layout.ts",
      "engine/runtime.ts",
      "engine/watch.ts",
      "test/rare/docker",
    ],
    minutes: 12,
  },
  engines: {
    shows:
      "Dagger's chart takes the values for teams, a real API server the manifests, and the AWS provider's schema the Terraform",
    covers: ["examples/engines", "test/rare/engines"],
    minutes: 20,
  },
  systemd: {
    shows:
      "the engine as a service of systemd: installed, verified, started again after a crash, stopped, removed",
    covers: [
      "cli/engine-service.ts",
      "engine/daemon.ts",
      "engine/serve.ts",
      "engine/service-unit.ts",
      "test/rare/systemd",
    ],
    minutes: 2,
  },
  equivalence: {
    shows: "the embedded engine's TypeScript runtime answers as the stock SDK's own entry does",
    covers: ["engine/typescript-runtime", "test/engine/sdk"],
    minutes: 8,
  },
  "dagger-next": {
    shows: "the module's types fit the newest SDK of Dagger 1",
    covers: [
      "ci/src/index.ts",
      "ci/src/objects",
      "modules/aws-simulator/src",
      "modules/deploy/src",
      "package.json",
    ],
    minutes: 4,
  },
} as const satisfies Readonly<Record<string, RareSuite>>

export type RareName = keyof typeof RARE

/** The test file of a rare suite, from the repository's root. */
export const fileOf = (name: string): string => `test/rare/${name}.test.ts`

/** True for the name of a rare suite. */
export const isRare = (name: string): name is RareName => name in RARE
