import { PATH, type Recipe } from "./recipe.js"

const DEPENDENCY_CHECK = "/usr/share/dependency-check"

/** As the published image does: a repository that is mounted has another owner than who looks at it. */
const ANY_REPOSITORY = "git config --system --add safe.directory '*'"

/** Scanners and other tools that stages bring along. */
export const TOOLS: readonly Recipe[] = [
  {
    name: "zricethezav/gitleaks",
    tag: "v8.30.1",
    tags: /^v8\.30\.1$/,
    purpose: "finds secrets in files and commits",
    seconds: 70,
    standIn: {
      from: "debian",
      apt: ["git"],
      go: {
        module: "github.com/zricethezav/gitleaks/v8",
        version: "v8.30.1",
        sum: "h1:PmEvCfVI7ti9dV3s5aMZUY7sS2GxRvG3yzih7E+cS3w=",
        package: ".",
        path: "/usr/bin/gitleaks",
        ldflags: "-X github.com/zricethezav/gitleaks/v8/version.Version=8.30.1",
      },
      run: [ANY_REPOSITORY],
      env: { PATH },
      entrypoint: ["gitleaks"],
    },
  },
  {
    name: "alpine/git",
    tag: "v2.47.2",
    tags: /^v?2\.\d+\.\d+$/,
    purpose: "reads the history of a commit",
    seconds: 10,
    standIn: { from: "debian", apt: ["git"], env: { PATH }, entrypoint: ["git"] },
  },
  {
    name: "aquasec/trivy",
    tag: "0.69.3",
    tags: /^0\.69\.3$/,
    purpose: "finds vulnerable packages, insecure configuration and licences; makes bills of materials",
    seconds: 720,
    onDemand: true,
    standIn: {
      from: "debian",
      go: {
        module: "github.com/aquasecurity/trivy",
        version: "v0.69.3",
        sum: "h1:Q9zHTOiNqPy3/GGn2iJ9nfdzGc5HGiE1i12UNWtzK7U=",
        package: "./cmd/trivy",
        path: "/usr/local/bin/trivy",
        env: { GOEXPERIMENT: "jsonv2" },
        ldflags: "-X github.com/aquasecurity/trivy/pkg/version/app.ver=0.69.3",
      },
      env: { PATH },
      entrypoint: ["trivy"],
    },
  },
  {
    // The published image holds the program alone, as /syft, and no shell: take the file from it.
    name: "anchore/syft",
    tag: "v1.52.0",
    tags: /^v1\.52\.0$/,
    purpose: "makes bills of materials",
    seconds: 400,
    onDemand: true,
    standIn: {
      from: "debian",
      go: {
        module: "github.com/anchore/syft",
        version: "v1.52.0",
        sum: "h1:BelCbd0Q3grSbtoLgNJ0cx/r/Gd1Jj7t11dp91eXd1Y=",
        package: "./cmd/syft",
        path: "/syft",
        ldflags: "-X main.version=1.52.0",
      },
      env: { PATH },
      entrypoint: ["/syft"],
    },
  },
  {
    name: "ghcr.io/google/osv-scanner",
    tag: "v2.5.1",
    tags: /^v2\.5\.1$/,
    purpose: "finds vulnerable packages, by the OSV database",
    seconds: 300,
    onDemand: true,
    standIn: {
      from: "debian",
      go: {
        module: "github.com/google/osv-scanner/v2",
        version: "v2.5.1",
        sum: "h1:gagd2nRWMouRjRS1oHuhuB8+jHnV/Ifd/rtDu89w/0E=",
        package: "./cmd/osv-scanner",
        path: "/osv-scanner",
      },
      env: { PATH },
      entrypoint: ["/osv-scanner"],
    },
  },
  {
    name: "semgrep/semgrep",
    tag: "1.182.0",
    tags: /^1\.182\.0$/,
    purpose: "finds insecure code, and personal data where it must not be",
    seconds: 60,
    standIn: { from: "python", pip: ["semgrep==1.182.0"], env: { PATH }, command: ["semgrep", "--version"] },
  },
  {
    name: "bridgecrew/checkov",
    tag: "3.3.30",
    tags: /^3\.3\.30$/,
    purpose: "finds insecure infrastructure",
    seconds: 90,
    standIn: { from: "python", pip: ["checkov==3.3.30"], env: { PATH }, entrypoint: ["checkov"] },
  },
  {
    name: "grafana/k6",
    tag: "1.8.1",
    tags: /^1\.8\.1$/,
    purpose: "puts an app under load",
    seconds: 180,
    onDemand: true,
    standIn: {
      from: "debian",
      go: {
        module: "go.k6.io/k6",
        version: "v1.8.1",
        sum: "h1:orZsbZ2Od0CVZICs9YpTgkKcxfPghJW8VZtwg0cj8H8=",
        package: ".",
        path: "/usr/bin/k6",
      },
      env: { PATH },
      entrypoint: ["k6"],
    },
  },
  {
    // The published image holds the program alone, as /ko-app/cosign, and no shell: take the file from it.
    name: "ghcr.io/sigstore/cosign/cosign",
    tag: "v3.1.3",
    tags: /^v3\.1\.3$/,
    purpose: "signs images and what is said of them",
    seconds: 780,
    onDemand: true,
    standIn: {
      from: "debian",
      go: {
        module: "github.com/sigstore/cosign/v3",
        version: "v3.1.3",
        sum: "h1:001JQRI/PJ/5T+g/kJ1KTvKFbb322+fomc+pHDZ/6sg=",
        package: "./cmd/cosign",
        path: "/ko-app/cosign",
        ldflags: "-X sigs.k8s.io/release-utils/version.gitVersion=v3.1.3",
      },
      env: { PATH },
      entrypoint: ["/ko-app/cosign"],
    },
  },
  {
    name: "regclient/regctl",
    tag: "v0.11.7-alpine",
    tags: /^v0\.11\.7(-alpine)?$/,
    purpose: "copies images with what refers to them, and looks after repositories",
    seconds: 40,
    standIn: {
      from: "debian",
      apt: ["ca-certificates"],
      go: {
        module: "github.com/regclient/regclient",
        version: "v0.11.7",
        sum: "h1:Jsjlnd0ZQ2Blh0vaJtxJ0pU549VajvZ6BTL/4R7noMo=",
        package: "./cmd/regctl",
        path: "/usr/local/bin/regctl",
      },
      env: { PATH },
      entrypoint: ["regctl"],
    },
  },
  {
    name: "owasp/dependency-check",
    tag: "12.1.0",
    tags: /^12\.1\.0$/,
    purpose: "finds vulnerable packages, by the NVD's database",
    seconds: 60,
    standIn: {
      from: "debian",
      apt: ["openjdk-17-jre-headless"],
      maven: {
        // Not every mirror has the command line of each release; what looks and judges is the first of the two.
        [`${DEPENDENCY_CHECK}/lib`]: [
          "org.owasp:dependency-check-core:12.1.0",
          "org.owasp:dependency-check-cli:9.2.0",
        ],
      },
      files: {
        [`${DEPENDENCY_CHECK}/bin/dependency-check.sh`]: `#!/bin/sh\nexec java $JAVA_OPTS -cp "${DEPENDENCY_CHECK}/lib/*" org.owasp.dependencycheck.App "$@"\n`,
      },
      env: { PATH },
      entrypoint: [`${DEPENDENCY_CHECK}/bin/dependency-check.sh`],
    },
  },
  {
    // Its program is fetched when it first runs: where that is refused, it ends with exit code 0 and no result.
    name: "snyk/snyk",
    tag: "node",
    tags: /^node$/,
    purpose: "finds vulnerable packages, by Snyk's database",
    seconds: 20,
    standIn: {
      from: "node",
      run: ["npm install --global --ignore-scripts --no-audit --no-fund snyk@1.1307.4"],
      env: { PATH },
      command: ["snyk"],
    },
  },
  {
    name: "hashicorp/terraform",
    tag: "1.11.4",
    tags: /^1\.11\.4$/,
    purpose: "plans and applies infrastructure",
    seconds: 10,
    standIn: {
      from: "debian",
      apt: ["ca-certificates", "git"],
      // Parts of its source are modules that no mirror has: it cannot be built like the others.
      host: { program: "terraform", version: "1.11.4", path: "/bin/terraform" },
      env: { PATH },
      entrypoint: ["terraform"],
    },
  },
  {
    name: "ghcr.io/opentofu/opentofu",
    tag: "1.12.6",
    tags: /^1\.12\.6$/,
    purpose: "plans and applies infrastructure (OpenTofu)",
    seconds: 400,
    onDemand: true,
    standIn: {
      from: "debian",
      apt: ["ca-certificates", "git"],
      go: {
        module: "github.com/opentofu/opentofu",
        version: "v1.12.6",
        sum: "h1:0VT4P8pMmGcCUnQ9JDrJ+Qg2d35Vzm4FFd/9+H7oF98=",
        package: "./cmd/tofu",
        path: "/usr/local/bin/tofu",
        ldflags: "-X github.com/opentofu/opentofu/version.dev=no",
      },
      env: { PATH },
      entrypoint: ["tofu"],
    },
  },
]
