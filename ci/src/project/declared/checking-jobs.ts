import type { Declared, Job } from "./found.js"
import { testsIn } from "./languages.js"

const APART_JOB = /deploy|release|publish|preview|docs|pages|canary|changeset/i

/** Returns the jobs of the team's CI that check the code: others deploy, release or show it. A file that tests does more than that. */
export function checkingJobs({ jobs }: Pick<Declared, "jobs">): readonly Job[] {
  const checking = jobs.filter(({ name }) => !APART_JOB.test(name))
  const testing = checking.filter((job) => testsIn(job).length > 0).map(({ file }) => file)
  return checking.filter(({ file }) => !APART_JOB.test(file) || testing.includes(file))
}
