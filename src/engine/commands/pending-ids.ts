/** The ids of commands that are being done: what each stands for is not in the log yet. */
export class IdsUnderWay {
  readonly #commands = new Map<string, { readonly hash: string; count: number }>()

  /** False where the id stands for another command at this moment. */
  begin(commandId: string, hash: string): boolean {
    const begun = this.#commands.get(commandId)
    if (begun === undefined) this.#commands.set(commandId, { hash, count: 1 })
    else if (begun.hash === hash) begun.count += 1
    else return false
    return true
  }

  end(commandId: string): void {
    const begun = this.#commands.get(commandId)
    if (begun === undefined) return
    begun.count -= 1
    if (begun.count === 0) this.#commands.delete(commandId)
  }
}
