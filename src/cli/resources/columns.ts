import { age } from '../output/age.ts'
import type { Column } from '../output/table.ts'
import type { Resource } from './resource.ts'

export const NAME: Column<Resource> = { title: 'NAME', value: ({ metadata }) => metadata.name }

export const NAMESPACE: Column<Resource> = { title: 'NAMESPACE', value: ({ metadata }) => metadata.namespace }

/** What `-o wide` adds for resources of every kind. */
export const MORE: readonly Column<Resource>[] = [
  { title: 'GENERATION', value: ({ metadata }) => metadata.generation },
  { title: 'AGE', value: ({ metadata }) => age(metadata.creationTimestamp) },
  { title: 'UID', value: ({ metadata }) => metadata.uid },
]

/** A resource's status, or that it is gone. */
export const statusText = ({ metadata }: Resource, status: string): string =>
  metadata.deletionTimestamp === undefined ? status : 'Deleted'
