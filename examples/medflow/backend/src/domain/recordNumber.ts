const PATTERN = /^MF-(\d{7})-(\d)$/

/**
 * A patient's record number, with a Luhn check digit (ISO/IEC 7812-1, annex B): a digit mistyped at
 * the front desk must not open somebody else's record.
 */
export function recordNumber(sequence: number): string {
  const digits = String(sequence).padStart(7, "0")
  if (!Number.isInteger(sequence) || sequence < 1 || digits.length > 7) {
    throw new RangeError("record numbers run from 1 to 9999999")
  }
  return `MF-${digits}-${checkDigit(digits)}`
}

export function isRecordNumber(text: string): boolean {
  const [, digits, check] = PATTERN.exec(text) ?? []
  return digits !== undefined && String(checkDigit(digits)) === check
}

function checkDigit(digits: string): number {
  const sum = Array.from(digits, Number)
    .reverse()
    .map((digit, place) => (place % 2 === 0 ? digit * 2 : digit))
    .map((value) => (value > 9 ? value - 9 : value))
    .reduce((total, value) => total + value, 0)
  return (10 - (sum % 10)) % 10
}
