import { join } from 'node:path'
import { TokenAuthenticator } from '../../src/auth/authenticator.ts'
import { FileTokens } from '../../src/auth/file-tokens.ts'
import { changeTokens, newToken, TOKEN_FILE } from '../../src/auth/token-file.ts'
import { DEFAULT_LIMITS } from '../../src/config/limits.ts'
import { createEngine } from '../../src/engine/create-engine.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { openSqliteEventStore } from '../../src/event-store/sqlite/store.ts'
import { CHECKPOINTS_FILE, Checkpointer } from '../../src/integrity/checkpoints/checkpointer.ts'
import { canonicalEvent, sha256 } from '../../src/integrity/hash-chain/event-hash.ts'
import { chainedStore } from '../../src/integrity/hash-chain/hash-chained-store.ts'
import { KeyFiles } from '../../src/integrity/keys/key-files.ts'
import { readStoredState, verifyLog } from '../../src/integrity/verify/verify.ts'
import { silentLogger } from '../fakes/silent-logger.ts'
import { eventFile, readModelFile, withEngine } from './engine.ts'
import type { Figure } from './figure.ts'
import { withServer } from './http.ts'
import { runClient } from './processes/client-process.ts'
import { alternately, inParallel, inScratch, rateOf } from './scratch.ts'
import { LIFE, runAt } from './workload.ts'

const LISTENERS = 4_000
const CONNECTIONS = 64
const ROUNDS = 5
/** The default; at the rate of a benchmark the number of events triggers checkpoints, not the clock. */
const CHECKPOINT_MS = 60_000

const LOG_LISTENERS = 10_000
const LOG_COMMANDS = 18

/** As `withEngine`, with hash chain, checkpoints and tokens. */
const withAuditedEngine = async <T>(folder: string, work: (engine: Engine) => Promise<T>): Promise<T> => {
  const store = chainedStore(openSqliteEventStore({ file: eventFile(folder) }))
  const checkpointer = new Checkpointer({
    store,
    keys: new KeyFiles(folder),
    checkpointFile: join(folder, CHECKPOINTS_FILE),
    everyMs: CHECKPOINT_MS,
    logger: silentLogger,
  })
  checkpointer.start()
  const engine = createEngine({ store, readModelFile: readModelFile(folder), logger: silentLogger })
  try {
    await engine.whenReady()
    return await work(engine)
  } finally {
    await engine.close()
    await checkpointer.close()
    await store.close()
  }
}

/** Commands with hash chain, checkpoints and tokens, against commands without. */
export const auditedCommands = (): Promise<Figure[]> =>
  inScratch(folder =>
    inScratch(bareFolder =>
      withAuditedEngine(folder, audited =>
        withEngine(bareFolder, async ({ engine: bare }) => {
          const { token, entry } = newToken({ name: 'bench', grants: [{ role: 'operator', namespaces: 'all' }] })
          changeTokens(join(folder, TOKEN_FILE), tokens => [...tokens, entry])
          const tokens = new FileTokens(join(folder, TOKEN_FILE), silentLogger)

          const authenticator = new TokenAuthenticator(tokens)
          const count = LISTENERS * LIFE
          const task = { measure: 'rate', connections: CONNECTIONS, count, listeners: LISTENERS, first: 0 } as const
          const http = await withServer(
            audited,
            lockedUrl =>
              withServer(bare, bareUrl =>
                alternately(
                  ROUNDS,
                  async round => (await runClient({ ...task, url: lockedUrl, set: `http-${round}`, token })).rate,
                  async round => (await runClient({ ...task, url: bareUrl, set: `http-${round}` })).rate,
                ),
              ),
            { authenticator, limits: { ...DEFAULT_LIMITS, requestsPerSecond: 0 } },
          )
          const through = (engine: Engine) => (round: number) =>
            rateOf(count, () =>
              inParallel(CONNECTIONS, count, index => runAt(engine, LISTENERS, index, `engine-${round}`)),
            )
          const direct = await alternately(ROUNDS, through(audited), through(bare))
          return [
            {
              name: 'GraphQL mutations over HTTP, with hash chain, checkpoints and tokens',
              unit: '/s',
              value: http[0],
              against: { name: 'the same without', value: http[1] },
              bar: { at: 'least', of: 0.85 },
            },
            {
              name: 'durable commands, 64 callers, with hash chain and checkpoints',
              unit: '/s',
              value: direct[0],
              against: { name: 'the same without', value: direct[1] },
              bar: { at: 'least', of: 0.85 },
            },
          ]
        }),
      ),
    ),
  )

/** Verifying a log of 200,000 events. */
export const verifyFigures = (): Promise<Figure[]> =>
  inScratch(async folder => {
    await withAuditedEngine(folder, engine =>
      inParallel(CONNECTIONS, LOG_LISTENERS * LOG_COMMANDS, index => runAt(engine, LOG_LISTENERS, index)),
    )
    const store = openSqliteEventStore({ file: eventFile(folder), access: 'read' })
    try {
      const texts: string[] = []
      for await (const event of store.readAll()) texts.push(canonicalEvent(event))
      const verify = () =>
        rateOf(texts.length, async () => {
          const publicKey = new KeyFiles(folder).read()?.public
          const stored = readStoredState(join(folder, CHECKPOINTS_FILE))
          const signal = new AbortController().signal
          const { findings } = await verifyLog(store, {
            publicKey,
            stored,
            onProgress: () => undefined,
            signal,
          })
          if (findings.length > 0) throw new Error(JSON.stringify(findings[0]))
        })
      const digest = () =>
        rateOf(texts.length, () => {
          for (const text of texts) sha256(text)
        })
      const [verified, hashed] = await alternately(ROUNDS, verify, digest)
      return [
        {
          name: 'hark audit verify, events',
          unit: '/s',
          value: verified,
          against: { name: 'SHA-256 over the same bytes, in memory', value: hashed },
          bar: { at: 'least', of: 0.15 },
        },
      ]
    } finally {
      await store.close()
    }
  })
