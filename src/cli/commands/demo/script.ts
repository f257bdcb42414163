import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import type { Hark } from '../../../app.ts'
import type { HelloWorld } from '../../../simulator/hello-world.ts'
import { Client } from '../../client/client.ts'
import { EventTypesDocument, type ListenerFragment, RouterConnectionsDocument } from '../../client/generated.ts'
import { collect, pages } from '../../client/pagination.ts'
import { io } from '../../io.ts'
import { heading } from '../../output/colour.ts'
import { print } from '../../output/print.ts'
import { Narrator } from './narrator.ts'

const WEST = 'hello-world-west'
const EAST = 'hello-world-east'
const LISTENER = 'backend'
const FIRST_PORT = 8080
const SECOND_PORT = 9090
const TAKEN_PORT = 7070

/** Compiled files are one folder deeper, in dist. */
const examplesFolder = (): string =>
  fileURLToPath(
    new URL(import.meta.url.endsWith('.ts') ? '../../../../examples' : '../../../../../examples', import.meta.url),
  )

const isReadyAt =
  (port: number) =>
  ({ spec, status }: ListenerFragment): boolean =>
    status.status === 'Ready' && spec.port === port

type Times = Map<string, number>

interface Stage {
  readonly hark: Hark
  readonly world: HelloWorld
  readonly createProgram: () => Promise<Command>
  readonly signal: AbortSignal
}

/** As the reader types it: in a checkout, only npx finds the command. */
const typed = (line: string): string => `${io().env.npm_command === 'exec' ? 'npx ' : ''}hark ${line}`

const runner = ({ hark, createProgram, signal }: Stage) => {
  const folder = examplesFolder()
  return async (line: string): Promise<void> => {
    signal.throwIfAborted()
    print(`\n${heading(`$ ${typed(line)}`)}`)
    const words = line.split(' ').map(word => word.replace(/^examples(?=\/)/, folder))
    const program = await createProgram()
    await program.parseAsync(['node', 'hark', ...words, '--server', hark.url])
  }
}

const scene = (title: string): void => print(`\n${heading(title)}`)

const routersConnected = async (client: Client, signal: AbortSignal): Promise<void> => {
  for (;;) {
    signal.throwIfAborted()
    const { sites } = await client.request(RouterConnectionsDocument, {})
    if (sites.length === 2 && sites.every(({ router }) => router.connection === 'Connected')) return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

const countEvents = async (client: Client): Promise<number> =>
  (await collect(pages(async after => (await client.request(EventTypesDocument, { after })).events))).length

const summary = async (client: Client, times: Times, narrator: Narrator): Promise<void> => {
  scene('In short')
  const width = Math.max(...[...times.keys()].map(what => what.length))
  for (const [what, ms] of times) print(`  ${what.padEnd(width)}  ${(ms / 1000).toFixed(1)} s`)
  const shares = [...narrator.durations].map(([status, ms]) => `${status} ${(ms / 1000).toFixed(1)} s`)
  print(`  The listener was ${shares.join(', ')}; ${await countEvents(client)} events explain it.`)
}

export const playStory = async (stage: Stage): Promise<void> => {
  const { hark, world, signal } = stage
  const client = new Client(new URL(hark.url))
  const run = runner(stage)
  await routersConnected(client, signal)
  const narrator = new Narrator(client, WEST, LISTENER)
  const times: Times = new Map()
  const timed = async (what: string, cause: () => Promise<unknown>, port: number): Promise<void> => {
    const since = performance.now()
    await cause()
    await narrator.until('Ready', isReadyAt(port), signal)
    times.set(what, performance.now() - since)
  }
  print('')
  try {
    narrator.narrate('Two sites are linked, west and east. Hark drives the router of each.')

    scene('A listener, and nothing behind it')
    await run(`apply -f examples/hello-world/west -n ${WEST}`)
    await narrator.until('Pending', ({ status }) => status.message === 'No matching connectors', signal)

    scene('A connector appears in the east')
    const connect = () => run(`apply -f examples/hello-world/east -n ${EAST}`)
    await timed('From the connector to Ready', connect, FIRST_PORT)
    const answer = await world.get(world.west, { host: LISTENER, port: FIRST_PORT })
    narrator.narrate(`A client in the west requests ${LISTENER}:${FIRST_PORT} and receives: ${answer}`)

    scene('The port moves')
    const move = (port: number) => run(`update listener ${LISTENER} --port ${port} -n ${WEST}`)
    await timed('From the new port to Ready', () => move(SECOND_PORT), SECOND_PORT)

    scene('The listener is deleted on the router, not through Hark')
    const lose = async () => {
      await world.west.manage('DELETE', 'io.skupper.router.tcpListener', `listener/${LISTENER}`)
      await narrator.until('Pending', ({ status }) => status.status !== 'Ready', signal)
    }
    await timed('From the loss on the router to Ready', lose, SECOND_PORT)

    scene(`The port moves to ${TAKEN_PORT}, which another program uses`)
    const other = await world.takeEndpoint(world.west, { host: LISTENER, port: TAKEN_PORT })
    await move(TAKEN_PORT)
    await narrator.until('Error', ({ status }) => status.status === 'Error', signal)

    scene('The other program ends')
    await timed('From the free port to Ready', () => other.end(), TAKEN_PORT)

    scene('What happened?')
    await run(`history listener ${LISTENER} -n ${WEST}`)
    await narrator.close()
    await summary(client, times, narrator)
  } finally {
    await narrator.close()
  }
}

export const printHints = (hark: Hark): void => {
  const server = hark.url.replace(/\/$/, '')
  print(`
Hark and both routers run until Ctrl-C. Try:

  Console    ${server}/
  GraphiQL   ${server}/graphql
  ${typed(`get listeners -A -w --server ${server}`)}
  ${typed(`describe listener ${LISTENER} -n ${WEST} --server ${server}`)}
  ${typed(`delete connector ${LISTENER} -n ${EAST} --server ${server}`)}`)
}
