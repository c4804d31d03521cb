import type { App } from "./describe.js"

/** Where the proxy listens. */
export const PROXY_PORT = 8080

/**
 * The nginx configuration that joins an app's services under one origin, as its load balancer does.
 *
 * @param ports by service.
 * @param scheme what the load balancer says that the visitor used.
 */
export function proxyConfiguration(
  { routes, headers }: App,
  ports: Readonly<Record<string, number>>,
  scheme: "http" | "https",
): string {
  const added = Object.entries(headers).map(([name, value]) => `  proxy_set_header ${name} "${value}";`)
  const locations = Object.entries(routes).map(
    ([path, service]) => `  location ${path} { proxy_pass http://${service}:${ports[service] ?? 80}; }`,
  )
  return [
    "map $http_upgrade $slipway_connection { default upgrade; '' close; }",
    "server {",
    `  listen ${PROXY_PORT};`,
    "  server_tokens off;",
    "  client_max_body_size 64m;",
    // The app's own, not nginx's: whoever looks from outside is to see what it says of itself.
    "  proxy_pass_header Server;",
    "  proxy_http_version 1.1;",
    "  proxy_set_header Host $http_host;",
    "  proxy_set_header Upgrade $http_upgrade;",
    "  proxy_set_header Connection $slipway_connection;",
    "  proxy_set_header X-Forwarded-For $remote_addr;",
    `  proxy_set_header X-Forwarded-Proto ${scheme};`,
    ...added,
    ...locations,
    "}",
    "",
  ].join("\n")
}
