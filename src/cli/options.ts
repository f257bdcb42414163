import { Argument, type Command, InvalidArgumentError, Option } from 'commander'

export const DEFAULT_NAMESPACE = 'default'
const DEFAULT_SERVER = 'http://127.0.0.1:4000'

export interface ServerOption {
  readonly server: URL
  readonly token?: string
}

export interface NamespaceOption {
  readonly namespace: string
}

export const serverUrl = (text: string): URL => {
  const url = URL.parse(text)
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new InvalidArgumentError('must be a URL such as http://127.0.0.1:4000')
  }
  return url
}

const serverOption = (description: string): Option =>
  new Option('--server <url>', description).env('HARK_SERVER').argParser(serverUrl)

const contextOption = (): Option =>
  new Option('--context <name>', 'server, namespace and token by their name: see hark config').env('HARK_CONTEXT')

export const withServer = (command: Command): Command =>
  command
    .addOption(
      serverOption('the engine; HARK_TOKEN holds the token if authentication is required').default(
        new URL(DEFAULT_SERVER),
        DEFAULT_SERVER,
      ),
    )
    .addOption(contextOption())

export const withOptionalServer = (command: Command, description: string): Command =>
  command.addOption(serverOption(description)).addOption(contextOption())

export const withNamespace = (command: Command, description = 'the namespace'): Command =>
  command.addOption(
    new Option('-n, --namespace <namespace>', description).env('HARK_NAMESPACE').default(DEFAULT_NAMESPACE),
  )

const MILLISECONDS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const

/** `90s`, `2m`, `500ms` or `1h30m`, to milliseconds. */
export const duration = (text: string): number => {
  if (!/^(\d+(ms|s|m|h))+$/.test(text)) throw new InvalidArgumentError('must be a duration such as 60s, 2m or 1h')
  return [...text.matchAll(/(\d+)(ms|s|m|h)/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * MILLISECONDS[unit as keyof typeof MILLISECONDS],
    0,
  )
}

const HIGHEST = 65_535

export const port = (text: string): number => {
  const number = Number(text)
  if (!/^\d+$/.test(text) || number < 1 || number > HIGHEST) {
    throw new InvalidArgumentError('must be a port (1–65535)')
  }
  return number
}

export const portArgument = (description: string): Argument => new Argument('<port>', description).argParser(port)

export const examplesText = (examples: readonly string[]): string => `\nExamples:\n  ${examples.join('\n  ')}`

/** `hark create listener …` becomes `hark listener create …`. */
export const examplesOf = (command: Command, examples: readonly string[]): string =>
  examplesText(examples.map(line => line.replace(/^hark \S+ \S+/, `hark ${command.parent?.name()} ${command.name()}`)))

const DEFAULT_WAIT = '60s'

export interface WaitOptions {
  readonly wait?: true
  readonly timeout: number
}

export const withTimeout = (command: Command): Command =>
  command.addOption(
    new Option('--timeout <time>', 'how long to wait')
      .argParser(duration)
      .default(duration(DEFAULT_WAIT), DEFAULT_WAIT),
  )

/** @param until such as `it has been Ready` */
export const withWait = (command: Command, until: string): Command =>
  withTimeout(command.option('--wait', `wait until ${until} (exit status 4 if not in time)`))

export const repeated = (value: string, others: readonly string[] = []): readonly string[] => [...others, value]
