import { PATH, type Recipe } from "./recipe.js"
import { program } from "./starts.js"

/** What tests that start containers need. */
export const DOCKER: readonly Recipe[] = [
  {
    name: "docker",
    tag: "28.5.1-dind",
    tags: /^(?:latest|dind|cli|\d+(?:\.\d+){0,2}(?:-dind|-cli)?)$/,
    purpose: "a Docker daemon for tests that start containers, and its command line: Docker 20.10 of Debian",
    seconds: 40,
    standIn: {
      from: "debian",
      apt: ["ca-certificates", "docker.io", "iptables"],
      files: program("dockerd-entrypoint.sh", "dockerd.sh"),
      // Where the official image has it.
      run: ["ln /usr/bin/docker /usr/local/bin/docker"],
      env: { PATH },
      entrypoint: ["dockerd-entrypoint.sh"],
      ports: [2375],
    },
  },
  {
    // The published image holds the program alone, as /docker-compose, and no shell: take the file from it.
    name: "docker/compose-bin",
    tag: "v2.40.3",
    tags: /^v2(?:\.\d+){0,2}$/,
    purpose: "starts the services of a compose file, for tests that call it",
    seconds: 300,
    onDemand: true,
    standIn: {
      from: "debian",
      go: {
        module: "github.com/docker/compose/v2",
        version: "v2.40.3",
        sum: "h1:XeYkQu1svDtyfZPv5nTwFryQ25ZJMkIlc4pz9HalMPI=",
        package: "./cmd",
        path: "/docker-compose",
        ldflags: "-X github.com/docker/compose/v2/internal.Version=v2.40.3",
      },
      env: { PATH },
      entrypoint: ["/docker-compose"],
    },
  },
]
