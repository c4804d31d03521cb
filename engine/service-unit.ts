import * as path from "node:path"
import { STOP_SECONDS } from "./daemon.js"

/** The engine as a service of systemd. */
export const UNIT = "slipway-engine.service"

/** Where Slipway and its state lie. */
export interface Places {
  /** The folder of this Slipway. */
  readonly repository: string
  /** The state folder. */
  readonly home: string
}

/** The file with the variables of the service. It may hold passwords of proxies. */
export const environmentFile = ({ home }: Pick<Places, "home">): string => path.join(home, "service.env")

/**
 * Returns the text of the unit.
 *
 * @see systemd.service(5), systemd.exec(5)
 */
export const unitText = (places: Places): string => `[Unit]
Description=Slipway's embedded Dagger engine
Documentation=file://${specifiers(encodeURI(path.join(places.repository, "README.md")))}
Wants=network-online.target
After=network-online.target
RequiresMountsFor=${word(places.home)}
StartLimitIntervalSec=10min
StartLimitBurst=5

[Service]
Type=notify
NotifyAccess=all
EnvironmentFile=${specifiers(environmentFile(places))}
ExecStart=${word(path.join(places.repository, "slipway"))} engine start --foreground
# SIGTERM reaches the first process alone: it stops the engine, which then saves its caches.
KillMode=mixed
TimeoutStopSec=${STOP_SECONDS + 15}
# The first start after an update builds what is new.
TimeoutStartSec=1h
Restart=on-failure
RestartSec=2
LimitNOFILE=1048576
TasksMax=infinity

[Install]
WantedBy=multi-user.target
`

const specifiers = (text: string): string => text.replaceAll("%", "%%")

/** Quotes a path for systemd where it needs quotes. */
const word = (text: string): string =>
  /^[\w./-]+$/.test(text) ? text : `"${specifiers(text).replaceAll(/["\\]/g, "\\$&")}"`

/** Variables that decide how the engine is built and reaches the network. No other reaches the service. */
const KEPT = [
  /^(PATH|HOME)$/,
  /^SLIPWAY_(DEBIAN_)?MIRROR$/,
  /^(HTTPS?|NO)_PROXY$/i,
  /^(SSL_CERT_\w+|NODE_EXTRA_CA_CERTS)$/,
  /^GO[A-Z]+$/,
  /^(NPM_CONFIG|PIP)_\w+$/i,
]

/** Returns the contents of the {@link environmentFile}. */
export const environmentText = ({ home }: Pick<Places, "home">, env: NodeJS.ProcessEnv): string =>
  [...Object.entries(env).filter(([name]) => KEPT.some((kept) => kept.test(name))), ["SLIPWAY_HOME", home]]
    .map(([name, value = ""]) => `${name}="${value.replaceAll(/["\\$`]/g, "\\$&")}"\n`)
    .sort()
    .join("")
