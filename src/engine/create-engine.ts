import type { EventStore } from '../event-store/event-store.ts'
import { Health } from '../lib/health.ts'
import type { Logger } from '../lib/logger.ts'
import { createApply } from './commands/apply-manifests.ts'
import { CommandHandler } from './commands/command-handler.ts'
import { createDryRun } from './commands/dry-run.ts'
import { EndpointDetours } from './commands/endpoint-detours.ts'
import { EndpointReservations } from './commands/endpoint-reservations.ts'
import { MaintenanceLog } from './commands/maintenance-log.ts'
import { RejectedCommandLog } from './commands/rejected-command-log.ts'
import { ReservationSweeper } from './commands/reservation-sweeper.ts'
import type { Engine } from './engine.ts'
import { createBisect } from './history/bisect.ts'
import { createCompaction } from './history/compaction/compaction.ts'
import { History } from './history/history.ts'
import { createMoments } from './history/moments.ts'
import { type LastWatched, ObservedTime } from './history/observed-time.ts'
import { createPast } from './history/past.ts'
import { type ConnectHistory, Recorder } from './history/recorder.ts'
import { PastChanges } from './history/row-changes.ts'
import { createStateChanges } from './history/state-diff.ts'
import { createTimeline } from './history/timeline/timeline.ts'
import { createEventDensity } from './overview/event-density.ts'
import { createLanes } from './overview/lanes.ts'
import { createStatusChanges } from './overview/status-changes.ts'
import { LogReader } from './queries/log-reader.ts'
import { createReadSide } from './queries/read-side.ts'
import { PROJECTIONS } from './read-models/projections.ts'
import { Projector } from './read-models/projector.ts'
import { ReadModels } from './read-models/read-models.ts'
import { DeferredHistory } from './rebuild/deferred-history.ts'
import { Rebuild } from './rebuild/rebuild.ts'
import type { ConnectRebuilder } from './rebuild/types.ts'
import { createAuditReports } from './reports/audit-report.ts'
import { ChangeFeed } from './subscriptions/change-feed.ts'
import { createWatches } from './subscriptions/watches.ts'

const DEFAULT_TIMEOUT_MS = 10_000
/** Noting their history takes a tenth of a second. */
const DEFAULT_MOST_NOTED = 5_000

export interface EngineOptions {
  /** Must be open; the engine does not close it. */
  readonly store: EventStore
  /** Created if missing; may be deleted while no engine runs. */
  readonly readModelFile: string
  readonly logger: Logger
  /** Timeout of a command; 10 s by default. */
  readonly timeoutMs?: number
  readonly projections?: typeof PROJECTIONS
  /** Evidence of events, which makes an empty log an error. */
  readonly knownEvents?: string | undefined
  readonly health?: Health
  readonly lastWatched?: LastWatched
  /** Opens the history; by default in a thread of its own. */
  readonly connectHistory?: ConnectHistory
  /** Without it the read models cannot be rebuilt while the engine runs. */
  readonly connectRebuilder?: ConnectRebuilder
  /** The history of more events is made after the read models are ready, if they can be rebuilt; 5,000 by default. */
  readonly mostNoted?: number
}

/** Serves the saved read models while catching up. */
export const createEngine = (options: EngineOptions): Engine => {
  const {
    store,
    readModelFile,
    logger,
    timeoutMs = DEFAULT_TIMEOUT_MS,
    projections = PROJECTIONS,
    lastWatched,
  } = options
  const { health = new Health() } = options
  const fail = (reason: string): void => {
    logger.fatal({ reason }, 'the engine must be restarted')
    health.fail(reason)
  }
  const recorder = new Recorder(options.connectHistory)
  const models = new ReadModels(readModelFile, recorder, projections, {
    onDamage: error => logger.warn({ error }, 'the read models are corrupted: rebuilding them from the log'),
    onOtherLayout: () => logger.warn('the read models have an older layout: rebuilding them from the log'),
    onFailure: fail,
  })
  const projector = new Projector({
    store,
    models,
    logger,
    timeoutMs,
    ...(options.knownEvents && { knownEvents: options.knownEvents }),
  })
  projector.onStop(() => health.fail(`the read models have stopped: ${projector.stopped?.reason}`))
  const feed = new ChangeFeed(projector, logger)
  const endpoints = new EndpointReservations(store)
  const handler = new CommandHandler({ store, models, projector, endpoints, timeoutMs })
  const detours = new EndpointDetours(handler, models)
  const sweeper = new ReservationSweeper({ models, endpoints, detours, logger })
  const { connectRebuilder } = options
  const maintenance = new MaintenanceLog(store, logger)
  const rebuild = new Rebuild({
    file: readModelFile,
    models,
    recorder,
    projector,
    logger,
    maintenance,
    connectRebuilder,
  })
  const { mostNoted = connectRebuilder ? DEFAULT_MOST_NOTED : Number.POSITIVE_INFINITY } = options
  const deferred = new DeferredHistory({ models, recorder, projector, rebuild, logger, timeoutMs, mostNoted })
  const history = new History(models, recorder, () => deferred.whenWhole())
  const observed = new ObservedTime(models, history, projector, lastWatched)
  const rejections = new RejectedCommandLog(store, logger)
  const log = new LogReader(store, history)
  const moments = createMoments(log, history, projector, observed)
  const { positionOf, momentAt, windowOf, timesOf } = moments
  const pastChanges = new PastChanges(history, models)
  const changes = createStateChanges(pastChanges, log)
  const audit = createAuditReports({ store, models, log, windowOf, history, observed })
  const read = createReadSide(models, projector, store, log, {
    kept: () => history.kept,
    past: createPast(history, observed, moments),
    timeline: createTimeline(history, observed, moments),
    bisect: createBisect(history, windowOf),
    changes,
    audit,
    namespaces: () => recorder.times.namespaces,
    density: createEventDensity(recorder.times, timesOf),
    lanes: createLanes({ history, observed, times: recorder.times, timesOf, positionOf }),
    ...createStatusChanges({ history, observed, log, timesOf, positionOf, reached: at => projector.reached(at) }),
  })

  projector.start()
  const swept = projector.whenReady().then(() => sweeper.start())
  // Failures are logged, and whenReady() rejects.
  swept.catch(() => undefined)

  return {
    execute: handler.execute.bind(handler) as Engine['execute'],
    dryRun: createDryRun({ handler, models }),
    apply: createApply({ handler, models, detours }),
    refused: command => rejections.write(command),
    read,
    watch: createWatches({ models, read, feed, log, past: pastChanges, positionOf, momentAt }),
    readModels: {
      get serving() {
        return models.serving
      },
      onProjected: (observer, onFailure) => projector.onProjected(observer, onFailure),
      onBatch: observer => projector.onBatch(observer),
      onSwap: (observer, onFailure) => projector.onSwap(observer, onFailure),
      reached: position => projector.reached(position),
    },
    compact: createCompaction({ models, recorder, history, projector, rebuild, logger, maintenance }),
    rebuild,
    status: () => ({
      ready: projector.ready,
      live: projector.live,
      position: projector.head.position,
      rebuilding: models.rebuilding.map(([, { projection }]) => projection.name),
      ...(projector.stopped && { stopped: projector.stopped.reason }),
      ...(health.reason !== undefined && { failed: health.reason }),
      ...(store.readOnlyReason !== undefined && { unwritable: store.readOnlyReason }),
    }),
    whenReady: () => projector.whenReady().then(() => swept),
    close: async () => {
      deferred.close()
      await rebuild.close()
      feed.close()
      await sweeper.close()
      await rejections.close()
      await projector.close()
      await models.close()
    },
  }
}
