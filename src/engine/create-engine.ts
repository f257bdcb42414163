import type { Command } from '../../schemas/commands.ts'
import type { EventStore } from '../event-store/event-store.ts'
import { Health } from '../lib/health.ts'
import type { Logger } from '../lib/logger.ts'
import { createApply } from './commands/apply-manifests.ts'
import { CommandHandler } from './commands/command-handler.ts'
import { Detours } from './commands/detours.ts'
import { EndpointReservations } from './commands/endpoint-reservations.ts'
import { RejectedCommandLog } from './commands/rejected-command-log.ts'
import { ReservationSweeper } from './commands/reservation-sweeper.ts'
import type { CommandOptions } from './commands/types.ts'
import type { Engine } from './engine.ts'
import { type LastWatched, ObservedTime } from './history/observed-time.ts'
import { PastChanges } from './history/row-changes.ts'
import { createStateChanges } from './history/state-diff.ts'
import { createPast, queryAsOf } from './history/time-travel.ts'
import { LogReader } from './queries/log-reader.ts'
import { createReadSide } from './queries/read-side.ts'
import { Projector } from './read-models/projector.ts'
import { PROJECTIONS, ReadModels } from './read-models/read-models.ts'
import { createAuditReports } from './reports/audit-report.ts'
import { ChangeFeed } from './subscriptions/change-feed.ts'
import { createWatches } from './subscriptions/watches.ts'

/** How long a command may take until the read side shows it, unless told otherwise. */
const PATIENCE_MS = 10_000

export interface EngineOptions {
  /** Open; the engine does not close it. */
  readonly store: EventStore
  /** The path of the read models' database, made where it is not there; it may be deleted while no engine runs on it. */
  readonly readModelFile: string
  readonly logger: Logger
  /** Within this time a command is answered, whatever the store does. */
  readonly patienceMs?: number
  /** The projections to keep, where they are to be others than Hark's own: of another version, say. */
  readonly projections?: typeof PROJECTIONS
  /** What knows of events in the log: it must not be empty then. */
  readonly knownEvents?: string | undefined
  /** Told where only another start of the engine helps. */
  readonly health?: Health
  /** Where no engine follows this log: what is known of when routers were watched last. */
  readonly lastWatched?: LastWatched
}

/** Starts an engine on an open store. It answers at once, from what the read models knew when they were last written. */
export const createEngine = (options: EngineOptions): Engine => {
  const { store, readModelFile, logger, patienceMs = PATIENCE_MS, projections = PROJECTIONS, lastWatched } = options
  const { health = new Health() } = options
  const fail = (reason: string): void => {
    logger.fatal({ reason }, 'only another start can help')
    health.fail(reason)
  }
  const models = new ReadModels(readModelFile, projections, {
    onDamage: error => logger.warn({ error }, 'the read models are damaged: building them anew from the log'),
    onFailure: fail,
  })
  const projector = new Projector({
    store,
    models,
    logger,
    patienceMs,
    ...(options.knownEvents && { knownEvents: options.knownEvents }),
  })
  projector.onStop(() => health.fail(`the read models have stopped: ${projector.stopped?.reason}`))
  const feed = new ChangeFeed(projector, logger)
  const endpoints = new EndpointReservations(store)
  const handler = new CommandHandler({ store, models, projector, endpoints, timeoutMs: patienceMs })
  const detours = new Detours(handler, models)
  const keeper = new ReservationSweeper({ models, endpoints, detours, logger })
  const ask = queryAsOf(models)
  const observed = new ObservedTime(models, projector, lastWatched)
  const refusals = new RejectedCommandLog(store, logger)
  const log = new LogReader(store, models)
  const { positionOf, momentAt, windowOf, ...past } = createPast(log, models, projector, observed, ask)
  const pastChanges = new PastChanges(ask, models)
  const changes = createStateChanges(pastChanges, log)
  const audit = createAuditReports({ store, models, log, windowOf, ask, observed })
  const read = createReadSide(models, projector, store, log, { ...past, changes, audit })

  projector.start()
  const kept = projector.whenReady().then(() => keeper.start())
  // Whoever waits is told; where nobody does, the log is.
  kept.catch(() => undefined)

  return {
    execute: ((command: Command, commandOptions: CommandOptions) =>
      handler.execute(command, commandOptions)) as Engine['execute'],
    apply: createApply({ handler, models, detours }),
    refused: command => refusals.write(command),
    read,
    watch: createWatches({
      models,
      read,
      feed,
      log,
      past: pastChanges,
      positionOf,
      momentAt,
    }),
    readModels: {
      get serving() {
        return models.serving
      },
      onProjected: (observer, onFailure) => projector.onProjected(observer, onFailure),
      onSwap: (observer, onFailure) => projector.onSwap(observer, onFailure),
      reached: position => projector.reached(position),
    },
    status: () => ({
      ready: projector.ready,
      live: projector.live,
      position: projector.head.position,
      rebuilding: models.rebuilding.map(([, { projection }]) => projection.name),
      ...(projector.stopped && { stopped: projector.stopped.reason }),
      ...(health.reason !== undefined && { failed: health.reason }),
      ...(store.readOnlyReason !== undefined && { unwritable: store.readOnlyReason }),
    }),
    whenReady: () => projector.whenReady().then(() => kept),
    close: async () => {
      feed.close()
      await keeper.close()
      await refusals.close()
      await projector.close()
      await models.close()
    },
  }
}
