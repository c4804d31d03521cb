import { func, object } from "@dagger.io/dagger"

@object()
export class Broken {
  @func()
  hello(value: Missing): string {
    return String(value)
  }
}
