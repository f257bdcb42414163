import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { LOG_PREFIXES } from '../schemas/events/streams.ts'
import { TokenAuthenticator } from './auth/authenticator.ts'
import { FileTokens } from './auth/file-tokens.ts'
import { grantText } from './auth/roles.ts'
import { TokenEventLog, type TokenRecord } from './auth/token-event-log.ts'
import { TOKEN_FILE, type TokenEntry } from './auth/token-file.ts'
import { FileReloader } from './config/file-reloader.ts'
import { InvalidSettings, type Settings } from './config/load.ts'
import { isLoopback } from './config/server-settings.ts'
import { loadTlsFiles } from './config/tls-files.ts'
import type { FindPortHolder } from './controller/port-holders/port-holder.ts'
import { knownEvents, READ_MODELS_FILE, setAside } from './earlier-log.ts'
import { createEngine } from './engine/create-engine.ts'
import type { Engine } from './engine/engine.ts'
import { connectInThisThread } from './engine/history/recorder.ts'
import { WATCHED_FILE, WatchedRouters } from './engine/history/watched-routers.ts'
import { isEmptyLog, LogMissing } from './engine/read-models/log-missing.ts'
import type { EventStore } from './event-store/event-store.ts'
import { withSharedSubscription } from './event-store/shared-subscription.ts'
import { CHECKPOINTS_FILE, Checkpointer } from './integrity/checkpoints/checkpointer.ts'
import { lastCheckpoint } from './integrity/checkpoints/last-checkpoint.ts'
import { type ChainedStore, chainedStore } from './integrity/hash-chain/hash-chained-store.ts'
import { KeyFiles } from './integrity/keys/key-files.ts'
import { type Clock, systemClock } from './lib/clock.ts'
import { ensureDir, isOpenToOthers } from './lib/files/ensure-dir.ts'
import { Health } from './lib/health.ts'
import type { Logger } from './lib/logger.ts'
import { throttle } from './lib/throttle.ts'
import { openStore } from './open-store.ts'
import { rebuilderOf } from './ops/running-rebuild/connect.ts'
import { reloadJwtKeys, reloadRouterFiles, reloadServerFiles } from './reload-files.ts'
import { createServer } from './server/server.ts'
import { startTracing } from './telemetry/start-tracing.ts'

export interface Hark {
  readonly url: string
  close(): Promise<void>
}

export interface ServingHark extends Hark {
  /** Resolves when the read models have caught up; rejects if they cannot. */
  whenReady(): Promise<void>
  /** Unusable certificates and keys are logged; those in use stay. */
  reload(): void
  readonly failed: Promise<string>
}

export interface StartOptions {
  readonly clock?: Clock
  /** For routers whose listeners have other addresses here. */
  readonly findPortHolder?: FindPortHolder
  /** For a short life: a thread of its own takes longer to start. */
  readonly historyInThisThread?: boolean
}

/** Limit of waiting for routers, whose store or lease may be unavailable. */
const ROUTERS_TIMEOUT_MS = 1000
const UNSAVED_WARNING_MS = 60_000

const authenticationRequired = (host: string): string =>
  `host: authentication is required to listen on ${host}: create a token with \`hark token create NAME --role admin\`, or set jwt`

const signingKeys = (data: string): KeyFiles => {
  const keys = new KeyFiles(data)
  try {
    keys.read()
  } catch (error) {
    throw new InvalidSettings([(error as Error).message])
  }
  return keys
}

const createAuthenticator = async ({ data, jwt }: Settings, reloader: FileReloader, logger: Logger) => {
  try {
    const tokens = new FileTokens(join(data, TOKEN_FILE), logger)
    if (jwt === undefined) return { tokens, authenticator: new TokenAuthenticator(tokens) }
    const { JwtTokens } = await import('./auth/jwt-tokens.ts')
    const jwtTokens = new JwtTokens(jwt)
    reloadJwtKeys(reloader, jwt.jwks, jwtTokens)
    return { tokens, authenticator: new TokenAuthenticator(tokens, jwtTokens) }
  } catch (error) {
    throw new InvalidSettings([(error as Error).message])
  }
}

const toTokenRecord = ({ hash: _, grants, ...token }: TokenEntry): TokenRecord => ({
  ...token,
  roles: grants.map(grantText),
})

/** @throws LogMissing if the data folder records events, but the log's file is missing */
const knownEventsOf = ({ data, store, newLog }: Settings): string | undefined => {
  const known = knownEvents(data)
  if (known !== undefined && !newLog && store.kind === 'sqlite' && !existsSync(store.file)) throw new LogMissing(known)
  return known
}

const checkLog = async (store: EventStore, { data, newLog }: Settings, known: string): Promise<void> => {
  if (!(await isEmptyLog(store))) return
  if (!newLog) throw new LogMissing(known)
  await setAside(data)
}

const openLog = async (settings: Settings, logger: Logger, opened: Opened) => {
  const known = knownEventsOf(settings)
  const unchained = opened.add(await openStore(settings.store, logger))
  // A server may not respond yet; the read models check its log later.
  if (known !== undefined && settings.store.kind === 'sqlite') await checkLog(unchained, settings, known)
  return { store: chainedStore(withSharedSubscription(unchained, LOG_PREFIXES)), known }
}

