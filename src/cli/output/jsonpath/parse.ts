type Literal = string | number | boolean

export type Operand = { readonly path: Path } | { readonly literal: Literal }

const COMPARISONS = ['==', '!=', '<=', '>=', '<', '>'] as const
export type Comparison = (typeof COMPARISONS)[number]

export interface Filter {
  readonly left: Operand
  /** Without it, the filter selects items where the left side exists. */
  readonly comparison?: { readonly operator: Comparison; readonly right: Operand }
}

export type Step =
  | { readonly step: 'keys'; readonly keys: readonly (string | number)[] }
  | { readonly step: 'slice'; readonly from?: number; readonly to?: number; readonly by: number }
  | { readonly step: 'all' }
  | { readonly step: 'descendants' }
  | { readonly step: 'filter'; readonly filter: Filter }

export type Path = readonly Step[]

export type Part =
  | { readonly part: 'text'; readonly text: string }
  | { readonly part: 'path'; readonly path: Path }
  | { readonly part: 'range'; readonly path: Path; readonly body: readonly Part[] }

export class JsonPathError extends Error {
  /** @param at index of the character, from 0 */
  constructor(template: string, at: number, what: string) {
    super(`${what} at character ${at + 1} of ${template}`)
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }
const NAME = /(?:\\.|[^\s.,[\](){}$@"'=!<>|&?*:\\])+/y
const NUMBER = /-?\d+(\.\d+)?/y
const INTEGER = /-?\d+/y

class Parser {
  readonly #template: string
  #at = 0

  constructor(template: string) {
    this.#template = template
  }

  parts(inRange: boolean): Part[] {
    const begin = this.#at
    const parts: Part[] = []
    while (this.#at < this.#template.length) {
      if (!this.#take('{')) {
        parts.push({ part: 'text', text: this.#plainText() })
        continue
      }
      this.#skipBlanks()
      if (this.#takeWord('end')) {
        if (!inRange) throw this.#error('{end} without {range}', this.#at - 3)
        this.#close()
        return parts
      }
      parts.push(this.#action())
    }
    if (inRange) throw this.#error('{range} without {end}', begin)
    return parts
  }

  /** The leading dot is optional. */
  barePath(): Path {
    const braced = this.#take('{')
    const path = /[.[$@{]/.test(this.#next) ? this.#path() : this.#steps([this.#name()])
    if (braced) this.#close()
    if (this.#at < this.#template.length) throw this.#error(`unexpected "${this.#next}"`)
    return path
  }

  #action(): Part {
    if (this.#takeWord('range')) {
      this.#skipBlanks()
      const path = this.#path()
      this.#close()
      return { part: 'range', path, body: this.parts(true) }
    }
    const action: Part = this.#isQuote ? { part: 'text', text: this.#quoted() } : { part: 'path', path: this.#path() }
    this.#close()
    return action
  }

  #path(): Path {
    if (!/[.[$@]/.test(this.#next)) throw this.#error(`a path begins with ".", "[", "$" or "@", not ${this.#found()}`)
    if (!this.#take('$')) this.#take('@')
    return this.#steps([])
  }

  #steps(before: readonly Step[]): Step[] {
    const steps = [...before]
    for (;;) {
      if (this.#take('..')) steps.push({ step: 'descendants' }, ...(this.#next === '[' ? [] : [this.#name()]))
      else if (this.#take('.')) {
        const isWhole = steps.length === 0 && !/[^\s})\]=!<>[]/.test(this.#next)
        if (isWhole) continue
        steps.push(this.#name())
      } else if (this.#take('[')) steps.push(this.#bracket())
      else return steps
    }
  }

  #name(): Step {
    if (this.#take('*')) return { step: 'all' }
    const name = this.#match(NAME)
    if (name === undefined) throw this.#error(`a name is missing, found ${this.#found()}`)
    return { step: 'keys', keys: [name.replace(/\\(.)/g, '$1')] }
  }

  #bracket(): Step {
    this.#skipBlanks()
    const step = this.#inBracket()
    this.#skipBlanks()
    if (!this.#take(']')) throw this.#error(`"]" is missing, found ${this.#found()}`)
    return step
  }

  #inBracket(): Step {
    if (this.#take('*')) return { step: 'all' }
    if (this.#take('?(')) return this.#filter()
    const keys: (string | number)[] = []
    do {
      this.#skipBlanks()
      const isQuoted = this.#isQuote
      const key = isQuoted ? this.#quoted() : this.#match(INTEGER)
      if (this.#next === ':' && keys.length === 0) return this.#slice(key)
      if (key === undefined)
        throw this.#error(`an index, a quoted name, "*" or a filter is missing, found ${this.#found()}`)
      keys.push(isQuoted ? key : Number(key))
      this.#skipBlanks()
    } while (this.#take(','))
    return { step: 'keys', keys }
  }

  #slice(first: string | undefined): Step {
    const from = first === undefined ? undefined : Number(first)
    this.#take(':')
    const to = this.#match(INTEGER)
    const by = this.#take(':') ? Number(this.#match(INTEGER) ?? 1) : 1
    if (by < 1) throw this.#error('a step below 1')
    return { step: 'slice', ...(from !== undefined && { from }), ...(to !== undefined && { to: Number(to) }), by }
  }

  #filter(): Step {
    const left = this.#operand()
    const operator = COMPARISONS.find(each => this.#take(each))
    const filter: Filter =
      operator === undefined ? { left } : { left, comparison: { operator, right: this.#operand() } }
    if (!this.#take(')')) throw this.#error(`")" is missing, found ${this.#found()}`)
    return { step: 'filter', filter }
  }

  #operand(): Operand {
    this.#skipBlanks()
    const operand = this.#literalOrPath()
    this.#skipBlanks()
    return operand
  }

  #literalOrPath(): Operand {
    if (this.#isQuote) return { literal: this.#quoted() }
    const number = this.#match(NUMBER)
    if (number !== undefined) return { literal: Number(number) }
    if (this.#takeWord('true')) return { literal: true }
    if (this.#takeWord('false')) return { literal: false }
    if (this.#next !== '@')
      throw this.#error(`a value or a path that begins with "@" is missing, found ${this.#found()}`)
    return { path: this.#path() }
  }

  #quoted(): string {
    const begin = this.#at
    const quote = this.#next
    this.#at += 1
    let text = ''
    while (this.#next !== quote) {
      if (this.#at >= this.#template.length) throw this.#error('a quote without its end', begin)
      const escaped = this.#take('\\')
      text += escaped ? (ESCAPES[this.#next] ?? this.#next) : this.#next
      this.#at += 1
    }
    this.#at += 1
    return text
  }

  #plainText(): string {
    const end = this.#template.indexOf('{', this.#at)
    const text = this.#template.slice(this.#at, end === -1 ? undefined : end)
    this.#at += text.length
    return text
  }

  #close(): void {
    this.#skipBlanks()
    if (!this.#take('}')) throw this.#error(`"}" is missing, found ${this.#found()}`)
  }

  get #isQuote(): boolean {
    return this.#next === '"' || this.#next === "'"
  }

  get #next(): string {
    return this.#template[this.#at] ?? ''
  }

  #found(): string {
    return this.#next === '' ? 'the end' : `"${this.#next}"`
  }

  #take(text: string): boolean {
    if (!this.#template.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }

  #takeWord(word: string): boolean {
    return !/[\w-]/.test(this.#template[this.#at + word.length] ?? '') && this.#take(word)
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#template)?.[0]
    this.#at += found?.length ?? 0
    return found
  }

  #skipBlanks(): void {
    while (this.#next === ' ') this.#at += 1
  }

  #error(what: string, at = this.#at): JsonPathError {
    return new JsonPathError(this.#template, at, what)
  }
}

/** `{range .items[*]}{.metadata.name}{"\n"}{end}` */
export const parseTemplate = (template: string): readonly Part[] => new Parser(template).parts(false)

/** `.spec.port`, `spec.port` or `{.spec.port}` */
export const parsePath = (text: string): Path => new Parser(text).barePath()
