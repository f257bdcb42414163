import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { type Entity, type Management, RouterRefusal } from '../../../src/router/amqp/management.ts'

/** A router in memory: it refuses names that exist, and listeners whose profile it does not have. */
export class MemoryRouter implements Management {
  readonly entities = new Map<string, Entity>()
  readonly creations: string[] = []
  readonly refusals: string[] = []
  readonly deletions: string[] = []
  readonly #answers = new Map<string, readonly Entity[]>()

  #type(name: string): string {
    return (this.entities.get(name) as { type: string }).type
  }

  async query(type: string): Promise<readonly Entity[]> {
    await turn()
    const found = [...this.entities.values()].filter(entity => entity.type === type)
    return this.#shared(
      type,
      found.map(({ type: _, ...entity }) => entity),
    )
  }

  /** Equal answers are one object, as from the client. */
  #shared(type: string, answer: readonly Entity[]): readonly Entity[] {
    const last = this.#answers.get(type)
    if (isDeepStrictEqual(last, answer)) return last as readonly Entity[]
    this.#answers.set(type, answer)
    return answer
  }

  async create(type: string, name: string, attributes: Entity): Promise<Entity> {
    const { sslProfile } = attributes
    const fault = this.entities.has(name)
      ? 'the name exists'
      : sslProfile !== undefined && !this.entities.has(String(sslProfile))
        ? `no profile ${sslProfile}`
        : undefined
    if (fault === undefined) {
      this.entities.set(name, { type, name, ...attributes })
      this.creations.push(name)
    }
    await turn()
    if (fault !== undefined) {
      this.refusals.push(`${name}: ${fault}`)
      throw new RouterRefusal(400, fault)
    }
    return { name, ...attributes }
  }

  async update(): Promise<void> {
    throw new RouterRefusal(400, 'Cannot update')
  }

  async delete(type: string, name: string): Promise<void> {
    const isThere = this.entities.has(name) && this.#type(name) === type
    if (isThere) {
      this.entities.delete(name)
      this.deletions.push(name)
    }
    await turn()
    if (!isThere) throw new RouterRefusal(404, 'not found')
  }
}

const MOST_ROUNDS = 200

/** Answers nothing before the test lets it, and then in order, as a router does. */
export class BusyRouter extends MemoryRouter {
  readonly #waiting: (() => void)[] = []

  get waiting(): number {
    return this.#waiting.length
  }

  async answer(count: number): Promise<void> {
    for (let done = 0; done < count; done += 1) {
      this.#waiting.shift()?.()
      for (let turns = 0; turns < 4; turns += 1) await turn()
    }
  }

  async answerAll(): Promise<void> {
    for (let round = 0; this.waiting > 0; round += 1) {
      assert.ok(round < MOST_ROUNDS, 'requests are sent again and again')
      await this.answer(this.waiting)
    }
  }

  #turn(): Promise<void> {
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  override async query(type: string): Promise<readonly Entity[]> {
    await this.#turn()
    return super.query(type)
  }

  override async create(type: string, name: string, attributes: Entity): Promise<Entity> {
    await this.#turn()
    return super.create(type, name, attributes)
  }

  override async delete(type: string, name: string): Promise<void> {
    await this.#turn()
    return super.delete(type, name)
  }
}
