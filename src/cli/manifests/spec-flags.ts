import type { Command } from 'commander'
import { portArgument } from '../options.ts'
import { type ConditionedKind, singular } from '../resources/resource.ts'
import { requiredStrategy, type StrategyFlags } from '../resources/strategy.ts'

export interface SpecFlags extends StrategyFlags {
  readonly routingKey?: string
  readonly host?: string
  readonly selector?: string
  readonly tlsCredentials?: string
  readonly useClientCert?: true
  readonly verifyHostname?: boolean
  readonly exposePodsByName?: true
  readonly includeNotReadyPods?: true
  readonly includeNotReady?: true
  readonly observer?: string
  readonly requireClientCert?: true
}

export const withSpecFlags = (command: Command, kind: ConditionedKind): Command => {
  command.argument('<name>', `the name of the ${singular(kind)}`).addArgument(portArgument(kind.portDescription))
  for (const option of kind.options) command.addOption(option)
  return command
}

type SpecKind = Pick<ConditionedKind, 'hasStrategy'>

export const specOf = ({ hasStrategy }: SpecKind, name: string, port: number, flags: SpecFlags): object => {
  const { routingKey = name, host = name, selector, observer } = flags
  const { tlsCredentials, useClientCert, verifyHostname, exposePodsByName } = flags
  const includeNotReadyPods = flags.includeNotReadyPods ?? flags.includeNotReady
  return {
    ...(hasStrategy ? { strategy: requiredStrategy(flags) } : { routingKey }),
    ...(selector === undefined ? { host } : { selector }),
    port,
    ...(tlsCredentials !== undefined && { tlsCredentials }),
    ...(flags.requireClientCert && { requireClientCert: true }),
    ...(useClientCert && { useClientCert }),
    ...(verifyHostname === false && { verifyHostname }),
    ...(exposePodsByName && { exposePodsByName }),
    ...(includeNotReadyPods && { includeNotReadyPods }),
    ...(observer !== undefined && (hasStrategy ? { observer } : { settings: { observer } })),
  }
}
