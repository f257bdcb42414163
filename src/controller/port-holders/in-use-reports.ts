import type { Clock } from '../../lib/clock.ts'
import { printable } from '../../lib/printable.ts'
import type { EntityReport } from '../reports/entity-report.ts'
import type { FindPortHolder, PortHolder } from './port-holder.ts'

const SEARCH_MS = 500
const IN_USE = /^Address already in use - listen on (\S+):(\d+)$/

interface Search {
  readonly message: string
  isDone: boolean
  holder: PortHolder | undefined
}

interface InUseReportsOptions {
  readonly find: FindPortHolder
  readonly clock: Pick<Clock, 'setTimeout'>
  readonly onFound: (listener: string) => void
}

/** Adds which process holds an address in use, as of one search for each failure. */
export class InUseReports {
  readonly #options: InUseReportsOptions
  readonly #searches = new Map<string, Search>()

  constructor(options: InUseReportsOptions) {
    this.#options = options
  }

  /** `undecided`: a search is under way. */
  amend(listener: string, report: EntityReport): EntityReport | 'undecided' {
    const [, host, port] = (report.state === 'failed' && IN_USE.exec(report.message)) || []
    if (host === undefined) {
      this.#searches.delete(listener)
      return report
    }
    const search = this.#searchFor(listener, report.message, { host: unbracketed(host), port: Number(port) })
    if (!search.isDone) return 'undecided'
    return search.holder === undefined ? report : { ...report, message: `${report.message} ${heldBy(search.holder)}` }
  }

  remove(listener: string): void {
    this.#searches.delete(listener)
  }

  #searchFor(listener: string, message: string, endpoint: { host: string; port: number }): Search {
    const known = this.#searches.get(listener)
    if (known?.message === message) return known
    const search: Search = { message, isDone: false, holder: undefined }
    this.#searches.set(listener, search)
    void this.#run(listener, search, endpoint)
    return search
  }

  async #run(listener: string, search: Search, endpoint: { host: string; port: number }): Promise<void> {
    const { find, clock, onFound } = this.#options
    const late = new AbortController()
    const timeout = Promise.withResolvers<undefined>()
    const timer = clock.setTimeout(() => {
      late.abort()
      timeout.resolve(undefined)
    }, SEARCH_MS)
    search.holder = await Promise.race([find(endpoint, late.signal), timeout.promise]).catch(() => undefined)
    timer.cancel()
    search.isDone = true
    if (this.#searches.get(listener) === search) onFound(listener)
  }
}

const unbracketed = (host: string): string => host.replace(/^\[(.*)\]$/, '$1')

const heldBy = ({ name, pid }: PortHolder): string => `(held by ${printable(name)}, process ${pid})`
