import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from '../../client/client.ts'
import {
  ListenerChangesDocument,
  type ListenerChangesSubscription,
  type ListenerFragment,
} from '../../client/generated.ts'
import { follow } from '../../client/subscribe.ts'
import { CliError } from '../../errors.ts'
import { dim, statusColour } from '../../output/colour.ts'
import { print } from '../../output/print.ts'

const STEP_TIMEOUT_MS = 30_000
const TIME_WIDTH = 7
const STATUS_WIDTH = 9

export class Narrator {
  readonly #startedAt = performance.now()
  readonly #end = new AbortController()
  #latest: ListenerFragment | null = null
  readonly #waiting: (() => void)[] = []
  readonly #following: Promise<void>
  #printed = ''
  readonly durations = new Map<string, number>()
  #since: { readonly status: string; readonly at: number } | undefined

  constructor(client: Client, namespace: string, name: string) {
    const request = { query: ListenerChangesDocument.query, variables: { namespace, name } }
    const follower = {
      next: (value: ListenerChangesSubscription) => this.#onChange(value),
      lost: () => undefined,
    }
    this.#following = follow(client, request, follower, this.#end.signal)
    // `until` then times out.
    this.#following.catch(() => undefined)
  }

  #onChange({ change: { listener } }: ListenerChangesSubscription): void {
    this.#latest = listener
    if (listener !== null) this.#print(listener)
    for (const wake of this.#waiting.splice(0)) wake()
  }

  #print({ metadata, spec, status, matchingConnectors }: ListenerFragment): void {
    const by = matchingConnectors.map(({ name, site }) => `${name ?? 'one'} at ${site ?? 'an unknown site'}`)
    const matched = by.length === 0 ? '' : `, matched by ${by.join(' and ')}`
    const where = `generation ${metadata.generation}, ${spec.host}:${spec.port}${matched}`
    const text = `${status.status} ${status.message} ${where}`
    if (text === this.#printed) return
    this.#printed = text
    this.#count(status.status)
    this.narrate(`${statusColour(status.status.padEnd(STATUS_WIDTH))}${status.message}  ${dim(where)}`)
  }

  #count(status: string): void {
    const now = performance.now()
    if (this.#since !== undefined) {
      const { status: before, at } = this.#since
      this.durations.set(before, (this.durations.get(before) ?? 0) + now - at)
    }
    this.#since = { status, at: now }
  }

  narrate(line: string): void {
    const seconds = ((performance.now() - this.#startedAt) / 1000).toFixed(1)
    print(`${dim(`${seconds} s`.padStart(TIME_WIDTH))}  ${line}`)
  }

  async until(what: string, predicate: (listener: ListenerFragment) => boolean, signal: AbortSignal): Promise<void> {
    const since = performance.now()
    for (;;) {
      if (this.#latest !== null && predicate(this.#latest)) return
      const left = since + STEP_TIMEOUT_MS - performance.now()
      if (left <= 0) throw new CliError(`the listener did not become ${what} within ${STEP_TIMEOUT_MS / 1000} s`)
      await this.#nextChange(left, signal)
    }
  }

  async #nextChange(withinMs: number, signal: AbortSignal): Promise<void> {
    const { promise: woken, resolve } = Promise.withResolvers<void>()
    this.#waiting.push(resolve)
    const end = new AbortController()
    const late = pause(withinMs, undefined, { signal: AbortSignal.any([signal, end.signal]) })
    await Promise.race([woken, late]).finally(() => end.abort())
    await late.catch(() => signal.throwIfAborted())
  }

  async close(): Promise<void> {
    if (this.#since !== undefined) this.#count(this.#since.status)
    this.#end.abort()
    await this.#following.catch(() => undefined)
  }
}
