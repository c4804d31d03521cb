/** An error response of AWS. */
export class AwsError extends Error {
  readonly code: string
  readonly status: number

  /**
   * @param code error code of AWS, which the SDK uses as the name of its exception.
   * @param status HTTP status. The SDK retries from 500 on, and for throttling codes.
   */
  constructor(code: string, message: string, status = 400) {
    super(message)
    this.name = code
    this.code = code
    this.status = status
  }
}
