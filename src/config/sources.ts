import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { decodeUtf8 } from '../lib/utf8.ts'
import { flagName, SETTING_NAMES, SETTINGS, type SettingName, variableName } from './settings.ts'

const FILE = 'hark.yaml'
const OTHER_VARIABLES = /^HARK_(SERVER|TOKEN|NAMESPACE|CONTEXT|TEST_.*)$/

interface GivenSetting {
  readonly value: unknown
  readonly from: string
  readonly base: string
}

type GivenSettings = Partial<Record<SettingName, GivenSetting>>

const fromFlags = (flags: Partial<Record<SettingName, unknown>>): GivenSettings =>
  Object.fromEntries(
    SETTING_NAMES.filter(name => flags[name] !== undefined).map(name => [
      name,
      { value: flags[name], from: flagName(name), base: '.' },
    ]),
  )

/** An empty variable counts as not set. */
const fromEnvironment = (env: NodeJS.ProcessEnv, errors: string[]): GivenSettings => {
  const known = new Map(SETTING_NAMES.map(name => [variableName(name), name]))
  const settings: GivenSettings = {}
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith('HARK_') || OTHER_VARIABLES.test(variable)) continue
    const name = known.get(variable)
    if (name === undefined) {
      errors.push(`${variable} is not a setting: settings are ${[...known.keys()].join(', ')}`)
    } else if (value !== '') {
      settings[name] = { value, from: variable, base: '.' }
    }
  }
  return settings
}

const readText = (path: string, errors: string[]): string => {
  try {
    return decodeUtf8(readFileSync(path))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT') errors.push(`${path} cannot be read: ${message}`)
    return ''
  }
}

/** Most data folders have no such file. */
const loadYaml = (): typeof import('yaml') => createRequire(import.meta.url)('yaml')

const fromFile = (data: string, errors: string[]): GivenSettings => {
  const path = join(data, FILE)
  const text = readText(path, errors)
  if (text === '') return {}
  const { isMap, isNode, isScalar, LineCounter, parseDocument } = loadYaml()
  const names = SETTING_NAMES.filter(name => name !== 'data')
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const at = (offset: number): string => `${path}:${lines.linePos(offset).line}`
  errors.push(...document.errors.map(error => `${at(error.pos[0])}: ${error.message}`))
  if (document.errors.length > 0 || document.contents === null) return {}
  if (!isMap(document.contents)) {
    errors.push(`${path}: must be a map of settings`)
    return {}
  }
  const settings: GivenSettings = {}
  for (const { key, value } of document.contents.items) {
    const name = names.find(known => isScalar(key) && key.value === known)
    const location = isScalar(key) && key.range ? at(key.range[0]) : path
    if (name === undefined) {
      errors.push(`${location}: ${key} is not a setting: settings are ${names.join(', ')}`)
    } else {
      settings[name] = { value: isNode(value) ? value.toJS(document) : value, from: `${location}: ${name}`, base: data }
    }
  }
  return settings
}

export const readSources = (
  flags: Partial<Record<SettingName, unknown>>,
  env: NodeJS.ProcessEnv,
  errors: string[],
): GivenSettings => {
  const given = { ...fromEnvironment(env, errors), ...fromFlags(flags) }
  return { ...fromFile(String(given.data?.value ?? SETTINGS.data.default), errors), ...given }
}
