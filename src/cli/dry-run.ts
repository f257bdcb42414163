import { Option } from 'commander'

export interface DryRunOption {
  /** True is from a flag without a value. */
  readonly dryRun?: true | 'server' | 'client' | 'none'
}

export const DRY_RUN = ' (dry run)'

/** As in kubectl, whose `client` validates less: the engine validates both. */
export const DRY_RUN_WORDS = ['server', 'client', 'none'] as const

export const dryRunOption = (description: string): Option =>
  new Option('--dry-run [where]', description).choices(DRY_RUN_WORDS)

export const isDryRun = (dryRun: DryRunOption['dryRun']): boolean => dryRun !== undefined && dryRun !== 'none'
