import { signal } from '@preact/signals'

const KEY = 'hark.token'

/** Sent with each request; kept for this tab only. */
export const token = signal<string | undefined>(sessionStorage.getItem(KEY) ?? undefined)

export const isTokenRequired = signal(false)

export const signIn = (value: string): void => {
  sessionStorage.setItem(KEY, value)
  token.value = value
  isTokenRequired.value = false
}

export const signOut = (): void => {
  sessionStorage.removeItem(KEY)
  token.value = undefined
}
