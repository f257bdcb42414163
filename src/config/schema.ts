import { z } from 'zod'
import { hostName } from '../../schemas/resources/names.ts'
import { mismatch, mustBe } from '../../schemas/validation.ts'
import { limits } from './limits.ts'
import { routers } from './router-settings.ts'
import {
  graphiqlSetting,
  jwtSetting,
  newLogSetting,
  originsSetting,
  proxiesSetting,
  tlsSetting,
} from './server-settings.ts'
import { SETTINGS, type SettingName } from './settings.ts'
import { keyValueList, toNumber, withoutPassword } from './values.ts'

const PORT = mustBe('a port (0 to 65535; 0 takes one that is free)', 'number')
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
const LOG_FORMATS = ['numbers', 'words'] as const
const ON_FAILURE = ['exit', 'serve'] as const
/** Metrics are rendered in one turn of the event loop, 10 ms for each 1,000 listeners. */
const MOST_LISTENERS = 3000
const LISTENERS = mustBe(`a whole number from 0 to ${MOST_LISTENERS}`, 'number')
const FOLDER = mustBe('the path of a folder', 'string')

export type StoreSetting =
  | { readonly kind: 'sqlite'; readonly file: string }
  | { readonly kind: 'eventstoredb'; readonly connectionString: string }

const seconds = (most: number, byDefault: number) => {
  const wrong = mustBe(`a number of seconds (1 to ${most})`, 'number')
  return z.preprocess(toNumber, z.int(wrong).min(1, wrong).max(most, wrong)).default(byDefault)
}

const store = z.unknown().transform((value, context): StoreSetting => {
  const text = typeof value === 'string' ? value : ''
  const file = /^sqlite:(?!\/\/)(.+)$/.exec(text)?.[1]
  if (file !== undefined) return { kind: 'sqlite', file }
  if (/^esdb(\+discover)?:\/\/./.test(text)) return { kind: 'eventstoredb', connectionString: text }
  const found = typeof value === 'string' ? withoutPassword(value) : value
  context.addIssue(mismatch(found, 'a store (sqlite:PATH or esdb://…)', 'string'))
  return z.NEVER
})

export const settingsSchema = z.object({
  host: hostName.default(SETTINGS.host.default),
  port: z.preprocess(toNumber, z.int(PORT).min(0, PORT).max(65_535, PORT)).default(SETTINGS.port.default),
  data: z.string(FOLDER).min(1, FOLDER).default(SETTINGS.data.default),
  store: store.optional(),
  newLog: newLogSetting,
  router: routers,
  routerGrace: seconds(3600, SETTINGS.routerGrace.default),
  checkpointSeconds: seconds(86_400, SETTINGS.checkpointSeconds.default),
  onFailure: z.enum(ON_FAILURE, mustBe('exit or serve', 'string')).default(SETTINGS.onFailure.default),
  jwt: jwtSetting,
  tls: tlsSetting,
  limits: keyValueList('limits (NAME=NUMBER)').pipe(limits),
  graphiql: graphiqlSetting,
  corsOrigins: originsSetting,
  trustedProxies: proxiesSetting,
  listenerMetrics: z
    .preprocess(toNumber, z.int(LISTENERS).min(0, LISTENERS).max(MOST_LISTENERS, LISTENERS))
    .default(SETTINGS.listenerMetrics.default),
  logLevel: z
    .enum(LOG_LEVELS, mustBe(`a log level (one of ${LOG_LEVELS.join(', ')})`, 'string'))
    .default(SETTINGS.logLevel.default),
  logFormat: z.enum(LOG_FORMATS, mustBe('numbers or words', 'string')).default(SETTINGS.logFormat.default),
} satisfies Record<SettingName, z.ZodType>)
