import * as fs from "node:fs"
import { availableParallelism } from "node:os"
import { parentPort, Worker, workerData } from "node:worker_threads"
import type { Fact } from "./facts.js"
import { factOf } from "./read.js"

/** Fewer files are read before a thread has started. */
const FEW = 500

/** More threads wait for the disk. */
const MOST = 8

/** Reads files of evidence: many by several threads. */
export async function readFiles(files: readonly string[]): Promise<readonly Fact[]> {
  if (files.length < FEW) return files.map(read)
  const count = Math.min(availableParallelism(), MOST)
  const size = Math.ceil(files.length / count)
  const shares = Array.from({ length: count }, (_, index) => files.slice(index * size, (index + 1) * size))
  return (await Promise.all(shares.map(inThread))).flat()
}

function read(file: string): Fact {
  try {
    return factOf(file, fs.readFileSync(file, "utf8"))
  } catch (error) {
    return { kind: "unread", file, why: error instanceof Error ? error.message : String(error) }
  }
}

/** The bundle of the command line runs in the thread: it calls {@link readShare}. */
const inThread = (files: readonly string[]): Promise<readonly Fact[]> =>
  new Promise((resolve, reject) => {
    new Worker(new URL(import.meta.url), { workerData: files })
      .on("message", resolve)
      .on("error", reject)
      .on("exit", (code) => reject(new Error(`a thread that reads evidence ended with ${code}`)))
  })

/** Reads the files of this thread, for {@link readFiles}. @returns the exit code. */
export function readShare(): number {
  const files: readonly string[] = workerData
  parentPort?.postMessage(files.map(read))
  return 0
}
