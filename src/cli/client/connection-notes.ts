import type { Client } from './client.ts'
import { serverName } from './errors.ts'

/** Tells people when a long connection is lost and when it is back, once each. */
export const connectionNotes = ({ server }: Client, note: (line: string) => void) => {
  let away = false
  return {
    lost: () => {
      if (!away) note(`The connection to ${serverName(server)} is lost: trying again.`)
      away = true
    },
    connected: () => {
      if (away) note(`Connected to ${serverName(server)} again.`)
      away = false
    },
  }
}
