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

/** Asks for a token, unless another one has replaced the rejected one meanwhile. */
export const rejectToken = (rejected: string | undefined): void => {
  if (token.peek() === rejected) isTokenRequired.value = true
}

export const signOut = (): void => {
  sessionStorage.removeItem(KEY)
  token.value = undefined
}
