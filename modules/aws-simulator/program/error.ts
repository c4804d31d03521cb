/** What AWS answers instead of a result. */
export class AwsError extends Error {
  readonly code: string
  readonly status: number

  /**
   * @param code AWS's name of the error: the SDK makes its exception's name of it.
   * @param status The HTTP status. The SDK tries again by itself from 500 on, and for throttling codes.
   */
  constructor(code: string, message: string, status = 400) {
    super(message)
    this.name = code
    this.code = code
    this.status = status
  }
}
