import type { Command } from '../../../schemas/commands.ts'
import { commandIdReused, unavailable } from '../../../schemas/errors.ts'
import type { Detour } from '../../../schemas/events/events.ts'
import { commandHash } from './command-hash.ts'
import type { RememberedAnswer, ResourceDefinition, ResourceRow } from './resource-registry.ts'
import type { CommandAnswer, CommandOptions } from './types.ts'

/** The resource that a command is about. */
export interface Subject {
  readonly kind: ResourceDefinition
  readonly stream: string
  readonly command: Command
}

/** What is asked of a command from within, besides what callers may ask. */
export interface ExecuteOptions extends CommandOptions {
  /** The command is refused with CONFLICT unless its stream is there. */
  readonly expectedRevision?: number | undefined
  /** Where the command moves a listener out of the way of others for a moment. */
  readonly detour?: Detour
}

/** A command that waits for its turn at its stream. */
export interface PendingCommand extends Subject {
  readonly options: ExecuteOptions
  /** Where it has an id. */
  readonly commandHash?: string | undefined
  /** Answered already, as its time was up: there is nothing left to do for it. */
  readonly isOver: boolean
  /** Its events are in the store, which is said where its time is up. */
  noteAppended(): void
  resolve(answer: CommandAnswer<ResourceRow>): void
  reject(error: unknown): void
}

/** A command that is answered within a time, however many it has to wait for and whatever the store does. */
export const timedJob = (
  subject: Subject,
  options: ExecuteOptions,
  withinMs: number,
): { readonly job: PendingCommand; readonly answer: Promise<CommandAnswer<ResourceRow>> } => {
  const { promise, resolve, reject } = Promise.withResolvers<CommandAnswer<ResourceRow>>()
  let isOver = false
  let isAppended = false
  const late = setTimeout(
    () => over(() => reject(unavailable(isAppended ? NOT_SHOWN : NOT_ANSWERED))),
    withinMs,
  ).unref()
  const over = (answer: () => void): void => {
    isOver = true
    clearTimeout(late)
    answer()
  }
  const job: PendingCommand = {
    ...subject,
    options,
    commandHash: options.commandId === undefined ? undefined : commandHash(subject.command),
    get isOver() {
      return isOver
    },
    noteAppended: () => {
      isAppended = true
    },
    resolve: answer => over(() => resolve(answer)),
    reject: error => over(() => reject(error)),
  }
  return { job, answer: promise }
}

const NOT_SHOWN = 'the event store has the change, but does not deliver it: ask again'
const NOT_ANSWERED = 'the event store did not answer in time: try again'

/** Whether what the read side shows has a part in how a command is answered. */
export const asksReadSide = ({ options }: PendingCommand): boolean =>
  options.commandId !== undefined ||
  options.expectedResourceVersion !== undefined ||
  options.expectedRevision !== undefined

/** A command that was done before is answered as it was then. */
export const answerAgain = (job: PendingCommand, before: RememberedAnswer): void => {
  const { position, uid, eventType, row } = before
  if (isSame(job, before)) job.resolve({ position, uid, ...(eventType && { eventType }), ...(row && { row }) })
  else job.reject(commandIdReused(job.options.commandId as string))
}

/** Whether this is the command that was answered so. Of what an older Hark did, the resource alone is known. */
export const isSame = (
  { stream, commandHash }: Pick<PendingCommand, 'stream' | 'commandHash'>,
  before: Pick<RememberedAnswer, 'stream' | 'commandHash'>,
): boolean => stream === before.stream && (before.commandHash === undefined || commandHash === before.commandHash)
