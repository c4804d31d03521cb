/** The steps in the model: each is cut into notes and effects, as those of `ecs/` are. */
import { chosenAnswer, questionId } from "../../../../modules/deploy/program/core/answers.ts"
import { type Journal, NOT_ROLLED } from "../../../../modules/deploy/program/core/journal.ts"
import { end, replacedBy } from "../../../../modules/deploy/program/core/outcome.ts"
import { mayReturn, returnTarget } from "../../../../modules/deploy/program/core/release.ts"
import {
  bad,
  type Done,
  did,
  ended,
  type StepName,
  skipped,
} from "../../../../modules/deploy/program/core/step.ts"
import { migration, settle } from "./migrate.ts"
import { wantedOf } from "./promises.ts"
import type { Course, Run } from "./run.ts"
import { SECOND } from "./world.ts"

function* rollout(run: Run): Course<Done> {
  for (const name of Object.keys(run.journal().services)) yield* start(run, name)
  const { world } = run
  const { number, services } = run.journal()
  const ours = () => [...world.rollouts].filter(([, { release }]) => release === number)
  for (let turns = 0; ours().length > 0; turns += 1) {
    if (turns > 10) return ended(end("still-running", "the rollout is not complete"))
    if (ours().some(([, { due }]) => due !== null)) yield* run.wait(30 * SECOND)
    else {
      const waits = yield* answered(run)
      if (waits !== null) return waits
    }
  }
  if (run.dice.chance(run.odds().person)) world.meddle(run.dice.chance(0.5) ? "web" : "worker", run.dice)
  return proven(run, services)
}

function* revisions(run: Run): Course<Done> {
  const { world, request } = run
  for (const { name, rollout } of request.environment.services) {
    const { number, services } = run.journal()
    const rolled = services[name] ?? NOT_ROLLED
    if (rolled.revision !== null) continue
    const stays = rollout === "changed" && world.serves(name, wantedOf(request, name))
    const revision = stays ? (world.live[name] ?? null) : `${name}:${number}`
    yield* run.note({ services: { [name]: { ...rolled, revision } } })
  }
  return did("rendered")
}

function* start(run: Run, name: string): Course<void> {
  const { world, dice, odds, request } = run
  const journal = run.journal()
  const { number, before, services } = journal
  const rolled = services[name] ?? NOT_ROLLED
  const { revision } = rolled
  if (rolled.deployment !== null || revision === null) return
  world.promises.runs(request, journal, name, revision)
  if (rolled.intent === null && world.live[name] === revision)
    return yield* run.note({ services: { [name]: { ...rolled, deployment: "d" } } })
  yield* run.note({ services: { [name]: { ...rolled, intent: run.clock() } } })
  const was = mayReturn(world.ledger, before) ? (world.completed[name] ?? null) : null
  yield* run.effect(() => {
    run.changed = true
    world.deploy(name, revision, "us", "forward")
    const bad = dice.chance(odds().bad)
    const due = dice.chance(odds().ask) ? null : world.now + 60 * SECOND
    world.rollouts.set(name, { release: number, revision, was, bad, due })
  })
  yield* run.note({ services: { [name]: { ...rolled, intent: run.clock(), deployment: "d" } } })
}

/** Answers the platform's questions about this release. @returns how the run ends without an answer. */
function* answered(run: Run): Course<Done | null> {
  const { world } = run
  const { number } = run.journal()
  const open = [...world.rollouts].filter(([, { release, due }]) => release === number && due === null)
  if (open.length === 0) return null
  const question = questionId(
    number,
    open.map(([service]) => service),
  )
  const full = run.journal().answers.find((one) => one.answer === "full")
  const noWay = open.some(([, { was }]) => was === null)
  const given = full ?? (yield* answer(run, question, noWay))
  if ("ended" in given) return given
  for (const [service, waiting] of open)
    yield* run.effect(() => {
      run.changed = true
      if (world.rollouts.get(service) === waiting)
        world.answer(service, waiting, given.answer === "rollback" ? "rollback" : "continue")
    })
  return null
}

type Given = Pick<Journal["answers"][number], "answer"> | Extract<Done, { readonly ended: unknown }>

