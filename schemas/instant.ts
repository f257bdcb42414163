const WRITTEN =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?(?:([Zz])|([+-])(\d{2}):(\d{2}))?)?$/

const MINUTE_MS = 60_000

/** Returns milliseconds since 1970, or undefined for invalid dates such as 31 February. The default zone is UTC. */
export const readInstant = (text: string): number | undefined => {
  const found = WRITTEN.exec(text)
  if (found === null) return undefined
  const [
    ,
    year,
    month,
    day,
    hour = '0',
    minute = '0',
    second = '0',
    fraction = '',
    ,
    sign,
    zoneHour = '0',
    zoneMinute = '0',
  ] = found
  const [y, m, d, h, min, s] = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const local = Date.UTC(y, m - 1, d, h, min, s)
  const shown = new Date(local)
  const isReal =
    shown.getUTCFullYear() === y &&
    shown.getUTCMonth() === m - 1 &&
    shown.getUTCDate() === d &&
    h < 24 &&
    min < 60 &&
    s < 60
  if (!isReal || Number(zoneHour) > 23 || Number(zoneMinute) > 59) return undefined
  const offset = (sign === '-' ? -1 : 1) * (60 * Number(zoneHour) + Number(zoneMinute)) * MINUTE_MS
  return local + Number(fraction.padEnd(3, '0').slice(0, 3)) - offset
}
