import { func, object } from "@dagger.io/dagger"

/** A duck, as another module understands it. */
@object()
export class Mallard {
  private readonly called: string

  constructor(called: string = "Mallory") {
    this.called = called
  }

  @func()
  async quack(times: number): Promise<string> {
    return Array.from({ length: times }, () => `${this.called} quacks`).join(", ")
  }

  @func()
  async name(): Promise<string> {
    return this.called
  }

  @func()
  renamed(to: string): Mallard {
    return new Mallard(to)
  }

  @func()
  async brood(): Promise<Mallard[]> {
    return ["Huey", "Dewey"].map((name) => new Mallard(name))
  }
}
