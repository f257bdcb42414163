import { AsyncLocalStorage } from 'node:async_hooks'
import type { Readable, Writable } from 'node:stream'

type Input = Readable & { readonly isTTY?: boolean }
export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number }

/** Tests inject these. */
export interface Io {
  readonly stdin: Input
  readonly stdout: Output
  readonly stderr: Output
  readonly env: NodeJS.ProcessEnv
  readonly signal?: AbortSignal
  readonly now?: () => Date
}

const current = new AsyncLocalStorage<Io>()

export const io = (): Io => current.getStore() ?? process

export const clock = (): Date => current.getStore()?.now?.() ?? new Date()

export const withIo = <T>(of: Io, run: () => Promise<T>): Promise<T> => current.run(of, run)
