import type { Condition, Explained } from './explained.ts'

const byMessage = ({ message }: Condition, { kind, metadata, port }: Explained): string | undefined => {
  const { name, namespace } = metadata
  if (message === 'No router attached') return `Attach the router: hark serve --router ${namespace}=amqp://HOST.`
  if (/address already in use/i.test(message)) {
    return `End what uses port ${port}, or move the listener: hark update ${kind.toLowerCase()} ${name} -n ${namespace} --port PORT.`
  }
  if (message.startsWith('The router no longer has')) return 'Hark restores the entity by itself within 10 seconds.'
  return undefined
}

const byReason = ({ type, reason }: Condition, { metadata, connectorsHave }: Explained): string => {
  if (reason === 'NotObserved') return 'Start an engine that watches the router, or wait until it has seen it.'
  if (reason === 'RouterUnreachable') {
    return `Check that the router of ${metadata.namespace} runs and that the engine can reach it.`
  }
  if (type === 'Matched' || type === 'Operational') {
    return `Create a connector with ${connectorsHave} at any site, or check the links to the site that has one.`
  }
  if (type === 'Reachable') return 'Check the workload behind the connector, and its host and credentials.'
  if (reason === 'Error') return 'Correct what the message names; Hark retries until the router succeeds.'
  return `Wait until the router confirms generation ${metadata.generation}; if it does not, read its log.`
}

export const advice = (condition: Condition, listener: Explained): string =>
  byMessage(condition, listener) ?? byReason(condition, listener)

/** The first False, else the first Unknown. */
export const decisive = ({ conditions }: Explained): Condition | undefined => {
  const others = conditions.filter(({ type }) => type !== 'Ready')
  return others.find(({ status }) => status === 'False') ?? others.find(({ status }) => status === 'Unknown')
}
