import { Argument, InvalidArgumentError } from 'commander'

const HIGHEST = 65_535

export const port = (text: string): number => {
  const number = Number(text)
  if (!/^\d+$/.test(text) || number < 1 || number > HIGHEST) {
    throw new InvalidArgumentError('It is to be a port, 1 to 65535.')
  }
  return number
}

export const portArgument = (description: string): Argument => new Argument('<port>', description).argParser(port)
