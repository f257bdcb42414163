import { type Command, InvalidArgumentError, Option } from 'commander'

export const DEFAULT_NAMESPACE = 'default'
const DEFAULT_SERVER = 'http://127.0.0.1:4000'

export interface ServerOption {
  readonly server: URL
}

export interface NamespaceOption {
  readonly namespace: string
}

const serverUrl = (text: string): URL => {
  const url = URL.parse(text)
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new InvalidArgumentError('It is to be a URL such as http://127.0.0.1:4000.')
  }
  return url
}

/** Adds `--server`, which HARK_SERVER can stand for. */
export const withServer = (command: Command): Command =>
  command.addOption(
    new Option('--server <url>', 'the engine to talk to; HARK_TOKEN holds a token if it asks for one')
      .env('HARK_SERVER')
      .default(new URL(DEFAULT_SERVER), DEFAULT_SERVER)
      .argParser(serverUrl),
  )

/** Adds `-n`. */
export const withNamespace = (command: Command, description = 'the namespace'): Command =>
  command.option('-n, --namespace <namespace>', description, DEFAULT_NAMESPACE)

const MILLISECONDS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const

/** `90s`, `2m`, `500ms`, `1h` or `1m30s`, in milliseconds. */
export const duration = (text: string): number => {
  if (!/^(\d+(ms|s|m|h))+$/.test(text)) throw new InvalidArgumentError('It is to be a time such as 60s, 2m or 1h.')
  return [...text.matchAll(/(\d+)(ms|s|m|h)/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * MILLISECONDS[unit as keyof typeof MILLISECONDS],
    0,
  )
}
