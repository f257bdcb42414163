import { createHash } from 'node:crypto'
import type { Command } from '../../../schemas/commands.ts'
import { commandIdReused, unavailable } from '../../../schemas/errors.ts'
import type { Detour } from '../../../schemas/events/events.ts'
import type { Span } from '../../telemetry/tracing.ts'
import type { KnownResult, ResourceDefinition, ResourceRow } from './resource-definition.ts'
import type { CommandAnswer, CommandOptions } from './types.ts'

const SHOWN_LATE = 'the change is stored, but the event store does not deliver it: send the request again'
const STORE_LATE = 'the event store did not respond in time: try again'

export interface Subject {
  readonly span?: Span | undefined
  readonly resource: ResourceDefinition
  readonly stream: string
  readonly command: Command
}

export interface ExecuteOptions extends CommandOptions {
  readonly expectedRevision?: number | undefined
  readonly detour?: Detour
}

export interface PendingCommand extends Subject {
  readonly options: ExecuteOptions
  readonly commandHash: string | undefined
  readonly isOver: boolean
  noteAppended(): void
  resolve(answer: CommandAnswer<ResourceRow>): void
  reject(error: unknown): void
}

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1)

const sorted = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(byKey))
    : value

/** Excludes the condition `expectedResourceVersion`. */
export const commandHash = (command: Command): string =>
  createHash('sha256').update(JSON.stringify(command, sorted)).digest('hex')

class TimedCommand implements PendingCommand {
  readonly span: Span | undefined
  readonly resource: ResourceDefinition
  readonly stream: string
  readonly command: Command
  readonly options: ExecuteOptions
  readonly commandHash: string | undefined
  readonly #answer = Promise.withResolvers<CommandAnswer<ResourceRow>>()
  readonly #timeout: NodeJS.Timeout
  #isOver = false
  #isAppended = false

  constructor({ span, resource, stream, command }: Subject, options: ExecuteOptions, timeoutMs: number) {
    this.span = span
    this.resource = resource
    this.stream = stream
    this.command = command
    this.options = options
    this.commandHash = options.commandId === undefined ? undefined : commandHash(command)
    this.#timeout = setTimeout(
      () => this.reject(unavailable(this.#isAppended ? SHOWN_LATE : STORE_LATE)),
      timeoutMs,
    ).unref()
  }

  get answer(): Promise<CommandAnswer<ResourceRow>> {
    return this.#answer.promise
  }

  get isOver(): boolean {
    return this.#isOver
  }

  noteAppended(): void {
    this.#isAppended = true
  }

  resolve(answer: CommandAnswer<ResourceRow>): void {
    this.#end()
    this.#answer.resolve(answer)
  }

  reject(error: unknown): void {
    this.#end()
    this.#answer.reject(error)
  }

  #end(): void {
    this.#isOver = true
    clearTimeout(this.#timeout)
  }
}

export const withTimeout = (
  subject: Subject,
  options: ExecuteOptions,
  timeoutMs: number,
): PendingCommand & { readonly answer: Promise<CommandAnswer<ResourceRow>> } =>
  new TimedCommand(subject, options, timeoutMs)

export const needsReadModel = ({ options }: PendingCommand): boolean =>
  options.commandId !== undefined ||
  options.expectedResourceVersion !== undefined ||
  options.expectedRevision !== undefined

export const replayResult = (pending: PendingCommand, known: KnownResult): void => {
  const { position, uid, eventType, replaced, row } = known
  if (isSameCommand(pending, known))
    pending.resolve({
      position,
      uid,
      ...(eventType && { eventType }),
      ...(replaced && { replaced }),
      ...(row && { row }),
    })
  else pending.reject(commandIdReused(pending.options.commandId as string))
}

/** Results of Hark 0.1 have no hash. */
export const isSameCommand = (
  { stream, commandHash }: Pick<PendingCommand, 'stream' | 'commandHash'>,
  known: Pick<KnownResult, 'stream' | 'commandHash'>,
): boolean => stream === known.stream && (known.commandHash === undefined || commandHash === known.commandHash)
