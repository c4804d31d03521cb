/** Questions and their answers: an answer belongs to one question that was asked before, and is noted before it is applied. */
import { createHash } from "node:crypto"
import type { RunContext } from "./context.ts"
import type { Journal } from "./journal.ts"
import { type End, end } from "./outcome.ts"

type Answer = Journal["answers"][number]
type Asked = Pick<Journal, "questions" | "answers">
type Answering = Pick<RunContext["request"], "answer" | "question" | "run">

/** Returns the ID of a question: the same for the same release and subjects. */
export const questionId = (release: number, subjects: readonly string[]): string =>
  createHash("sha256")
    .update(`${release}/${[...subjects].sort().join("/")}`)
    .digest("hex")
    .slice(0, 8)

/** Tells how a question is answered. */
export const answerText = (question: string): string =>
  `run again with \`--answer continue:${question}\` or \`--answer rollback:${question}\``

/** Returns whether a request skips all questions from now on, whichever was asked. */
const skipsAll = ({ answer, question }: Pick<Answering, "answer" | "question">): boolean =>
  answer === "full" && question === null

/**
 * Decides which answer counts for a question: one that was noted before, or that of the request. An answer counts for a
 * question that another run came to: the one that it names, or else the last one. So it is never taken for a question that
 * nobody has read.
 *
 * @param token of the lease: a run has one for each attempt.
 */
export function chosenAnswer(
  { questions, answers }: Asked,
  question: string,
  request: Answering,
  token: number,
): Answer | null {
  const { answer, run } = request
  const known = answers.find((one) => one.question === question)
  if (known !== undefined) return known
  const id = `${run.id}/${token}`
  if (answer === null || answers.some((one) => one.run === id)) return null
  const last = questions.findLast((one) => one.run !== id)?.question
  return skipsAll(request) || (last === question && (request.question ?? last) === question)
    ? { question, answer, by: run.actor, run: id, why: null }
    : null
}

/** Returns whether a request answers the question with which its release waits, or repeats what was answered. */
export const isAnswer = (asked: Asked, request: Answering): boolean =>
  request.answer !== null && asked.questions.length > 0 && unaskedFor(asked, request) === null

/**
 * Returns why nobody asked for the answer of a request: no question is open, or another one; null: it has none, or it is
 * asked for. The same answer given twice counts once.
 *
 * @param asked the release in flight that the request continues; null: none.
 */
export function unaskedFor(asked: Asked | null, request: Answering): string | null {
  const { answer, question } = request
  if (answer === null || skipsAll(request)) return null
  const last = asked?.questions.at(-1)?.question ?? null
  if (asked === null || last === null) return "no question is open"
  if (question !== null && question !== last)
    return `question ${question} is not open; the last one is ${last}`
  const known = asked.answers.find((one) => one.question === last)
  return known === undefined || known.answer === answer
    ? null
    : `${known.by} has answered question ${last} with ${known.answer}`
}

/** Returns the end of a run whose answer nobody asked for. */
export const unasked = (answer: string, why: string): End =>
  end("refused", `nothing to answer with ${answer}: ${why}`, {
    todo: [
      "run again without an answer: it goes on with what was answered, or tells what waits",
      "to go back: `rollback`",
    ],
  })

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
  const journal = book.journal()
  const { answers, questions } = journal
  const token = book.ledger().fence
  const answer = chosenAnswer(journal, question, request, token)
  if (answer === null) {
    const asked = questions.at(-1)?.question === question
    if (!asked)
      await book.note({ questions: [...questions, { question, run: `${request.run.id}/${token}` }] })
    return null
  }
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