const watchedRouters = (data: string, logger: Logger): WatchedRouters =>
  new WatchedRouters(
    join(data, WATCHED_FILE),
    throttle(UNSAVED_WARNING_MS, (error: unknown) => logger.warn({ error }, 'watched.json could not be written')),
  )

const serverSettings = (settings: Settings) => {
  const { data, store, tls, limits, graphiql, corsOrigins, trustedProxies, listenerMetrics } = settings
  return {
    listenerMetrics,
    databaseFiles: {
      store: store.kind === 'sqlite' ? store.file : undefined,
      readModels: join(data, READ_MODELS_FILE),
    },
    ...(tls && { tls: loadTlsFiles('tls', tls) }),
    ...(limits && { limits }),
    ...(graphiql !== undefined && { graphiql }),
    ...(corsOrigins && { corsOrigins }),
    ...(trustedProxies && { trustedProxies }),
  }
}

interface Closable {
  close(): Promise<void> | void
}

/** Closes the last part first. */
class Opened {
  readonly #parts: Closable[] = []

  add<Part extends Closable>(part: Part): Part {
    this.#parts.push(part)
    return part
  }

  async close(): Promise<void> {
    for (const part of this.#parts.toReversed()) await part.close()
  }
}

interface EngineParts {
  readonly store: ChainedStore
  readonly known: string | undefined
  readonly keys: KeyFiles
  readonly logger: Logger
  readonly historyInThisThread: boolean
}

const startEngine = (
  { data, store: setting, newLog, checkpointSeconds }: Settings,
  { store, known, keys, logger, historyInThisThread }: EngineParts,
  opened: Opened,
) => {
  const checkpointer = opened.add(
    new Checkpointer({
      store,
      keys,
      checkpointFile: join(data, CHECKPOINTS_FILE),
      everyMs: checkpointSeconds * 1000,
      logger,
      servedTo: () => {
        const { ready, position } = engine.status()
        return ready ? position : undefined
      },
      whenServed: () => engine.whenReady(),
    }),
  )
  const health = new Health()
  const engine: Engine = opened.add(
    createEngine({
      store,
      readModelFile: join(data, READ_MODELS_FILE),
      logger,
      health,
      knownEvents: newLog ? undefined : known,
      ...(historyInThisThread && { connectHistory: connectInThisThread }),
      connectRebuilder: rebuilderOf(setting),
    }),
  )
  checkpointer.start()
  return { engine, health, checkpointer }
}

/**
 * /readyz shows when the read models have caught up.
 *
 * @throws the reason why Hark cannot start, after closing everything
 */
export const startHark = async (
  settings: Settings,
  logger: Logger,
  options: StartOptions = {},
): Promise<ServingHark> => {
  await ensureDir(settings.data)
  const opened = new Opened()
  try {
    return await startParts(settings, logger, options, opened)
  } catch (error) {
    await opened.close()
    throw error
  }
}

const startParts = async (
  settings: Settings,
  logger: Logger,
  { clock = systemClock, findPortHolder, historyInThisThread = false }: StartOptions,
  opened: Opened,
): Promise<ServingHark> => {
  const { host, port, data, routers, routerGrace, tls } = settings
  const reloader = new FileReloader(clock, logger)
  const { tokens, authenticator } = await createAuthenticator(settings, reloader, logger)
  if (!authenticator.enabled && !isLoopback(host)) throw new InvalidSettings([authenticationRequired(host)])
  const keys = signingKeys(data)
  const tracer = await startTracing(process.env, logger)
  if (tracer !== undefined) opened.add(tracer)
  const { store, known } = await openLog(settings, logger, opened)
  const { engine, health, checkpointer } = startEngine(
    settings,
    { store, known, keys, logger, historyInThisThread },
    opened,
  )
  const journal = opened.add(new TokenEventLog({ store, tokens: () => tokens.entries.map(toTokenRecord), logger }))
  journal.start()
  const { startControllers } = await import('./controller/start.ts')
  const controllers = opened.add(
    await startControllers({
      engine,
      store,
      watched: watchedRouters(data, logger),
      routers: routers.map(router => reloadRouterFiles(reloader, router)),
      logger,
      clock,
      graceMs: routerGrace * 1000,
      health,
      findPortHolder,
      tracer,
    }),
  )
  // Earlier reports of routers are stale.
  await Promise.race([controllers.started(), sleep(ROUTERS_TIMEOUT_MS)])
  const server = opened.add(
    createServer({
      ...serverSettings(settings),
      engine,
      logger,
      routers: controllers.activities,
      credentialsWarning: controllers.credentialsWarning,
      signing: () => checkpointer.status,
      lastCheckpoint: () => lastCheckpoint(store),
      authenticator,
      onRejectedToken: address => journal.recordRefusal(address),
      reloads: () => reloader.states,
      tracer,
    }),
  )
  if (tls) reloadServerFiles(reloader, tls, texts => server.replaceTls(texts))
  reloader.start()
  opened.add(reloader)
  if (isOpenToOthers(data))
    logger.warn({ folder: data }, 'the data folder is readable by others: restrict it with chmod 700')
  return {
    url: await server.listen({ host, port }),
    whenReady: () => engine.whenReady(),
    reload: () => reloader.reload(),
    failed: health.failed,
    close: () => opened.close(),
  }
}
