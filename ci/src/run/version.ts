/** The version of Slipway that records name. */
export const VERSION = "0.1.0"
