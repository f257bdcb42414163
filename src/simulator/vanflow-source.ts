import type { Clock, Timer } from '../lib/clock.ts'
import { ATTRIBUTE, RECORD_TYPES, type RecordKind } from '../router/vanflow/record.ts'

const BEACON_MS = 10_000
const HEARTBEAT_MS = 2000
const PUSH_MS = 1000
const PARTS = 5
const PART_MS = 200
const MOST_RECORDS_A_MESSAGE = 100

export interface VanflowMessage {
  readonly subject: string
  readonly application_properties?: Readonly<Record<string, unknown>>
  readonly body?: unknown
}

type Texts = Readonly<Partial<Record<keyof typeof ATTRIBUTE, string>>>

interface SimulatedRecord {
  readonly kind: RecordKind
  readonly since: number
  readonly texts: Texts
}

const START_TIME = 3

const micros = (): number => Date.now() * 1000

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const PREFIX_LENGTH = 5

export const randomPrefix = (random: () => number): string =>
  Array.from({ length: PREFIX_LENGTH }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join('')

export class SimulatedVanflowSource {
  readonly id: string
  readonly #prefix: string
  readonly #publish: (address: string, message: VanflowMessage) => void
  readonly #clock: Clock
  readonly #records = new Map<string, SimulatedRecord>()
  readonly #unsent = new Map<string, unknown>()
  readonly #timers = new Set<Timer>()
  #count = 0

  /** @param prefix unique to each start of a router */
  constructor(prefix: string, publish: (address: string, message: VanflowMessage) => void, clock: Clock) {
    this.#clock = clock
    this.#prefix = prefix
    this.id = `${prefix}:0`
    this.#publish = publish
    this.#every(BEACON_MS, () =>
      publish('mc/sfe.all', {
        subject: 'BEACON',
        application_properties: {
          v: 1,
          sourceType: 'ROUTER',
          id: this.id,
          address: `mc/sfe.${this.id}`,
          direct: `sfe.${this.id}`,
        },
      }),
    )
    this.#every(HEARTBEAT_MS, () =>
      this.#send({
        subject: 'HEARTBEAT',
        application_properties: { v: 1, now: micros(), id: this.id },
      }),
    )
    this.#every(PUSH_MS, () => {
      const maps = [...this.#unsent.values()]
      this.#unsent.clear()
      this.#publishRecords(maps)
    })
  }

  #every(ms: number, work: () => void): void {
    this.#timers.add(this.#clock.setInterval(work, ms))
  }

  #send(message: VanflowMessage): void {
    this.#publish(`mc/sfe.${this.id}`, message)
  }

  #publishRecords(maps: readonly unknown[]): void {
    for (let at = 0; at < maps.length; at += MOST_RECORDS_A_MESSAGE) {
      const part = maps.slice(at, at + MOST_RECORDS_A_MESSAGE)
      this.#send({ subject: 'RECORD', application_properties: { v: 1 }, body: part })
    }
  }

  begin(kind: RecordKind, texts: Texts): string {
    const identity = `${this.#prefix}:${this.#count}`
    this.#count += 1
    const record = { kind, since: micros(), texts }
    this.#records.set(identity, record)
    this.#unsent.set(identity, this.#map(identity, record))
    return identity
  }

  end(identity: string): void {
    const record = this.#records.get(identity)
    if (record === undefined) return
    this.#records.delete(identity)
    this.#unsent.set(
      identity,
      new Map<number, unknown>([
        [ATTRIBUTE.type, RECORD_TYPES[record.kind]],
        [ATTRIBUTE.identity, identity],
        [ATTRIBUTE.endTime, micros()],
      ]),
    )
  }

  flush(): void {
    const maps = [...this.#records].map(([identity, record]) => this.#map(identity, record))
    for (let part = 0; part < PARTS; part += 1) {
      const timer = this.#clock.setTimeout(
        () => {
          this.#timers.delete(timer)
          this.#publishRecords(maps.filter((_, index) => index % PARTS === part))
        },
        (part + 1) * PART_MS,
      )
      this.#timers.add(timer)
    }
  }

  #map(identity: string, { kind, since, texts }: SimulatedRecord): unknown {
    return new Map<number, unknown>([
      [ATTRIBUTE.type, RECORD_TYPES[kind]],
      [ATTRIBUTE.identity, identity],
      [START_TIME, since],
      ...Object.entries(texts).map(([name, text]) => [ATTRIBUTE[name as keyof Texts], text] as const),
    ])
  }

  stop(): void {
    for (const timer of this.#timers) timer.cancel()
  }
}
