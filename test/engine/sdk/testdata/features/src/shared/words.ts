export const GREETING = "hello"
export const PATTERNS = ["*.log", "skipped"]
export const shout = (text: string): string => text.toUpperCase()
