import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ListenerCommand } from '../../../schemas/commands.ts'

// What is used of emmett, which is not a dependency: its driver is compiled at its installation.
interface State {
  readonly exists: boolean
  readonly port?: number
  readonly routingKey?: string
}
interface EmmettEvent {
  readonly type: string
  readonly data: object
}
interface Connection {
  command(sql: string): Promise<unknown>
  close(): void
}
interface Store {
  readonly schema: { migrate(): Promise<unknown> }
}
interface Emmett {
  readonly DeciderCommandHandler: (decider: {
    decide(command: ListenerCommand, state: State): EmmettEvent[]
    evolve(state: State, event: EmmettEvent): State
    initialState(): State
  }) => (store: Store, stream: string, command: ListenerCommand) => Promise<unknown>
}
interface EmmettSqlite {
  readonly sqliteConnection: (options: { readonly fileName: string }) => Connection
  readonly getSQLiteEventStore: (options: {
    readonly fileName: string
    readonly connectionOptions?: { readonly connection: Connection; readonly singleton: true }
  }) => Store
}

export const PACKAGES = ['@event-driven-io/emmett', '@event-driven-io/emmett-sqlite'] as const

/** Undefined if emmett is not installed. */
export const loadEmmett = async (): Promise<(Emmett & EmmettSqlite) | undefined> => {
  const { resolve } = createRequire(import.meta.url)
  let files: string[]
  try {
    files = PACKAGES.map(name => resolve(name))
  } catch {
    return undefined
  }
  const [emmett, sqlite] = await Promise.all(files.map(file => import(pathToFileURL(file).href)))
  return { ...(emmett as Emmett), ...(sqlite as EmmettSqlite) }
}

const decide = (command: ListenerCommand, state: State): EmmettEvent[] => {
  const { namespace, name } = command
  if (command.type === 'CreateListener') {
    if (state.exists) throw new Error(`listener ${name} exists`)
    return [{ type: 'ListenerCreated', data: { namespace, name, spec: command.spec } }]
  }
  if (!state.exists) throw new Error(`there is no listener ${name}`)
  if (command.type === 'UpdatePort')
    return [{ type: 'PortUpdated', data: { namespace, name, port: command.port, previous: state.port } }]
  if (command.type === 'UpdateRoutingKey') {
    const { routingKey } = command
    return [{ type: 'RoutingKeyUpdated', data: { namespace, name, routingKey, previous: state.routingKey } }]
  }
  throw new Error(`the workload has no ${command.type}`)
}

const evolve = (state: State, { data }: EmmettEvent): State => {
  const { port, routingKey, spec } = data as State & { readonly spec?: State }
  return {
    ...state,
    ...spec,
    exists: true,
    ...(port !== undefined && { port }),
    ...(routingKey !== undefined && { routingKey }),
  }
}

/** Runs commands of the workload on a SQLite store of emmett in the folder: WAL, synchronous=FULL. */
export const withEmmett = async <T>(
  { DeciderCommandHandler, sqliteConnection, getSQLiteEventStore }: Emmett & EmmettSqlite,
  folder: string,
  connections: 'one a command' | 'one kept',
  work: (run: (command: ListenerCommand) => Promise<void>) => Promise<T>,
): Promise<T> => {
  const fileName = join(folder, 'emmett.db')
  const connection = sqliteConnection({ fileName })
  try {
    await connection.command('PRAGMA journal_mode = WAL')
    const connectionOptions = { connection, singleton: true } as const
    const store = getSQLiteEventStore({ fileName, ...(connections === 'one kept' && { connectionOptions }) })
    await store.schema.migrate()
    const handle = DeciderCommandHandler({ decide, evolve, initialState: () => ({ exists: false }) })
    return await work(async command => {
      const stream = `listener-${command.namespace}:${command.name}`
      for (;;) {
        try {
          await handle(store, stream, command)
          return
        } catch (error) {
          // A connection that emmett closed before this one still ends its statement.
          if ((error as { readonly code?: string }).code !== 'SQLITE_BUSY') throw error
        }
      }
    })
  } finally {
    connection.close()
  }
}
