import { HarkError } from '../../../schemas/errors.ts'
import { labelSelector } from '../../../schemas/resources/label-selector.ts'
import { usageError } from '../errors.ts'
import type { SourceDocument } from './documents.ts'

const labelsOf = (document: unknown): unknown =>
  (document as { readonly metadata?: { readonly labels?: unknown } | null } | null)?.metadata?.labels

export const isSelected = (selector: string): ((document: SourceDocument) => boolean) => {
  try {
    const matches = labelSelector(selector)
    return ({ value }) => matches((labelsOf(value) ?? {}) as Readonly<Record<string, string>>)
  } catch (error) {
    throw error instanceof HarkError ? usageError(error.message) : error
  }
}
