import { io } from '../io.ts'
import { formatDuration } from './time.ts'

const WIDTH = 30
const REDRAW_MS = 100

const bar = (share: number): string => {
  const filled = Math.round(share * WIDTH)
  return `[${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}]`
}

export class Progress {
  readonly #title: string
  readonly #begin = performance.now()
  readonly #stderr = io().stderr
  readonly #isShown = this.#stderr.isTTY === true
  #drawnAt = Number.NEGATIVE_INFINITY

  constructor(title: string) {
    this.#title = title
  }

  show(done: number, total: number, count?: { readonly number: number; readonly of: string }): void {
    const now = performance.now()
    if (!this.#isShown || now - this.#drawnAt < REDRAW_MS) return
    this.#drawnAt = now
    const share = total === 0 ? 1 : Math.min(1, done / total)
    const elapsed = now - this.#begin
    const left = share > 0 ? `, ${formatDuration((elapsed / share) * (1 - share))} left` : ''
    const rate = count === undefined ? '' : `, ${Math.round((count.number / elapsed) * 1000)} ${count.of}/s`
    this.#stderr.write(`\r\x1b[K${this.#title} ${bar(share)} ${Math.floor(share * 100)} %${rate}${left}`)
  }

  count(number: number, of: string): void {
    const now = performance.now()
    if (!this.#isShown || now - this.#drawnAt < REDRAW_MS) return
    this.#drawnAt = now
    this.#stderr.write(`\r\x1b[K${this.#title}: ${number} ${of}`)
  }

  end(): void {
    if (this.#isShown && Number.isFinite(this.#drawnAt)) this.#stderr.write('\r\x1b[K')
  }
}
