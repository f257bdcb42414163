import { type Management, RouterRefusal } from '../router/amqp/management.ts'

export const MANAGEMENT_OPERATIONS = ['QUERY', 'CREATE', 'UPDATE', 'DELETE'] as const
export const PROBE_RESULTS = ['reached', 'notReached', 'inconclusive'] as const
export type ProbeResult = (typeof PROBE_RESULTS)[number]
type ManagementOperation = (typeof MANAGEMENT_OPERATIONS)[number]

export interface RouterActivity {
  readonly namespace: string
  readonly isDriven: boolean
  readonly isConnected: boolean
  readonly isContested: boolean
  readonly requests: Readonly<Record<ManagementOperation, number>>
  readonly refusals: number
  readonly probes: Readonly<Record<ProbeResult, number>>
  readonly rounds: { readonly count: number; readonly seconds: number }
}

export class Activity implements RouterActivity {
  readonly namespace: string
  isDriven = false
  isConnected = false
  isContested = false
  refusals = 0
  readonly requests = { QUERY: 0, CREATE: 0, UPDATE: 0, DELETE: 0 }
  readonly probes = { reached: 0, notReached: 0, inconclusive: 0 }
  readonly rounds = { count: 0, seconds: 0 }

  constructor(namespace: string) {
    this.namespace = namespace
  }

  countRound(milliseconds: number): void {
    this.rounds.count += 1
    this.rounds.seconds += milliseconds / 1000
  }

  counting(management: Management): Management {
    const counted = <Answer>(operation: ManagementOperation, answer: Promise<Answer>): Promise<Answer> => {
      this.requests[operation] += 1
      answer.catch(error => {
        if (error instanceof RouterRefusal) this.refusals += 1
      })
      return answer
    }
    return {
      query: (type, attributeNames) => counted('QUERY', management.query(type, attributeNames)),
      create: (type, name, attributes) => counted('CREATE', management.create(type, name, attributes)),
      update: (type, name, attributes) => counted('UPDATE', management.update(type, name, attributes)),
      delete: (type, name) => counted('DELETE', management.delete(type, name)),
    }
  }
}
