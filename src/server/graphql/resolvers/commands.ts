import { MUTATION_COMMANDS, mutationName } from '../../../../schemas/commands.ts'
import { badUserInput } from '../../../../schemas/errors.ts'
import { namespaceName } from '../../../../schemas/resources/names.ts'
import { toIssues } from '../../../../schemas/validation.ts'
import type { ApplyResult } from '../../../engine/commands/types.ts'
import type { OperationContext } from '../context.ts'
import type { MutationApplyArgs } from '../generated.ts'
import { type CommandInput, commandIdIssues, omitNulls, readCommand } from '../inputs.ts'
import type { CredentialsWarning, ResolverServices } from './shared.ts'

const namespaceIssues = (namespace: string | undefined) => {
  const parsed = namespaceName.optional().safeParse(namespace)
  return parsed.success ? [] : toIssues(parsed.error, ['namespace'])
}

/** A connector uses no client certificate by default. */
const withDefaults = (kind: string, spec: object): object =>
  kind === 'Connector' ? { useClientCert: false, ...spec } : spec

const withWarning = (result: ApplyResult, manifest: unknown, warningFor: CredentialsWarning): ApplyResult => {
  const { spec } = (manifest ?? {}) as { readonly spec?: { readonly tlsCredentials?: unknown } | null }
  const bundle = spec?.tlsCredentials
  if (result.action === 'Skipped' || result.namespace === undefined || typeof bundle !== 'string') return result
  const message = warningFor(result.namespace, bundle, withDefaults(result.kind, spec as object))
  return message === undefined ? result : { ...result, message }
}

export const commandResolvers = ({ engine, credentialsWarning = () => undefined }: ResolverServices) => {
  const command =
    (type: (typeof MUTATION_COMMANDS)[number]) =>
    (_: unknown, { input }: { input: CommandInput }, { caller }: OperationContext) => {
      const { command, ...options } = readCommand(type, input)
      return engine.execute(command, { caller, ...options })
    }

  return {
    Mutation: {
      ...Object.fromEntries(MUTATION_COMMANDS.map(type => [mutationName(type), command(type)])),
      apply: async (_: unknown, { input }: MutationApplyArgs, { caller }: OperationContext) => {
        const { manifests, dryRun = false, ...options } = omitNulls(input)
        const issues = [...namespaceIssues(options.namespace), ...commandIdIssues(options.commandId)]
        if (issues.length > 0) throw badUserInput(issues)
        const results = await engine.apply(manifests, { caller, dryRun, ...options })
        return { results: results.map((result, index) => withWarning(result, manifests[index], credentialsWarning)) }
      },
    },
  }
}
