import type { Client } from './client.ts'
import { serverName } from './errors.ts'

export const connectionNotes = ({ server }: Client, note: (line: string) => void) => {
  let away: string | undefined
  return {
    lost: (reason: string) => {
      if (away !== reason) note(`The connection to ${serverName(server)} is lost (${reason}): trying again.`)
      away = reason
    },
    connected: () => {
      if (away !== undefined) note(`Connected to ${serverName(server)} again.`)
      away = undefined
    },
  }
}
