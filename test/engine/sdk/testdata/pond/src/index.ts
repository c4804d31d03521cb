import { dag, func, object } from "@dagger.io/dagger"

/** Brings the ducks of one module to the functions of another. */
@object()
export class Pond {
  @func()
  listen(): Promise<string> {
    return dag.features().listen(dag.mallard())
  }

  @func()
  listenAll(): Promise<string[]> {
    return dag.features().listenAll([dag.mallard(), dag.mallard({ called: "Drake" })])
  }

  @func()
  passedBack(): Promise<string> {
    return dag.features().same(dag.mallard()).quack(3)
  }

  @func()
  renamed(): Promise<string> {
    return dag.features().renamedDuck(dag.mallard())
  }

  @func()
  brood(): Promise<string[]> {
    return dag.features().broodOf(dag.mallard())
  }

  @func()
  async otherModule(): Promise<string> {
    const person = dag.features({ prefix: "hi" }).person("Eve", { age: 4 }).older(2)
    return `${await person.introduce()} ${await person.half()}`
  }
}
