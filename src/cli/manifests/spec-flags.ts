import type { Command } from 'commander'
import { portArgument } from '../options.ts'
import { type ConditionedKind, singular } from '../resources/resource.ts'

export interface SpecFlags {
  readonly routingKey?: string
  readonly host?: string
  readonly selector?: string
  readonly tlsCredentials?: string
  readonly useClientCert?: true
  readonly verifyHostname?: boolean
  readonly exposePodsByName?: true
  readonly includeNotReadyPods?: true
  readonly observer?: string
}

export const withSpecFlags = (command: Command, kind: ConditionedKind): Command => {
  command.argument('<name>', `the name of the ${singular(kind)}`).addArgument(portArgument(kind.portDescription))
  for (const option of kind.options) command.addOption(option)
  return command
}

export const specOf = (name: string, port: number, flags: SpecFlags): object => {
  const { routingKey = name, host = name, selector, observer } = flags
  const { tlsCredentials, useClientCert, verifyHostname, exposePodsByName, includeNotReadyPods } = flags
  return {
    routingKey,
    ...(selector === undefined ? { host } : { selector }),
    port,
    ...(tlsCredentials !== undefined && { tlsCredentials }),
    ...(useClientCert && { useClientCert }),
    ...(verifyHostname === false && { verifyHostname }),
    ...(exposePodsByName && { exposePodsByName }),
    ...(includeNotReadyPods && { includeNotReadyPods }),
    ...(observer !== undefined && { settings: { observer } }),
  }
}
