export interface Logger {
  debug(details: object, message: string): void
  info(details: object, message: string): void
  warn(details: object, message: string): void
  warn(message: string): void
  error(details: object, message: string): void
  fatal(details: object, message: string): void
}
