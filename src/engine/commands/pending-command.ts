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

export const withTimeout = (
  subject: Subject,
  options: ExecuteOptions,
  timeoutMs: number,
): { readonly pending: PendingCommand; readonly answer: Promise<CommandAnswer<ResourceRow>> } => {
  const { promise, resolve, reject } = Promise.withResolvers<CommandAnswer<ResourceRow>>()
  let isOver = false
  let isAppended = false
  const settle = (action: () => void): void => {
    isOver = true
    clearTimeout(timeout)
    action()
  }
  const timeout = setTimeout(
    () => settle(() => reject(unavailable(isAppended ? SHOWN_LATE : STORE_LATE))),
    timeoutMs,
  ).unref()
  const pending: PendingCommand = {
    ...subject,
    options,
    commandHash: options.commandId === undefined ? undefined : commandHash(subject.command),
    get isOver() {
      return isOver
    },
    noteAppended: () => {
      isAppended = true
    },
    resolve: answer => settle(() => resolve(answer)),
    reject: error => settle(() => reject(error)),
  }
  return { pending, answer: promise }
}

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
