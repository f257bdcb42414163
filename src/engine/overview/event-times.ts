import { RESOURCE_PREFIXES } from '../../../schemas/events/streams.ts'
import { MAX_DELTA, type NewTimes, type SavedTimes } from './event-times-table.ts'

const SMALLEST = 64
const LARGEST = 65_536

interface Chunk {
  readonly base: number
  deltas: Uint32Array
  length: number
  readonly before: number
}

class Times {
  unwritten: number[] = []
  readonly #chunks: Chunk[] = []
  #last = Number.NEGATIVE_INFINITY

  get first(): number {
    return this.#chunks[0]?.base ?? Number.POSITIVE_INFINITY
  }

  get last(): number {
    return this.#last
  }

  add(time: number): void {
    this.#last = Math.max(this.#last, time)
    const chunk = this.#chunkFor(this.#last)
    if (chunk.length === chunk.deltas.length) {
      const deltas = new Uint32Array(chunk.length * 2)
      deltas.set(chunk.deltas)
      chunk.deltas = deltas
    }
    chunk.deltas[chunk.length] = this.#last - chunk.base
    chunk.length += 1
  }

  /** Times one by one would slow down a start. */
  addSaved({ base, deltas }: SavedTimes): void {
    const { length } = deltas
    this.#addChunk({ base, deltas, length })
    this.#last = base + (deltas[length - 1] as number)
  }

  #chunkFor(time: number): Chunk {
    const last = this.#chunks.at(-1)
    if (last !== undefined && last.length < LARGEST && time - last.base <= MAX_DELTA) return last
    return this.#addChunk({ base: time, deltas: new Uint32Array(SMALLEST), length: 0 })
  }

  #addChunk(times: Omit<Chunk, 'before'>): Chunk {
    const last = this.#chunks.at(-1)
    const chunk = { ...times, before: last === undefined ? 0 : last.before + last.length }
    this.#chunks.push(chunk)
    return chunk
  }

  get count(): number {
    const last = this.#chunks.at(-1)
    return last === undefined ? 0 : last.before + last.length
  }

  countBefore(time: number): number {
    const place = lowest(this.#chunks.length, at => (this.#chunks[at] as Chunk).base >= time) - 1
    const chunk = this.#chunks[place]
    if (chunk === undefined) return 0
    const { base, deltas, length, before } = chunk
    return before + lowest(length, at => base + (deltas[at] as number) >= time)
  }
}

const lowest = (end: number, holds: (index: number) => boolean): number => {
  let [low, high] = [0, end]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}

export const eventNamespace = (stream: string): string | undefined => {
  const prefix = RESOURCE_PREFIXES.find(candidate => stream.startsWith(candidate))
  if (prefix === undefined) return undefined
  const dot = stream.indexOf('.', prefix.length)
  return stream.slice(prefix.length, dot === -1 ? undefined : dot)
}

/** Four bytes an event. */
export class EventTimes {
  readonly #byNamespace = new Map<string, Times>()

  load(saved: Iterable<SavedTimes>): void {
    for (const times of saved) this.#timesOf(times.namespace).addSaved(times)
  }

  note(stream: string, time: number): void {
    const namespace = eventNamespace(stream)
    if (namespace === undefined) return
    const times = this.#timesOf(namespace)
    times.add(time)
    times.unwritten.push(time)
  }

  #timesOf(namespace: string): Times {
    const known = this.#byNamespace.get(namespace)
    if (known !== undefined) return known
    const times = new Times()
    this.#byNamespace.set(namespace, times)
    return times
  }

  get namespaces(): readonly string[] {
    return [...this.#byNamespace.keys()].sort()
  }

  /** Equal for equal numbers of events, and equal first and last times, in all namespaces. */
  summary(): string {
    const times = [...this.#byNamespace].map(([name, { count, first, last }]) => [name, count, first, last])
    return JSON.stringify(times.sort(([one], [other]) => ((one as string) < (other as string) ? -1 : 1)))
  }

  span(namespaces: readonly string[] | undefined): { readonly first: number; readonly last: number } | undefined {
    const chosen = this.#chosen(namespaces)
    if (chosen.length === 0) return undefined
    return { first: Math.min(...chosen.map(({ first }) => first)), last: Math.max(...chosen.map(({ last }) => last)) }
  }

  countsBefore(namespaces: readonly string[] | undefined, times: readonly number[]): number[] {
    const chosen = this.#chosen(namespaces)
    return times.map(time => chosen.reduce((sum, of) => sum + of.countBefore(time), 0))
  }

  #chosen(namespaces: readonly string[] | undefined): Times[] {
    if (namespaces === undefined) return [...this.#byNamespace.values()]
    return [...new Set(namespaces)].flatMap(namespace => this.#byNamespace.get(namespace) ?? [])
  }

  take(): NewTimes {
    return [...this.#byNamespace].flatMap(([namespace, times]) => {
      const { unwritten } = times
      times.unwritten = []
      return unwritten.length === 0 ? [] : [[namespace, Float64Array.from(unwritten)]]
    })
  }

  putBefore(times: NewTimes): void {
    for (const [namespace, earlier] of times) {
      const known = this.#timesOf(namespace)
      known.unwritten = [...earlier, ...known.unwritten]
    }
  }

  startOver(): void {
    this.#byNamespace.clear()
  }
}
