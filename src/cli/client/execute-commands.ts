import type { ResourceKind } from '../resources/resource.ts'
import type { Client } from './client.ts'
import { type ApiError, ServerError } from './errors.ts'
import { type CommandInput, ExecuteCommandsDocument, type ExecuteCommandsMutation } from './generated.ts'
import { type Outcome, requestEach } from './request-each.ts'

/** The engine permits 500. */
const MOST_COMMANDS = 200

type Result = ExecuteCommandsMutation['executeCommands']['results'][number]

const DONE: Result = { error: null }

interface Target {
  readonly namespace: string
}

/** Neighbours of one namespace: a request is rejected as a whole if one of its commands is not permitted. */
const inChunks = <T extends Target>(items: readonly T[]): T[][] => {
  const chunks: T[][] = []
  for (const item of items) {
    const last = chunks.at(-1)
    if (last?.[0]?.namespace === item.namespace && last.length < MOST_COMMANDS) last.push(item)
    else chunks.push([item])
  }
  return chunks
}

interface Commands<T> {
  /** An engine without dry runs of commands rejects them. */
  readonly dryRun?: boolean
  commandOf(item: T): CommandInput
  /** A rejection is then about this command. */
  alone(item: T): Promise<unknown>
}

const outcomeOf = <T>(item: T, { error }: Result): Outcome<T, void> =>
  error === null ? { item, result: undefined } : { item, rejection: new ServerError([error as ApiError]) }

/** @throws Unreachable after the outcomes of all requests that were sent */
export async function* executeCommands<T extends Target>(
  client: Client,
  items: readonly T[],
  { dryRun, commandOf, alone }: Commands<T>,
): AsyncGenerator<Outcome<T, void>> {
  const sent = requestEach(inChunks(items), async (chunk): Promise<readonly Result[]> => {
    const [item] = chunk
    if (!dryRun && item !== undefined && chunk.length === 1) {
      await alone(item)
      return [DONE]
    }
    const input = { commands: chunk.map(commandOf), ...(dryRun && { dryRun }) }
    return (await client.request(ExecuteCommandsDocument, { input })).executeCommands.results
  })
  for await (const outcome of sent) {
    const { item: chunk } = outcome
    if (outcome.rejection !== undefined) for (const item of chunk) yield { item, rejection: outcome.rejection }
    else for (const [index, item] of chunk.entries()) yield outcomeOf(item, outcome.result[index] as Result)
  }
}

interface Deletion extends Target {
  readonly kind: ResourceKind
  readonly name: string
}

export const executeDeletions = <T extends Deletion>(
  client: Client,
  items: readonly T[],
  dryRun: boolean,
): AsyncGenerator<Outcome<T, void>> =>
  executeCommands(client, items, {
    dryRun,
    commandOf: ({ kind, namespace, name }) => ({ [`delete${kind.kind}`]: { namespace, name } }) as CommandInput,
    alone: ({ kind, namespace, name }) => client.request(kind.deletion, { input: { namespace, name } }),
  })
