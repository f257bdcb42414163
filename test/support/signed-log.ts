import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createEngine } from '../../src/engine/create-engine.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { connectInThisThread } from '../../src/engine/history/recorder.ts'
import type { EventStore } from '../../src/event-store/event-store.ts'
import { openSqliteEventStore } from '../../src/event-store/sqlite/store.ts'
import { CHECKPOINTS_FILE, Checkpointer } from '../../src/integrity/checkpoints/checkpointer.ts'
import { type ChainedStore, chainedStore } from '../../src/integrity/hash-chain/hash-chained-store.ts'
import { KeyFiles } from '../../src/integrity/keys/key-files.ts'
import {
  readStoredState,
  type VerificationResult,
  type VerifyLogOptions,
  verifyLog,
} from '../../src/integrity/verify/verify.ts'
import { silentLogger } from '../fakes/silent-logger.ts'
import { createListener, updatePort } from './commands.ts'
import { scratchFolder } from './scratch-folder.ts'
import { ALICE } from './test-engine.ts'

/** So long that only the shutdown signs a checkpoint. */
const NEVER_MS = 1_000_000_000

export interface Running {
  readonly store: ChainedStore
  readonly engine: Engine
}

/** A signed SQLite log in a scratch folder. */
export class SignedLog implements AsyncDisposable {
  readonly #folder: AsyncDisposable & { readonly path: string }

  private constructor(folder: AsyncDisposable & { readonly path: string }) {
    this.#folder = folder
  }

  static async create(): Promise<SignedLog> {
    return new SignedLog(await scratchFolder())
  }

  get folder(): string {
    return this.#folder.path
  }

  get eventFile(): string {
    return join(this.folder, 'events.db')
  }

  get keys(): KeyFiles {
    return new KeyFiles(this.folder)
  }

  get checkpointFile(): string {
    return join(this.folder, CHECKPOINTS_FILE)
  }

  /** Runs an engine during `work`; its shutdown signs a checkpoint. */
  async run(work: (running: Running) => Promise<unknown>, everyMs = NEVER_MS): Promise<void> {
    const store = chainedStore(openSqliteEventStore({ file: this.eventFile }))
    const { checkpointFile, keys } = this
    const checkpointer = new Checkpointer({ store, keys, checkpointFile, everyMs, logger: silentLogger })
    checkpointer.start()
    const engine = createEngine({
      store,
      readModelFile: join(this.folder, 'read-models.db'),
      logger: silentLogger,
      connectHistory: connectInThisThread,
    })
    try {
      await engine.whenReady()
      await work({ store, engine })
    } finally {
      await engine.close()
      await checkpointer.close()
      await store.close()
    }
  }

  /** Creates listeners and changes their ports, in two checkpoints. */
  async fill(): Promise<void> {
    const create = ({ engine }: Running, name: string) => engine.execute(createListener(name), { caller: ALICE })
    const move = ({ engine }: Running, name: string, port: number) =>
      engine.execute(updatePort(name, port), { caller: ALICE })
    await this.run(async running => {
      for (const name of ['a', 'b', 'c']) await create(running, name)
      for (const port of [1, 2, 3]) for (const name of ['a', 'b']) await move(running, name, port)
    })
    await this.run(async running => {
      await create(running, 'd')
      for (const port of [11, 12, 13]) for (const name of ['a', 'c']) await move(running, name, port)
    })
  }

  async withStore<T>(work: (store: EventStore) => Promise<T>, access: 'read' | 'write' = 'read'): Promise<T> {
    const store = openSqliteEventStore({ file: this.eventFile, access })
    try {
      return await work(store)
    } finally {
      await store.close()
    }
  }

  /** Requires that no engine runs. */
  audit(
    options: Partial<VerifyLogOptions> & { readonly checkpointFile?: string | undefined } = {},
  ): Promise<VerificationResult> {
    const publicKey = this.keys.read()?.public
    const { checkpointFile, ...others } = { checkpointFile: this.checkpointFile, ...options }
    const stored = checkpointFile === undefined ? undefined : readStoredState(checkpointFile)
    const given = { publicKey, stored, onProgress: () => {}, signal: new AbortController().signal, ...others }
    return this.withStore(store => verifyLog(store, given))
  }

  /** Tampers with the file. */
  damage(sql: string): void {
    const database = new DatabaseSync(this.eventFile)
    try {
      database.exec(sql)
    } finally {
      database.close()
    }
  }

  positionsOf(stream: string): number[] {
    const database = new DatabaseSync(this.eventFile)
    try {
      return database
        .prepare('SELECT position FROM events WHERE stream = ? ORDER BY position')
        .all(stream)
        .map(({ position }) => Number(position))
    } finally {
      database.close()
    }
  }

  files(): Promise<string[]> {
    return readdir(this.folder)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#folder[Symbol.asyncDispose]() as Promise<void>
  }
}
