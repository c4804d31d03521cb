/** Questions and their answers: an answer belongs to one question, and is noted before it is applied. */
import { createHash } from "node:crypto"
import type { RunContext } from "./context.ts"
import type { Journal } from "./journal.ts"
import { type End, end } from "./outcome.ts"

type Answer = Journal["answers"][number]

/** Returns the ID of a question: the same for the same release and subjects. */
export const questionId = (release: number, subjects: readonly string[]): string =>
  createHash("sha256")
    .update(`${release}/${[...subjects].sort().join("/")}`)
    .digest("hex")
    .slice(0, 8)

/**
 * Decides which answer counts for a question: one that was noted before, or that of the request. A run answers one
 * question, so that an answer is never taken for the next question.
 *
 * @param token of the lease: a run has one for each attempt.
 */
export function chosenAnswer(
  answers: readonly Answer[],
  question: string,
  { answer, question: meant, run }: Pick<RunContext["request"], "answer" | "question" | "run">,
  token: number,
): Answer | null {
  const known = answers.find((one) => one.question === question)
  if (known !== undefined) return known
  const id = `${run.id}/${token}`
  if (answer === null || (meant !== null && meant !== question)) return null
  return meant === null && answers.some((one) => one.run === id)
    ? null
    : { question, answer, by: run.actor, run: id, why: null }
}

/**
 * Returns the answer to a question, noted before it is applied; null: someone must answer. An answer that cannot be
 * followed is not noted, so that another one can be given.
 *
 * @param noWay why no rollback is allowed; null: it is.
 */
export async function answerFor(
  context: RunContext,
  question: string,
  noWay: string | null,
): Promise<Answer | { readonly ended: End } | null> {
  const { book, request, reporter } = context
  const { answers } = book.journal()
  const answer = chosenAnswer(answers, question, request, book.ledger().fence)
  if (answer === null) return null
  if (answer.answer === "rollback" && noWay !== null) return { ended: unanswerable(question, noWay) }
  if (answers.includes(answer)) return answer
  await book.note({ answers: [...answers, answer] })
  reporter.audit("answer", { question, answer: answer.answer, by: answer.by })
  return answer
}

/** Returns the end of a run that answers `rollback` where no rollback is allowed. */
const unanswerable = (question: string, reason: string): End =>
  end("still-running", `question ${question} cannot be answered with rollback: ${reason}`, {
    ask: `Continue? (question ${question})`,
    todo: ["run again with `--answer continue`, or deploy a newer commit that works with the current schema"],
  })
