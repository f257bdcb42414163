import type { Client } from './client.ts'
import { serverName } from './errors.ts'

/** Tells people when and why a long connection is lost, and when it is back: once each, and again where the reason is another. */
export const connectionNotes = ({ server }: Client, note: (line: string) => void) => {
  let away: string | undefined
  return {
    lost: (reason: string) => {
      if (away !== reason) note(`The connection to ${serverName(server)} is lost (${reason}): trying again.`)
      away = reason
    },
    /** Something has come over it: that alone it is good for. */
    connected: () => {
      if (away !== undefined) note(`Connected to ${serverName(server)} again.`)
      away = undefined
    },
  }
}
