/** Causes by name: each room adds its own. The names are the same everywhere: in records, messages and docs. */
// biome-ignore lint/suspicious/noEmptyInterface: rooms merge their causes into it
export interface Causes {}

/** Why there is no result at all. */
export type FaultCode = Exclude<keyof Causes, "passed">

/** Why a stage is red. */
export type Cause = Exclude<FaultCode, "no-project">
