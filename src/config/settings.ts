/** The source of flags, help, variables and docs/configuration.md. */
export interface SettingDeclaration {
  /** The flag's argument in help; a setting without it is a switch. */
  readonly value?: string
  readonly description: string
  readonly default?: string | number
  readonly defaultText?: string
  /** The flag may be repeated; the variable separates values by commas. */
  readonly repeatable?: true
}

export const SETTINGS = {
  host: { value: '<host>', description: 'address to listen on', default: '127.0.0.1' },
  port: { value: '<port>', description: 'port to listen on; 0 takes a free one', default: 4000 },
  data: { value: '<folder>', description: 'folder for the files of Hark', default: 'data', defaultText: './data' },
  store: {
    value: '<store>',
    description: 'event store: sqlite:PATH or esdb://…',
    defaultText: 'SQLite in the data folder',
  },
  newLog: {
    description: 'start a new log if the log is empty but the data folder was made from events',
    default: 'off',
  },
  router: {
    value: '<namespace=url>',
    description: 'router to manage, such as west=amqp://127.0.0.1:5672',
    defaultText: 'none',
    repeatable: true,
  },
  routerGrace: {
    value: '<seconds>',
    description: 'time a router may be unreachable before its conditions are Unknown',
    default: 10,
  },
  checkpointSeconds: {
    value: '<seconds>',
    description: 'longest time until a checkpoint signs new events',
    default: 60,
  },
  onFailure: {
    value: '<exit|serve>',
    description: 'what to do when only a restart helps: exit with status 5, or keep serving reads',
    default: 'exit',
  },
  jwt: {
    value: '<name=value>',
    description: 'JSON Web Tokens to accept: issuer, audience, jwks (URL or file); also algorithms, rolesClaim',
    defaultText: 'none',
    repeatable: true,
  },
  tls: {
    value: '<name=file>',
    description: 'certificate and key (PEM), to serve TLS only',
    defaultText: 'none',
    repeatable: true,
  },
  limits: {
    value: '<name=number>',
    description: 'limit of clients to change',
    defaultText: 'see docs/configuration.md',
    repeatable: true,
  },
  graphiql: {
    value: '<on|off>',
    description: 'whether browsers get GraphiQL',
    defaultText: 'on unless authentication is required',
  },
  corsOrigins: {
    value: '<origins>',
    description: 'other origins whose pages may send requests, separated by commas',
    defaultText: 'none',
  },
  trustedProxies: {
    value: '<addresses>',
    description: 'proxies whose X-Forwarded-For is trusted: addresses or networks, separated by commas',
    defaultText: 'none',
  },
  listenerMetrics: {
    value: '<number>',
    description: 'listeners with metrics of their own (3000 at most); 0 for none',
    default: 1000,
  },
  logLevel: {
    value: '<level>',
    description: 'fatal, error, warn, info, debug, trace or silent',
    default: 'info',
  },
  logFormat: {
    value: '<numbers|words>',
    description: 'level and time of log lines: 30 and milliseconds since 1970, or "info" and ISO 8601',
    default: 'numbers',
  },
} as const satisfies Record<string, SettingDeclaration>

export type SettingName = keyof typeof SETTINGS

export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[]

/** `--log-level` for `logLevel`. */
export const flagName = (name: SettingName): string =>
  `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`

export const variableName = (name: SettingName): string =>
  `HARK_${name.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()}`

export const defaultText = (name: SettingName): string => {
  const { default: value, defaultText }: SettingDeclaration = SETTINGS[name]
  return defaultText ?? String(value)
}
