import { computed, signal } from '@preact/signals'
import type { ViewerQuery } from './generated.ts'

export type Permission = 'read' | 'change' | 'audit'

export const viewer = signal<ViewerQuery['viewer'] | undefined>(undefined)

/** With events that the viewer may read, sorted. */
export const namespaces = signal<readonly string[]>([])

export const addNamespace = (namespace: string): void => {
  const known = namespaces.peek()
  if (!known.includes(namespace)) namespaces.value = [...known, namespace].sort()
}

/** Namespaces in which the viewer has a permission: null for all, empty for none. */
export const namespacesWith = (permission: Permission): readonly string[] | null => {
  const held = viewer.value?.permissions.find(each => each.permission === permission)
  return held === undefined ? [] : (held.namespaces ?? null)
}

/** One entry for each query to be sent; with a namespace where not all may be read. */
export const namespaceArguments = computed<readonly { readonly namespace?: string }[]>(
  () => namespacesWith('read')?.map(namespace => ({ namespace })) ?? [{}],
)