/** As core/answers.ts does. */
function* answer(run: Run, question: string, noWay: boolean): Course<Given> {
  const journal = run.journal()
  const { answers, questions } = journal
  const asking = { ended: end("still-running", "it waits for an answer", { ask: question }) }
  // In the end somebody answers.
  const calm = run.odds().ask === 0
  const asked = calm ? { answers, questions: [{ question, run: "a person" }] } : journal
  const given = calm ? "continue" : run.request.answer
  const { world, request, token } = run
  const chosen = chosenAnswer(asked, question, { ...request, answer: given }, token)
  if (chosen === null && questions.at(-1)?.question !== question)
    yield* run.note({ questions: [...questions, { question, run: `${request.run.id}/${token}` }] })
  if (chosen === null || (chosen.answer === "rollback" && noWay)) return asking
  const tell = () =>
    world.promises.answer(question, chosen.answer, `${request.run.id}/${token}`, request.question !== null)
  if (answers.includes(chosen)) tell()
  else yield* run.note({ answers: [...answers, chosen] }, {}, tell)
  return chosen
}

/** Returns whether all services run what the release means. */
function proven(run: Run, meant: Journal["services"]): Done {
  const { world, dice, odds } = run
  const { before, back } = run.journal()
  for (const [name, { revision }] of Object.entries(meant)) {
    const live = world.live[name]
    if (revision !== null && world.failed.has(revision)) return bad(`${name} did not start`)
    if (revision === null || live === undefined || live === revision) continue
    return back === null && live === before[name]?.revision
      ? bad(`${name} was rolled back`)
      : ended(replacedBy(live, name))
  }
  return dice.chance(odds().bad / 4) ? bad("unhealthy") : did("live")
}

function* health(run: Run, meant: Journal["services"]): Course<Done> {
  const idle = run.dice.chance(run.odds().idle) ? ["worker"] : []
  if (idle.join() !== run.journal().idle.join()) yield* run.note({ idle })
  return proven(run, meant)
}

function* bake(run: Run): Course<Done> {
  const now = proven(run, run.journal().services)
  if (!("did" in now) || !run.dice.chance(run.odds().ask / 2)) return now
  const { world } = run
  const question = questionId(run.journal().number, ["a metric"])
  const given = yield* answer(run, question, !returnTarget(world.ledger, run.journal()).allowed)
  if ("ended" in given) return given
  return given.answer === "rollback" ? bad("a person answered rollback") : proven(run, run.journal().services)
}

function* back(run: Run): Course<Done> {
  for (const [name, rolled] of Object.entries(run.journal().returned)) {
    const { revision } = rolled
    if (revision === null || run.world.live[name] === revision) continue
    yield* run.note({ returned: { [name]: { ...rolled, intent: run.clock() } } })
    yield* run.effect(() => {
      run.changed = true
      run.world.deploy(name, revision, "us")
    })
    yield* run.wait(60 * SECOND)
    if (run.dice.chance(run.odds().bad / 4)) return bad(`${name} did not start again`)
  }
  return did("back")
}

function* terraform(run: Run): Course<Done> {
  const { world, request } = run
  const { done, applying } = run.journal()
  yield* run.note({ applying: true })
  yield* run.effect(() => world.promises.applies(request.release.commit, applying))
  yield* run.note({ done: [...done, "terraform"] }, {}, () => world.promises.applied())
  return did("applied")
}

/** Performs a step. */
export function* step(run: Run, name: StepName): Course<Done> {
  if (name === "gate") {
    run.gated = true
    return did("allowed")
  }
  const journal = run.journal()
  if (journal.done.includes(name)) return skipped("done")
  switch (name) {
    case "settle":
      return yield* settle(run)
    case "migration":
      return yield* migration(run)
    case "revisions":
      return yield* revisions(run)
    case "rollout":
      return yield* rollout(run)
    case "health":
      return yield* health(run, journal.services)
    case "bake":
      return yield* bake(run)
    case "back":
      return yield* back(run)
    case "restored":
      return yield* health(run, journal.returned)
    case "terraform":
      return yield* terraform(run)
    default:
      yield* run.wait(5 * SECOND)
      return did("fine")
  }
}
